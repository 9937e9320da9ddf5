"""Keeps the bytes that were replaced in pictures, until a person says that they can go."""

import base64
import datetime as dt
import json
import os
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import platformdirs
from numpy.typing import NDArray

from nameplate.domain.changes import Title
from nameplate.domain.errors import OutputError
from nameplate.domain.messages import value_of
from nameplate.features.keywords.files import Original
from nameplate.storage.atomic import output_error, write_bytes
from nameplate.storage.folders import make_private_folder, own_folder
from nameplate.storage.lock import locked
from nameplate.system.failures import printable
from nameplate.system.file_status import key_of
from nameplate.system.opening import open_regular

_ENDING: Final = ".jsonl"
_PUT_BACK: Final = ".put-back"
"""Of those whose pictures are as they were."""
_MOST_PUT_BACK: Final = 4
_TOLD: Final = b"told"
"""The end of a line: a person knows of the run. A kill may have torn what stands before it."""
_WAIT: Final = 5.0
"""Seconds in which a run that was cancelled ends."""
_BLOCK: Final = 1 << 20
"""Bytes that are compared at once."""


@dataclass(frozen=True, slots=True)
class Replaced:
    """What was replaced in one picture: header alone, since nothing else is changed.

    Attributes:
        image: Its id in the project.
        path: Where its file was.
        before: The `content_key` of the file before.
        after: Likewise, with keywords.
        start: The first byte that differs.
        length: How many bytes stand there now.
        replaced: The bytes that stood there, in base 64.
        modified: When the file was modified, in nanoseconds since 1970.
    """

    image: int
    path: str
    before: str
    after: str
    start: int
    length: int
    replaced: str
    modified: int

    @classmethod
    def of(cls, image: int, original: Original, after: bytes) -> "Replaced":
        """Return what differs between a file as it was read and another content."""
        before = original.content
        old, new = (np.frombuffer(content, np.uint8) for content in (before, after))
        start = _same_bytes(old, new)
        end = _same_bytes(old[start:][::-1], new[start:][::-1])
        replaced = base64.b64encode(before[start : len(before) - end]).decode()
        keys, length = (key_of(before), key_of(after)), len(after) - end - start
        return cls(image, str(original.path), *keys, start, length, replaced, original.modified)

    def put_back_in(self, content: bytes) -> bytes:
        """Return the content that the file had before.

        Raises:
            OutputError: The content is another one than was written, or the backup is damaged.
        """
        if key_of(content) != self.after:
            raise OutputError("keywords-changed-since")
        with suppress(ValueError):
            replaced = base64.b64decode(self.replaced, validate=True)
            old = content[: self.start] + replaced + content[self.start + self.length :]
            if key_of(old) == self.before:
                return old
        raise OutputError("damaged-backup")


@dataclass(frozen=True, slots=True)
class Backup:
    """The bytes that one run replaced in pictures of a project: a file, a line for each.

    Attributes:
        path: The file, called by the project's identity and when the run began.
    """

    path: Path

    @classmethod
    def new(cls, identity: str) -> "Backup":
        """Return one for a project, whose file is made with the first line."""
        name = f"{identity} {dt.datetime.now(dt.UTC):%Y-%m-%d %H.%M.%S.%f}{_ENDING}"
        return cls(_folder() / name)

    @property
    def identity(self) -> str:
        """That of the project."""
        return self.path.stem.partition(" ")[0]

    @property
    def _when(self) -> str:
        return self.path.stem.partition(" ")[2]

    def title(self, count: int) -> Title:
        """Return the title of the step that so many pictures were written."""
        title = Title("write-keywords", {"count": count})
        return replace(title, parameters={**title.parameters, "when": self._when})  # not shown

    def is_of(self, title: Title) -> bool:
        """Return whether the step with a title wrote these pictures."""
        return title.code == "write-keywords" and title.parameters.get("when") == self._when

    def add(self, lines: Iterable[Replaced]) -> None:
        """Add what is about to be replaced. It is on the disk when this returns.

        Raises:
            OutputError: It cannot be written: then nothing must be replaced.
        """
        with failing_at(self.path):
            if not self.path.exists():
                write_bytes(self.path, b"", is_private=True)
            with self.path.open("ab") as stream:
                stream.writelines(f"{json.dumps(asdict(line))}\n".encode() for line in lines)
                stream.flush()
                os.fsync(stream.fileno())

    def note_told(self) -> None:
        """Note that a person knows of it, as the run came to its end or its interruption was told.

        Raises:
            OutputError: It cannot be written.
        """
        with failing_at(self.path):
            if self.path.exists():
                with self.path.open("ab") as stream:
                    stream.write(_TOLD + b"\n")

    @property
    def is_told(self) -> bool:
        """Whether a person knows of it."""
        return any(line.endswith(_TOLD) for line in self._lines())

    def read(self) -> list[Replaced | None]:
        """Return what was replaced, in that order, and None for what is damaged.

        What was added last may not have been replaced.
        """
        return list(map(_replaced_in, self._of_pictures()))

    @property
    def count(self) -> int:
        """In how many pictures something was replaced: their lines are counted, not parsed."""
        return len(self._of_pictures())

    def _of_pictures(self) -> list[bytes]:
        return [line for line in self._lines() if not line.endswith(_TOLD)]

    def _lines(self) -> list[bytes]:
        with suppress(OSError), open_regular(self.path, follow_links=False) as stream:
            return stream.read().split(b"\n")[:-1]  # without end: nothing was replaced yet
        return [b""]

    def end(self) -> None:
        """Put it aside, as all pictures are as they were; see `same_pictures`.

        Raises:
            OutputError: It cannot be renamed, or an older one deleted.
        """
        with failing_at(self.path):
            self.path.replace(self.path.with_suffix(_PUT_BACK))
            for older in backups_of(self.identity, _PUT_BACK)[:-_MOST_PUT_BACK]:
                older.path.unlink(missing_ok=True)


