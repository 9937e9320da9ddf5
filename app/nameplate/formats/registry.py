"""The formats that labels are exported in and imported from, for window and command line.

CSV and other tables are the program's own; features declare the others.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeVar

from nameplate.domain.errors import UsageError
from nameplate.formats.any_csv import ANY_CSV
from nameplate.formats.export_format import OPTIONS, ExportFormat
from nameplate.formats.import_format import ImportFormat
from nameplate.formats.labels_csv import COLUMNS, CSV, READ_CSV
from nameplate.plug_ins.failures import contained
from nameplate.plug_ins.registry import named
from nameplate.system.failures import reason_of

_Format = TypeVar("_Format", ExportFormat, ImportFormat)
_ALL: Final = (CSV, READ_CSV, *named("formats"), ANY_CSV)


def _by_id(kind: type[_Format]) -> Mapping[str, _Format]:
    found = dict[str, _Format]()
    for one in _ALL:
        if isinstance(one, kind):
            found.setdefault(one.id, one)
    return found


FORMATS: Final = _by_id(ExportFormat)
"""By id; the first one is the usual one."""

IMPORTS: Final = _by_id(ImportFormat)
"""By id; the first one that fits a file is tried."""


def options_of(chosen: ExportFormat) -> list[tuple[str, str]]:
    """Return flag and help of each option of a format."""
    found = [(of.flag, of.help) for name, of in OPTIONS.items() if name in chosen.options]
    columns = COLUMNS.values() if "columns" in chosen.options else ()
    return [*found, *((column.flag, column.help) for column in columns)]


def import_format_of(path: Path) -> ImportFormat:
    """Return the format that a file or folder looks like.

    Raises:
        UsageError: It looks like none, is not there, or cannot be read.
    """
    try:
        if not path.exists():
            raise UsageError("file-not-there", where=path)
        for one in IMPORTS.values():
            with contained(one.fits.__module__):
                if one.fits(path):
                    return one
    except OSError as error:
        raise UsageError("unreadable-text", where=path, reason=reason_of(error)) from error
    except ValueError as error:  # a NUL in the path
        raise UsageError("given-no-path", where=path) from error
    raise UsageError("no-import-format", where=path, formats=tuple(IMPORTS))
