"""Remembers the last export of each project."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from PySide6.QtCore import QObject, Signal

from nameplate.formats.export_format import CsvColumns, ExportOptions
from nameplate.ui.opening.project_files import ProjectFiles
from nameplate.ui.services import Services

if TYPE_CHECKING:
    from nameplate.pipeline.exporting import ExportRequest

_KEY: Final = "export/last"
_COLUMNS: Final = "export/columns"
_MOST: Final = 30
"""Projects; those that were not exported for the longest time are forgotten."""


class ExportMemory(QObject):
    """The last export of each project, in the window's settings.

    Signals:
        changed: The open project was exported.
    """

    changed = Signal()

    def __init__(self, services: Services, files: ProjectFiles) -> None:
        super().__init__(services.owner)
        self._owner, self._settings, self._files = services.owner, services.settings, files
        files.moved.connect(self._follow)

    @property
    def is_current(self) -> bool:
        """Whether nothing was done since the last export of the open project."""
        match self._all().get(str(self._files.path)):
            case {"step": int(step)}:
                return step == self._owner.project.history.last_number
            case _:
                return False

    def last(self) -> "ExportRequest | None":
        """Return the last export of the open project; None where there was none."""
        from nameplate.formats.registry import FORMATS  # noqa: PLC0415 - these take a while
        from nameplate.pipeline.exporting import ExportRequest  # noqa: PLC0415

        match self._all().get(str(self._files.path)):
            case {"format": str(chosen), "path": str(path)} as values if chosen in FORMATS:
                return ExportRequest(
                    FORMATS[chosen],
                    options_of_json(values.get("options")),
                    Path(path),
                    written=_texts(values.get("written")),
                )
            case _:
                return None

    def usual_options(self) -> ExportOptions:
        """Return what a first export begins with: the columns of the last CSV of any project."""
        columns = CsvColumns.LABEL
        with suppress(ValueError):
            columns = CsvColumns(self._settings.value(_COLUMNS))
        return ExportOptions(csv_columns=columns)

    def remember(self, request: "ExportRequest", step: int) -> None:
        """Remember an export of the open project, as it was after the step of this number."""
        self._keep(
            {
                "format": request.format.id,
                "path": str(request.path),
                "options": options_as_json(request.options),
                "written": dict(request.written),
                "step": step,
            },
            self._files.path,
        )
        if "csv_columns" in request.format.options:
            self._settings.setValue(_COLUMNS, request.options.csv_columns.value)
        self.changed.emit()

    def _follow(self, before: Path, now: Path) -> None:
        """Note that a project was moved to another file."""
        if (values := self._all().get(str(before))) is not None:
            self._keep(values, now)

    def _keep(self, values: object, file: Path) -> None:
        project = str(file)
        kept = {key: value for key, value in self._all().items() if key != project}
        latest = list((kept | {project: values}).items())[-_MOST:]
        self._settings.setValue(_KEY, json.dumps(dict(latest)))

    def _all(self) -> dict[str, Any]:
        try:
            found = json.loads(str(self._settings.value(_KEY) or "{}"))
        except ValueError:
            return {}
        return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _texts(values: object) -> Mapping[str, str]:
    if not isinstance(values, dict):
        return {}
    items = cast("dict[object, object]", values).items()
    return {key: value for key, value in items if isinstance(key, str) and isinstance(value, str)}


def options_as_json(options: ExportOptions) -> dict[str, Any]:
    """Return options as JSON values."""
    values = asdict(options)
    return {name: one.value if isinstance(one, Enum) else one for name, one in values.items()}


def options_of_json(values: object) -> ExportOptions:
    """Return the options from values of `options_as_json`; invalid ones have their defaults."""
    from nameplate.formats.labels_csv import COLUMNS  # noqa: PLC0415 - features fill it

    usual, given = asdict(ExportOptions()), dict[str, Any]()
    for name, value in cast("dict[str, Any]", values if isinstance(values, dict) else {}).items():
        match usual.get(name):
            case Enum() as of_kind:
                with suppress(ValueError):
                    given[name] = type(of_kind)(value)
            case tuple():
                if isinstance(value, list):
                    given[name] = tuple(one for one in COLUMNS if one in value)
            case of_kind if of_kind is not None and type(value) is type(of_kind):
                given[name] = value
            case _:
                continue
    return ExportOptions(**given)
