"""Labels as read from a file, before they are matched with images."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from nameplate.domain.messages import Message


class LabelRecord(NamedTuple):
    """The record of one image in a file; a tuple, since files may have millions.

    Attributes:
        row: The number of its line or record, from 1; for messages.
        path: The path of the image in the file, `/`-separated, relative or absolute.
        labels: Names, not cleaned; empty for none.
        decided_by: `auto`, `person` or `probe`; empty if not in the file.
        state: A review state; empty if not in the file.
        decided_at: Milliseconds since 1970, UTC; 0 if not in the file.
        probability: Of the first label; None if not in the file.
        model: The model that decided; empty if not in the file.
        size: Bytes of the image's content; -1 if not in the file.
        digest: 32 hexadecimal digits of the BLAKE2b hash of its content; empty if not in the file.
        file: An existing file with the image's content, which identifies the image where its path
            does not; empty for none.
        any_ending: Whether `path` lacks the file name extension of the image.
    """

    row: int
    path: str
    labels: tuple[str, ...] = ()
    decided_by: str = ""
    state: str = ""
    decided_at: int = 0
    probability: float | None = None
    model: str = ""
    size: int = -1
    digest: str = ""
    file: str = ""
    any_ending: bool = False


@dataclass(frozen=True, slots=True)
class RecordProblem:
    """A part of a file that could not be used.

    Attributes:
        row: As in `LabelRecord`; 0 for the whole file.
        reason: Why.
        path: The image or file concerned; may be empty.
    """

    row: int
    reason: Message
    path: str = ""


Read = LabelRecord | RecordProblem
"""An item that a reader yields."""


@dataclass(frozen=True, slots=True)
class FirstRows:
    """The first rows of a file, in its order, shown while the rest is read."""

    items: tuple[Read, ...]


@dataclass(frozen=True, slots=True)
class ReadAs:
    """The guessed layout and encoding of a file; a reader yields it first.

    Attributes:
        columns: The names of all columns of a table.
        path_column: The column with the paths; empty if the file is no table.
        label_column: The column with the labels.
        starts_anew: Whether the items before were read wrongly, and are yielded again.
    """

    columns: Sequence[str] = ()
    path_column: str = ""
    label_column: str = ""
    delimiter: str = ""
    encoding: str = ""
    starts_anew: bool = False
