"""Keeps the bytes that were replaced in pictures, until a person says that they can go."""

import base64
import json
import os
import time
from collections.abc import Generator, Iterable
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import platformdirs
from numpy.typing import NDArray

from nameplate.domain.changes import Title
from nameplate.domain.errors import OutputError, UsageError
from nameplate.project.project import Project
from nameplate.storage.atomic import output_error, write_bytes
from nameplate.storage.folders import make_private_folder, own_folder
from nameplate.storage.lock import locked
from nameplate.storage.whole_folder import free_place
from nameplate.system.failures import printable, reason_of
from nameplate.system.file_status import key_of
from nameplate.system.opening import open_regular

_ENDING: Final = ".jsonl"
_PUT_BACK: Final = ".put-back"
_MOST_PUT_BACK: Final = 4
_LOCK: Final = "lock"
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
        replaced: The bytes that stood there.
        modified: When the file was modified, in nanoseconds since 1970.
    """

    image: int
    path: str
    before: str
    after: str
    start: int
    length: int
    replaced: bytes
    modified: int

    @classmethod
    def of(cls, image: int, path: str, modified: int, before: bytes, after: bytes) -> "Replaced":
        """Return what differs between two contents of a file."""
        old, new = (np.frombuffer(content, np.uint8) for content in (before, after))
        start = _same_bytes(old, new)
        end = _same_bytes(old[start:][::-1], new[start:][::-1])
        keys, replaced = (key_of(before), key_of(after)), before[start : len(before) - end]
        return cls(image, path, *keys, start, len(after) - end - start, replaced, modified)

    def put_back_in(self, content: bytes) -> bytes:
        """Return the content that the file had before.

        Raises:
            OutputError: The content is another one than was written, or the backup is damaged.
        """
        if key_of(content) != self.after:
            raise OutputError("keywords-changed-since")
        old = content[: self.start] + self.replaced + content[self.start + self.length :]
        if key_of(old) != self.before:
            raise OutputError("damaged-backup")
        return old


class Backup:
    """The bytes that one run replaced in pictures: a file of this program, a line for each.

    Attributes:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def new(cls, identity: str) -> "Backup":
        """Return one for a project, whose file is made with the first line; see `alone`."""
        name = f"{identity} {time.strftime('%Y-%m-%d %H.%M.%S', time.gmtime())}{_ENDING}"
        return cls(free_place(_folder() / name, _ENDING))

    @property
    def name(self) -> str:
        """When it was begun."""
        return self.path.stem.partition(" ")[2]

    def title(self, count: int) -> Title:
        """Return the title of the step that so many pictures were written."""
        title = Title("write-keywords", {"count": count})
        return replace(title, parameters={**title.parameters, "when": self.name})  # not shown

    @staticmethod
    def name_in(title: Title) -> str:
        """Return the name of the backup of a step; empty for another step."""
        return str(title.parameters.get("when", "")) if title.code == "write-keywords" else ""

    def is_of_last_step(self, project: Project) -> bool:
        """Whether the last step of a project wrote these pictures."""
        steps = project.history.done
        return bool(steps) and self.name == Backup.name_in(steps[-1].title)

    def add(self, lines: Iterable[Replaced]) -> None:
        """Add what is about to be replaced. It is on the disk when this returns.

        Raises:
            OutputError: It cannot be written: then nothing must be replaced.
        """
        try:
            if not self.path.exists():
                write_bytes(self.path, b"", is_private=True)
            with self.path.open("ab") as stream:
                stream.write(_text_of(lines))
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise output_error(self.path, error) from error

    @property
    def count(self) -> int:
        """In how many pictures something was replaced; 0 where it cannot be read."""
        with suppress(UsageError):
            return len(self._lines())
        return 0

    def read(self) -> list[Replaced | None]:
        """Return what was replaced, in that order, and None for what is damaged.

        What was added last may not have been replaced.

        Raises:
            UsageError: It cannot be read.
        """
        return list(map(_replaced_in, self._lines()))

    def _lines(self) -> list[bytes]:
        try:
            with open_regular(self.path, follow_links=False) as stream:
                return stream.read().split(b"\n")[:-1]  # without end: nothing was replaced yet
        except OSError as error:
            raise UsageError(reason_of(error), where=self.path) from error

    def end(self, lines: Iterable[Replaced]) -> None:
        """Delete it, as all pictures are as they were; which ones is known still.

        A project that is saved only after this would else take them for changed ones.

        Raises:
            OutputError: It cannot be deleted.
        """
        named = (replace(line, replaced=b"") for line in lines)
        write_bytes(self.path.with_suffix(_PUT_BACK), _text_of(named), is_private=True)
        self.delete()
        older = self.path.parent.glob(f"{self.path.name.partition(' ')[0]} *{_PUT_BACK}")
        for path in sorted(older)[:-_MOST_PUT_BACK]:
            Backup(path).delete()

    def delete(self) -> None:
        """Forget what was replaced: nothing can be put back any more.

        Raises:
            OutputError: It cannot be deleted.
        """
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise output_error(self.path, error) from error


