"""Projects of pictures with labels, for tests of what is delivered."""

import sys
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nameplate.domain.changes import SetConcepts, SetLabels, Settings
from nameplate.domain.concepts import Concept, clean_name
from nameplate.domain.errors import UsageError
from nameplate.domain.images import contents_of
from nameplate.domain.labels import DecidedBy, ReviewState, labels_of
from nameplate.formats.export_format import ExportFormat, ExportOptions, ExportReport, ExportTask
from nameplate.formats.label_export import LabelExport
from nameplate.formats.registry import FORMATS
from nameplate.project.project import Project
from nameplate.scoring.suggestions import Suggestions
from nameplate.system.file_status import content_key
from nameplate.wording.texts import what_of
from project_help import PLAIN, TEST

JPEG = b"\xff\xd8\xff"
"""What makes a file a picture where none is decoded."""


def is_name(text: str) -> bool:
    """Return whether a text can be a name as it is."""
    try:
        return clean_name(text) == text
    except UsageError:
        return False


def project_of(
    labels: Mapping[Path, Sequence[str]], *, by_person: bool = True, reads_contents: bool = True
) -> Project:
    """Return a project of pictures that have labels; an empty list is no label."""
    project = Project(Settings(PLAIN, is_multi=True))
    names = list(dict.fromkeys(name for of in labels.values() for name in of))
    concepts = tuple(Concept(key, name) for key, name in enumerate(names))
    project.apply(SetConcepts(concepts), TEST)
    project.add_images(project.to_add(labels))
    for row, path in enumerate(project.images.paths):
        give(project, row, labels[path], by_person=by_person)
    if reads_contents:
        contents = contents_of([content_key(path) for path in project.images.paths])
        project.record_contents(np.arange(len(contents)), contents)
    return project


def give(project: Project, row: int, labels: Sequence[str], *, by_person: bool = True) -> None:
    """Give an image labels, by their names."""
    if not labels:
        return
    key = {concept.name: concept.key for concept in project.concepts}
    code = np.array([project.labels.sets.code_of([key[name] for name in labels])], np.int32)
    by = DecidedBy.PERSON if by_person else DecidedBy.AUTO
    state = ReviewState.CORRECTED if by_person else ReviewState.SUGGESTED
    given = labels_of(code, by, state, decided_at=7)
    project.apply(SetLabels(project.images.ids[[row]], given), TEST)


def labels_in(project: Project) -> dict[str, list[str]]:
    """Return the names that each image is labelled with, sorted, by its path."""
    names = {concept.key: concept.name for concept in project.concepts}
    return {
        str(path): sorted(names[key] for key in project.labels.members(row))
        for row, path in enumerate(project.images.paths)
    }


def task_of(project: Project, **options: object) -> ExportTask:
    """Return the task to deliver a project, with fields of `ExportOptions`."""
    export = replace(
        LabelExport.of(project.images, project.labels, project.concepts, Suggestions(), what_of),
        model="m",
        templates="t",
        first_images=project.first_images,
        is_read=False,
    )
    return ExportTask(export, ExportOptions(**options))


def deliver(project: Project, format_id: str, to: Path, **options: object) -> ExportReport:
    """Write a project in a format."""
    task, chosen = task_of(project, **options), FORMATS[format_id]
    return chosen.write(task, output_of(project, chosen, to))


def output_of(project: Project, chosen: ExportFormat, to: Path):
    return chosen.output(to, images=project.images.paths.texts)


@contextmanager
def full_disk(size: int):
    """Let no file grow beyond some bytes.

    Python does not see that what it compiles is cut short by that, and would fail from then on.
    """
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONDONTWRITEBYTECODE", "1")
        patch.setattr(sys, "dont_write_bytecode", True)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
