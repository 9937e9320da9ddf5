"""Reads what was exported back, for tests of formats."""

from pathlib import Path

from nameplate.features.exchange.import_reader import ImportReader
from nameplate.formats.import_format import ImportOptions
from nameplate.formats.registry import IMPORTS
from nameplate.project.project import Project


def read_back(project: Project, source: Path, format_id: str) -> dict[str, list[str]]:
    """Return the labels that a file or folder gives images of a project, as `labels_in` does."""
    events = ImportReader(project).read(source, IMPORTS[format_id], ImportOptions())
    *_, plan = events
    paths = dict(zip(project.images.ids.tolist(), map(str, project.images.paths), strict=True))
    names = [sorted(plan.sets[code]) for code in plan.labels["concepts"].tolist()]
    return {paths[key]: of for key, of in zip(plan.ids.tolist(), names, strict=True)}
