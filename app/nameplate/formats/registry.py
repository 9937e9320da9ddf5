"""The formats that labels are exported in and imported from, for window and command line."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from nameplate.domain.errors import UsageError
from nameplate.formats.exchange.any_csv import ANY_CSV
from nameplate.formats.exchange.class_folders import CLASS_FOLDERS
from nameplate.formats.exchange.contact_sheet import HTML
from nameplate.formats.exchange.fiftyone import FIFTYONE, READ_FIFTYONE
from nameplate.formats.exchange.folders import FOLDERS, ULTRALYTICS
from nameplate.formats.exchange.imagefolder import IMAGEFOLDER, READ_IMAGEFOLDER
from nameplate.formats.exchange.json_lines import JSONL, READ_JSONL
from nameplate.formats.exchange.label_studio import LABEL_STUDIO, READ_LABEL_STUDIO
from nameplate.formats.exchange.labels_csv import CSV, READ_CSV
from nameplate.formats.exchange.megadetector import MEGADETECTOR, READ_MEGADETECTOR
from nameplate.formats.exchange.parquet import PARQUET, READ_PARQUET
from nameplate.formats.exchange.xmp import READ_XMP, XMP
from nameplate.formats.export_format import ExportFormat, by_id
from nameplate.formats.import_format import ImportFormat
from nameplate.formats.import_format import by_id as imports_by_id
from nameplate.system.failures import printable, reason_of

FORMATS: Final[Mapping[str, ExportFormat]] = by_id(
    CSV,
    JSONL,
    LABEL_STUDIO,
    IMAGEFOLDER,
    FOLDERS,
    ULTRALYTICS,
    FIFTYONE,
    XMP,
    MEGADETECTOR,
    HTML,
    PARQUET,
)
"""By id; the first one is the usual one."""

IMPORTS: Final[Mapping[str, ImportFormat]] = imports_by_id(
    READ_CSV,
    READ_JSONL,
    READ_LABEL_STUDIO,
    READ_MEGADETECTOR,
    READ_PARQUET,
    READ_IMAGEFOLDER,
    READ_FIFTYONE,
    READ_XMP,
    CLASS_FOLDERS,
    ANY_CSV,
)
"""By id; the first one that fits a file is tried."""


def import_format_of(path: Path) -> ImportFormat:
    """Return the format that a file or folder looks like.

    Raises:
        UsageError: It looks like none, is not there, or cannot be read.
    """
    where = printable(str(path))
    try:
        if not path.exists():
            raise UsageError("file-not-there", where=where)
        for one in IMPORTS.values():
            if one.fits(path):
                return one
    except OSError as error:
        raise UsageError("unreadable-text", where=where, reason=reason_of(error)) from error
    except ValueError as error:  # a NUL in the path
        raise UsageError("given-no-path", where=where) from error
    raise UsageError("no-import-format", where=where, formats=tuple(IMPORTS))
