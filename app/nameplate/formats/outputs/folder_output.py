"""Writes an export that is a folder: all or nothing, and never among the pictures."""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final

from nameplate.domain.errors import OutputError
from nameplate.domain.messages import Message
from nameplate.formats.outputs.output import Output
from nameplate.formats.outputs.safe_names import MOVES
from nameplate.storage.whole_folder import (
    check_folder_writable,
    folder_place,
    write_folder_atomically,
)
from nameplate.system.failures import printable, reason_of
from nameplate.system.opening import open_regular

_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class FolderOutput(Output):
    """A folder to write; the fields are those of a file's `Output`.

    It must not be there yet, or be empty, and neither lie in a folder that pictures lie in nor
    hold one.
    """

    @property
    def exists(self) -> bool:
        """False: a folder is never replaced."""
        return False

    def check(self) -> None:
        """Check, before long work, that `write_folder` would not be refused or fail.

        Raises:
            OutputError: It would.
        """
        self.refuse_loss()
        check_folder_writable(self.path)

    def refuse_loss(self) -> None:
        """Refuse a folder that is not empty, or too near to the pictures.

        Raises:
            OutputError: It is.
        """
        target, where = folder_place(self.path), printable(str(self.path))
        if reason := self.why_unfit_folder(target):
            raise OutputError(
                "must-not-write", where=where, reason=reason, elsewhere=self.elsewhere
            )
        around = set(map(str, (target, *target.parents)))
        for folder in _real_folders(self.images):
            if folder in around:
                raise OutputError("folder-among-pictures", where=where, folder=printable(folder))
            if Path(folder).is_relative_to(target):
                raise OutputError("folder-around-pictures", where=where, folder=printable(folder))

    def write_folder(self, fill: Callable[["FolderBuild"], None]) -> "FolderBuild":
        """Write it, all or nothing; return what was put into it.

        Files that are moved are copied or linked first, and leave their old place once the folder
        is whole.

        Args:
            fill: Called once with the empty folder to fill.

        Raises:
            OutputError: It must not be written, or cannot; nothing is left of it.
        """
        builds = list[FolderBuild]()

        def build(folder: Path) -> None:
            builds.append(FolderBuild(folder))
            fill(builds[-1])
            builds[-1].write_moves()

        write_folder_atomically(self.path, build, check=self.refuse_loss)
        self.drop_certificate()
        builds[-1].finish_moves()
        return builds[-1]


@dataclass(slots=True)
class FolderBuild:
    """A folder that is being filled.

    Attributes:
        folder: Where it is for now.
        problems: Pictures that could not be read, and why; or that could not be taken away from
            their old place.
        moved: Pictures that go away from their old place: old path, new path inside; in the end
            those that went.
        unlinked: How many pictures were copied where a hard link was asked for.
    """

    folder: Path
    problems: list[tuple[str, Message]] = field(default_factory=list[tuple[str, Message]])
    moved: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    unlinked: int = 0

    def make_folder(self, name: str) -> None:
        """Make a folder inside; otherwise as `open`."""
        self._place(name).mkdir(exist_ok=True)

    def open(self, name: str) -> BinaryIO:
        """Open a new file inside, by its `/`-separated path, for writing.

        Raises:
            ValueError: The path leads out of the folder.
            OSError: It cannot be made, or is there already.
        """
        return self._place(name).open("xb")

    def write_bytes(self, name: str, content: bytes) -> None:
        """Write a new file inside; otherwise as `open`."""
        with self.open(name) as stream:
            stream.write(content)

    def copy(self, source: str, name: str) -> bool:
        """Copy a picture to a new path inside; return whether it could be read."""
        return self._copied(source, self._place(name))

    def link(self, source: str, name: str) -> bool:
        """Hard-link a picture into the folder, or copy it if that fails; otherwise as `copy`."""
        target = self._place(name)
        try:
            os.link(os.path.realpath(source), target)
        except FileExistsError:
            raise
        except OSError:  # another drive, no links there, not there: the copy says what
            is_read = self._copied(source, target)
            self.unlinked += is_read
            return is_read
        return True

    def move(self, source: str, name: str) -> bool:
        """Move a picture into the folder, once that is complete; otherwise as `copy`."""
        is_read = self.link(source, name)
        if is_read:
            self.moved.append((source, name))
        return is_read

    def write_moves(self) -> None:
        """Write the log of moved pictures, if there are any."""
        if not self.moved:
            return
        with self.open(MOVES) as stream:
            for old, new in self.moved:
                # In ASCII, which also holds the bytes of a path that are not UTF-8.
                stream.write(json.dumps({"from": old, "to": new}).encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        for _, new in self.moved:
            _sync(self.folder / new)

    def finish_moves(self) -> None:
        """Delete the originals of moved pictures; failures become problems."""
        gone = list[tuple[str, str]]()
        for old, new in self.moved:
            try:
                os.unlink(old)  # noqa: PTH108 - many thousands
                gone.append((old, new))
            except OSError as error:
                self.problems.append((old, reason_of(error)))
        self.moved = gone

    def _place(self, name: str) -> Path:
        parts = PurePosixPath(name).parts
        is_inside = parts and ".." not in parts and not PurePosixPath(name).is_absolute()
        if not is_inside or any(set(part) & set("\\:\0") for part in parts):
            raise ValueError(f"no path inside a folder: {name!r}")
        path = self.folder.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _copied(self, source: str, target: Path) -> bool:
        """Copy a file; errors of reading become problems, errors of writing are raised."""
        try:
            with target.open("xb") as stream:
                for piece in _pieces(source):
                    stream.write(piece)
        except _UnreadableError as error:
            target.unlink(missing_ok=True)
            self.problems.append((source, error.reason))
            return False
        try:
            shutil.copystat(source, target)
        except OSError:
            return True  # its times and mode alone are lost
        return True


class _UnreadableError(Exception):
    """A picture cannot be read."""

    def __init__(self, reason: Message) -> None:
        super().__init__(str(reason))
        self.reason = reason


def _pieces(source: str) -> Iterator[bytes]:
    try:
        with open_regular(source) as stream:
            while piece := stream.read(_PIECE):
                yield piece
    except OSError as error:
        raise _UnreadableError(reason_of(error)) from error


def _sync(path: Path) -> None:
    """Flush a file onto the disk: its original is about to go."""
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _real_folders(images: Sequence[Path | str]) -> set[str]:
    """Return the folders that contain images, with links resolved."""
    folders = {os.path.dirname(os.path.abspath(image)) for image in images}  # noqa: PTH100, PTH120
    return set(map(os.path.realpath, folders))
