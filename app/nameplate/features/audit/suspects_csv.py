"""The CSV of labels that may be wrong."""

from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from nameplate.domain.messages import Message
from nameplate.formats.csv import neutral, number, write_rows
from nameplate.formats.outputs.output import Kind
from nameplate.system.opening import open_regular


class Suspect(NamedTuple):
    """A given label that may be wrong.

    Attributes:
        path: Of the image, for people.
        given: Its label.
        suggested: What it shows most probably.
        doubt: The probability that the label is wrong.
        reason: As `Reason`.
    """

    path: str
    given: str
    suggested: str
    doubt: float
    reason: str


def write_suspects(stream: BinaryIO, suspects: Iterable[Suspect]) -> None:
    """Write labels that may be wrong, in the given order."""
    rows = ([*map(neutral, one[:3]), number(one.doubt), one.reason] for one in suspects)
    write_rows(stream, chain([list(Suspect._fields)], rows))


def _is_suspects(path: Path) -> bool:
    header = ",".join(Suspect._fields).encode()
    with open_regular(path) as stream:
        return stream.read(len(header) + 2).rstrip(b"\r\n") == header


SUSPECTS: Final = Kind(Message("suspects-csv"), _is_suspects)
