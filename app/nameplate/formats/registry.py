"""The formats that labels can be exported in, for window and command line."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from nameplate.formats.label_export import LabelExport
from nameplate.formats.outputs import LABELS, Kind, Output


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A format of labels.

    Attributes:
        id: Its name on the command line.
        title: Its name in the window.
        ending: Of its files, with the dot.
        kind: What an earlier file must be to be replaced unasked.
        write: Writes the labels, whole or not at all; with `all_scores` the probabilities of all
            concepts too, where the format has a place for them.
    """

    id: str
    title: str
    ending: str
    kind: Kind
    write: Callable[[LabelExport, Output, bool], None]


CSV: Final = ExportFormat("csv", "CSV", ".csv", LABELS, LabelExport.write)

FORMATS: Final[Mapping[str, ExportFormat]] = {one.id: one for one in (CSV,)}
"""By id; the first one is the usual one."""
