"""The formats that labels can be exported in, for window and command line."""

from collections.abc import Mapping
from typing import Final

from nameplate.formats.exchange.class_folders import FOLDERS, ULTRALYTICS
from nameplate.formats.exchange.labels_csv import CSV
from nameplate.formats.export_format import ExportFormat, by_id

FORMATS: Final[Mapping[str, ExportFormat]] = by_id(CSV, FOLDERS, ULTRALYTICS)
"""By id; the first one is the usual one."""