def backups_of(identity: str, ending: str = _ENDING) -> list[Backup]:
    """Return the backups of a project, the oldest first; it need not have any.

    Args:
        identity: That of the project: its copies have the same.
        ending: Of the files.
    """
    found = _folder().glob(f"{identity} *{ending}")
    return [Backup(path) for path in sorted(found, key=lambda path: path.stem)]


def same_pictures(identity: str) -> frozenset[tuple[str, str]]:
    """Return pairs of `content_key`s of which this program made one of the other, in a project.

    A program that was killed, or a project that was closed, may not know what its files hold.
    """
    pairs = set[tuple[str, str]]()
    for backup in (*backups_of(identity), *backups_of(identity, _PUT_BACK)):
        with suppress(UsageError):  # which is said where somebody wants to put it back
            pairs |= {(line.before, line.after) for line in backup.read() if line}
    return frozenset(pairs | {(after, before) for before, after in pairs})


@contextmanager
def alone() -> Generator[None]:
    """Let nobody else write into pictures, put them back or delete backups meanwhile.

    Copies of a project share their backups: one must not end a backup that another one writes.

    Raises:
        OutputError: Somebody else does, or the folder cannot be made.
    """
    folder = made_folder()
    with ExitStack() as stack:
        try:
            is_alone = stack.enter_context(locked(folder / _LOCK, seconds=_WAIT))
        except OSError as error:
            raise output_error(folder, error) from error
        if not is_alone:
            raise OutputError("held-by-another", where=printable(str(folder)))
        yield


def keep(backups: Iterable[Backup]) -> None:
    """Forget what was replaced: nothing can be put back any more.

    Raises:
        OutputError: A backup cannot be deleted, or is in use.
    """
    with alone():
        for backup in backups:
            backup.delete()


def made_folder() -> Path:
    """Return the folder of backups, and of copies of pictures while they are written.

    Raises:
        OutputError: It cannot be made.
    """
    folder = _folder()
    try:
        make_private_folder(folder)
    except OSError as error:
        raise output_error(folder, error) from error
    return folder


def _folder() -> Path:
    return own_folder(platformdirs.user_data_path) / "keywords"


def _replaced_in(line: bytes) -> Replaced | None:
    try:
        match json.loads(line):
            case {
                "image": int(image),
                "path": str(path),
                "before": str(before),
                "after": str(after),
                "start": int(start),
                "length": int(length),
                "replaced": str(replaced),
                "modified": int(modified),
            } if min(start, length) >= 0 and abs(modified) < 1 << 63:
                content = base64.b64decode(replaced, validate=True)
                return Replaced(image, path, before, after, start, length, content, modified)
            case _:
                return None
    except (ValueError, RecursionError):
        return None


def _text_of(lines: Iterable[Replaced]) -> bytes:
    values = ({**asdict(one), "replaced": base64.b64encode(one.replaced).decode()} for one in lines)
    return "".join(f"{json.dumps(line)}\n" for line in values).encode()


def _same_bytes(some: NDArray[np.uint8], others: NDArray[np.uint8]) -> int:
    """Return how many bytes two begin with that are the same."""
    count = min(len(some), len(others))
    for at in range(0, count, _BLOCK):  # a picture may have 500 MB
        end = min(count, at + _BLOCK)
        differing = some[at:end] != others[at:end]
        if differing.any():
            return at + int(differing.argmax())
    return count
