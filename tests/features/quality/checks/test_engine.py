"""What the engine does with random checks: steps, the file, learning; and without the feature."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from features.quality.quality_help import Folder
from features.quality.steps import STEPS, state_of, take
from nameplate.features.quality import FEATURE
from nameplate.features.quality.checks.checking import begin
from nameplate.features.quality.facts import ATTEMPTS
from nameplate.pipeline.learning.decisions import to_learn
from nameplate.project import facts
from nameplate.project.file import read, store
from nameplate.project.file.autosave import ProjectFile
from nameplate.project.label_changes import label
from nameplate.scoring.suggestions import Suggestions
from project_help import Opened, reopened, try_reopening, try_undo

CORPUS = Path(__file__).parents[3] / "corpus" / "projects"


@given(st.lists(STEPS, max_size=12))
def test_whatever_was_done_can_be_undone_and_done_again(steps):
    try_undo(steps, take, state_of)


@given(st.lists(STEPS, max_size=10))
@example([("label", [0, 1], 0), ("begin checks",), ("delete", 0), ("check", True)])
@example([("label", [0, 1], 0), ("begin checks",), ("mark", 1, -1), ("check", False)])
def test_what_was_done_is_there_after_reopening_and_undo_goes_on(tmp_path_factory, steps):
    path = tmp_path_factory.mktemp("project") / "p.nameplate"
    try_reopening(path, steps, take, state_of)


def test_without_the_feature_checks_are_kept_and_undone_and_attempts_stay(tmp_path, monkeypatch):
    folder, path = Folder(100), tmp_path / "a.nameplate"
    with closing(store.create(path, folder.project)) as db:
        taken = []
        folder.project.on_step = taken.append
        folder.begin()
        folder.check_page()
        store.write(db, path, taken, folder.project.labels)
    before, attempts = state_of(folder.project), folder.project.fact(ATTEMPTS)

    others = {name: one for name, one in facts.declared().items() if one[1] is not FEATURE}
    with monkeypatch.context() as without:
        for module in (facts, read):
            without.setattr(module, "declared", lambda: others)
        file = ProjectFile.open(path)
        steps = len(file.project.history.done)
        while file.project.history.done:
            file.project.undo()
        assert file.project.facts["random check"] is None
        assert file.close()
        file = ProjectFile.open(path)
        for _ in range(steps):
            file.project.redo()
        assert file.close()
    again = reopened(path)
    assert state_of(again) == before
    while again.history.done:
        again.undo()
    assert again.fact(ATTEMPTS) == attempts


def test_checks_teach_as_any_decision_does():
    """The labels are certified, and these do not follow from what is learned later."""
    folder = Folder(100)
    project = folder.project
    for row in range(100):
        folder.opened.embed(row, row % 2)
    folder.begin()
    assert not len(to_learn(project, project.concepts).rows)
    folder.check_page()
    taught = set(project.images.ids[to_learn(project, project.concepts).rows].tolist())
    assert taught == {one.image for one in folder.check.checks}
    assert folder.why is None


def test_what_an_earlier_version_certified_is_kept_untouched(tmp_path):
    path = tmp_path / "a.nameplate"
    shutil.copyfile(CORPUS / "version-4.nameplate", path)
    before = facts_in(path)
    assert before.keys() == {"promise", "checks", "tries", "marks"}
    file = ProjectFile.open(path)
    project = file.project
    rows = np.flatnonzero(~project.images.is_removed)[:2]
    opened = Opened(project, Suggestions())
    opened.suggestions.grow(len(project.images))
    opened.do(label(project, rows, project.concepts[0].key, opened.now))
    step = begin(project, 1)
    assert next(iter(step.change.changes[0].value.values())) == 2
    project.apply(step.change, step.title)
    assert file.close()
    assert facts_in(path) == before


def facts_in(path):
    """Return the values, as they stand in the file, of what an earlier version kept."""
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT name, value FROM facts").fetchall()
    return {name: one for name, one in rows if name in ("promise", "checks", "tries", "marks")}
