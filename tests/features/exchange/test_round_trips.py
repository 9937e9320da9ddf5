"""What is exported comes back on import, in every format that has both directions."""

import os
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from exchange_help import JPEG, is_name
from nameplate.domain.changes import SetConcepts, SetLabels, Settings
from nameplate.domain.concepts import Concept
from nameplate.domain.labels import DecidedBy, ReviewState, labels_of
from nameplate.features.exchange.import_plan import ImportPlan
from nameplate.features.exchange.import_reader import ImportReader
from nameplate.features.exchange.importing import import_change
from nameplate.formats.export_format import ExportOptions, ExportTask
from nameplate.formats.import_format import ImportOptions
from nameplate.formats.label_export import LabelExport
from nameplate.formats.outputs.sidecar_output import BESIDE_PICTURES
from nameplate.formats.registry import FORMATS, IMPORTS, import_format_of
from nameplate.project.project import Project
from nameplate.scoring.suggestions import Suggestions
from nameplate.wording.texts import what_of
from project_help import PLAIN, TEST

BOTH = [name for name in FORMATS if name in IMPORTS]
ONLY_DECIDED = ("xmp",)
PERSONS = DecidedBy.PERSON, ReviewState.CORRECTED
CORRECTED = ReviewState.CORRECTED

NASTY = (
    "a | b", "=1+1", "'=x", "@cmd", "-x", "../x", "CON", "a/b", "🐈\u200d⬛", "x" * 200,
    "<&>\"'", "|", "\\", "a\\|", "null", "Ä", "ß", ",", ";", '"', "#", "]]>", "&amp;", "\u202eabc",
    "dots...", "train", "_unlabelled", "con.txt", "aux.", "é", "STRASSE", "1.0", "é" * 150, ".x",
)  # fmt: skip


CLEAN = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9).filter(is_name)
NAMES = st.lists(
    st.sampled_from(NASTY) | CLEAN, min_size=1, max_size=4, unique_by=lambda name: name.casefold()
)
IN_NO_FILE = set('<>:"/\\|?*' if os.name == "nt" else "/")
FILES = st.text(
    st.sampled_from("ab =,;|'\"#%&+äß🐈<>") | st.characters(exclude_categories=["Cs", "Cc", "Cn"]),
    min_size=1,
    max_size=9,
).filter(lambda name: not IN_NO_FILE & set(name) and name.strip(". ") == name and is_name(name))
DECISIONS = st.lists(
    st.tuples(
        FILES,
        st.sets(st.integers(0, 3), max_size=3),
        st.sampled_from(
            [
                (DecidedBy.NOBODY, ReviewState.UNLABELLED),
                (DecidedBy.AUTO, ReviewState.SUGGESTED),
                (DecidedBy.PROBE, ReviewState.SUGGESTED),
                (DecidedBy.GIVEN, ReviewState.SUGGESTED),
                (DecidedBy.PERSON, ReviewState.ACCEPTED),
                (DecidedBy.PERSON, ReviewState.CORRECTED),
                (DecidedBy.PERSON, ReviewState.SKIPPED),
            ]
        ),
    ),
    max_size=5,
    unique_by=lambda one: one[0].casefold(),
)


def project_in(folder: Path, names, decisions) -> Project:
    project = Project(Settings(PLAIN, is_multi=True))
    concepts = tuple(Concept(i, name) for i, name in enumerate(names))
    project.apply(SetConcepts(concepts), TEST)
    paths = [folder / ("in" if i % 2 else "") / f"{one[0]}.jpg" for i, one in enumerate(decisions)]
    for number, path in enumerate(paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(JPEG + b"%d" % number)
    project.add_images(project.to_add(paths))
    for row, (_, members, (by, state)) in enumerate(decisions):
        has_none = by == DecidedBy.NOBODY or state == ReviewState.SKIPPED
        keys = [] if has_none else [key for key in members if key < len(names)]
        if not keys and by in (DecidedBy.AUTO, DecidedBy.PROBE, DecidedBy.GIVEN):
            continue
        code = np.array([project.labels.sets.code_of(keys)], np.int32)
        project.apply(
            SetLabels(project.images.ids[[row]], labels_of(code, by, state, decided_at=7)), TEST
        )
    return project


def labels_in(project: Project, name: str = ""):
    """Return the labels of each image, as far as a format can hold them: names, who, state."""
    names = {one.key: one.name for one in project.concepts}
    found = {}
    for row, path in enumerate(project.images.paths):
        by, state = project.labels.decided_by[row], project.labels.states[row]
        if by != DecidedBy.NOBODY and (by == DecidedBy.PERSON or name not in ONLY_DECIDED):
            found[str(path)] = sorted(names[k] for k in project.labels.members(row)), by, state
    return found


def exported(project: Project, name: str, out: Path, **options: object) -> Path:
    export = replace(
        LabelExport.of(project.images, project.labels, project.concepts, Suggestions(), what_of),
        model="m",
        templates="t",
        first_images=project.first_images,
        is_read=False,
    )
    chosen = FORMATS[name]
    target = BESIDE_PICTURES if name == "xmp" else out / f"labels{chosen.ending}"
    report = chosen.write(
        ExportTask(export, ExportOptions(unlabelled=True, **options)), chosen.output(target)
    )
    assert not report.problems
    return target


def imported(project: Project, source: Path, name: str) -> ImportPlan:
    *_, plan = ImportReader(project).read(source, IMPORTS[name], ImportOptions())
    project.apply(import_change(project, plan, at=1).change, TEST)
    return plan


@pytest.mark.parametrize("name", BOTH)
@given(names=NAMES, decisions=DECISIONS)
@example(names=NASTY, decisions=[(f"p{i}", {i}, PERSONS) for i in range(len(NASTY))])
def test_the_same_labels_come_back_with_who_decided(name, names, decisions):
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "pictures")
        folder.mkdir()
        before = project_in(folder, names, decisions)
        source = exported(before, name, Path(place))
        source = folder if source == BESIDE_PICTURES else source
        after = Project(Settings(PLAIN))
        after.add_images(after.to_add(before.images.paths))
        if labels := labels_in(before, name):
            assert import_format_of(source).id == name
        plan = imported(after, source, name)
        assert not plan.problem_count, plan.problems
        assert labels_in(after) == labels


def test_every_format_with_both_directions_is_tried():
    assert set(FORMATS) - set(BOTH) == {"exiftool"}
