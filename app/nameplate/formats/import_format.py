"""The definition of an import format, and its options."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

from nameplate.domain.errors import UsageError
from nameplate.domain.progress import CancelToken
from nameplate.domain.records import Read, ReadAs
from nameplate.system.failures import reason_of
from nameplate.system.opening import open_regular

MOST_BYTES: Final = 2_000_000_000
"""Of a file of labels; it is read a piece at a time."""

_CANCEL_EVERY: Final = 256

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How to read a file; empty options are guessed.

    Attributes:
        path_column: Name or number (from 1) of the column with the paths.
        label_column: Likewise with the labels.
        delimiter: Between cells, one character.
        encoding: Of the text, as Python calls it.
        cancel: Ends the reading.
    """

    path_column: str = ""
    label_column: str = ""
    delimiter: str = ""
    encoding: str = ""
    cancel: CancelToken = field(default_factory=CancelToken)

    def until_cancel(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yield items until the token is set; then raise CancelledError."""
        for number, item in enumerate(items):
            if number % _CANCEL_EVERY == 0:
                self.cancel.raise_if_cancelled()
            yield item


@dataclass(frozen=True, slots=True)
class ImportFormat:
    """A format that labels are taken from.

    Attributes:
        id: Its name on the command line.
        fits: Whether a file or folder looks like one; may raise an OSError.
        read: Yields `ReadAs` first where it guesses, then records and problems, in the order of
            the file. Raises a UsageError where it cannot be read at all, and a CancelledError.
    """

    id: str
    title: str
    fits: Callable[[Path], bool]
    read: Callable[[Path, ImportOptions], Iterator[Read | ReadAs]]


def opened(path: Path) -> BinaryIO:
    """Open a file of labels for reading.

    Raises:
        UsageError: It is not there, a folder, too large, or cannot be read.
    """
    try:
        if not path.is_file():
            code = "folder-not-file" if path.is_dir() else "file-not-there"
            raise UsageError(code, where=path)
        if path.stat().st_size > MOST_BYTES:
            raise UsageError("text-too-large", where=path, most=MOST_BYTES)
        return open_regular(path)
    except OSError as error:
        raise UsageError("unreadable-text", where=path, reason=reason_of(error)) from error
    except ValueError as error:  # a NUL in the path
        raise UsageError("given-no-path", where=path) from error
