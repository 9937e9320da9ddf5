"""Labels as read from a file, before they are matched with images."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from nameplate.domain.messages import Message


class LabelRecord(NamedTuple):
    """What a file says about one image; a tuple, since files may have millions.

    Attributes:
        row: Its line, or its number among the others, from 1; for messages.
        path: Of the image, `/`-separated, as the file has it; relative or absolute.
        labels: Names, not cleaned; empty for none.
        decided_by: `auto`, `person`, `probe`, or empty where the format does not say it.
        state: A review state, or empty likewise.
        decided_at: Milliseconds since 1970, UTC; 0 where it is not said.
        probability: Of the first label; None where it is not said.
        model: Which one decided; empty likewise.
        size: Bytes of the image's content; -1 where it is not said.
        digest: 32 hexadecimal digits of the BLAKE2b hash of its content; empty likewise.
        file: An existing file with the image's content, by which it is known where its path is
            not; empty where there is none.
        any_ending: Whether `path` lacks the ending of the image's file.
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
        row: As in `LabelRecord`; 0 where it is about the whole file.
        reason: Why.
        path: Of the image or file that it is about; may be empty.
    """

    row: int
    reason: Message
    path: str = ""


Read = LabelRecord | RecordProblem
"""What a reader yields."""


@dataclass(frozen=True, slots=True)
class FirstRows:
    """A few of the first rows of a file, in its order, shown while the rest is read."""

    items: tuple[Read, ...]


@dataclass(frozen=True, slots=True)
class ReadAs:
    """How a file is read, if that was guessed; a reader yields it first.

    Attributes:
        columns: All columns of a table.
        path_column: The one with the paths; empty where there is no table.
        label_column: The one with the labels.
        delimiter: Between cells.
        encoding: Of the text.
        starts_anew: Whether what came before was read wrongly, and comes again.
    """

    columns: Sequence[str] = ()
    path_column: str = ""
    label_column: str = ""
    delimiter: str = ""
    encoding: str = ""
    starts_anew: bool = False