def backups_of(identity: str, ending: str = _ENDING) -> list[Backup]:
    """Return the backups of a project, the oldest first; its copies have the same."""
    found = _folder().glob(f"{identity} *{ending}")
    return [Backup(path) for path in sorted(found, key=lambda path: path.stem)]


def same_pictures(identity: str) -> frozenset[tuple[str, str]]:
    """Return pairs of `content_key`s of which this program made one of the other, in a project.

    A program that was killed, or a project that was closed, may not know what its files hold, also
    after these were put back.
    """
    backups = (*backups_of(identity), *backups_of(identity, _PUT_BACK))
    lines = (line for backup in backups for line in backup.read() if line)
    return frozenset(
        pair for line in lines for pair in ((line.before, line.after), (line.after, line.before))
    )


def was_interrupted(identity: str) -> bool:
    """Return whether a run in a project was killed; once, as it is told then.

    Raises:
        OutputError: Somebody writes now; or a backup cannot be written.
    """
    if all(backup.is_told for backup in backups_of(identity)):
        return False
    with alone():  # what was being written is at its end now
        untold = [backup for backup in backups_of(identity) if not backup.is_told]
        for backup in untold:
            backup.note_told()
    return bool(untold)


@contextmanager
def alone() -> Generator[Path]:
    """Let nobody else write into pictures, put them back or delete backups; yield their folder.

    Copies of a project share their backups: one must not end a backup that another one writes.

    Raises:
        OutputError: Somebody else does, or the folder cannot be made.
    """
    folder = _folder()
    with failing_at(folder):
        make_private_folder(folder)
        with locked(folder / "lock", seconds=_WAIT) as is_alone:
            if not is_alone:
                raise OutputError("held-by-another", where=printable(str(folder)))
            yield folder


def keep(backups: Iterable[Backup]) -> None:
    """Forget what was replaced: nothing can be put back any more.

    Raises:
        OutputError: A backup cannot be deleted, or is in use.
    """
    with alone():
        for backup in backups:
            with failing_at(backup.path):
                backup.path.unlink(missing_ok=True)


@contextmanager
def failing_at(path: Path) -> Generator[None]:
    """Raise an OSError as the OutputError that says what could not be written."""
    try:
        yield
    except OSError as error:
        raise output_error(path, error) from error


def _folder() -> Path:
    return own_folder(platformdirs.user_data_path) / "keywords"


def _replaced_in(line: bytes) -> Replaced | None:
    with suppress(ValueError, LookupError, TypeError, RecursionError):
        return value_of(Replaced, json.loads(line))
    return None


def _same_bytes(some: NDArray[np.uint8], others: NDArray[np.uint8]) -> int:
    """Return how many bytes two begin with that are the same."""
    count = min(len(some), len(others))
    for at in range(0, count, _BLOCK):  # a picture may have 500 MB
        end = min(count, at + _BLOCK)
        differing = some[at:end] != others[at:end]
        if differing.any():
            return at + int(differing.argmax())
    return count
