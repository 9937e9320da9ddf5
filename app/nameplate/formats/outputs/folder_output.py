"""Writes an export that is a folder: all or nothing, and never among the pictures."""

import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final

from nameplate.domain.errors import ImageError, OutputError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.formats.outputs.output import Output
from nameplate.imaging.sniff import HEAD_BYTES, is_picture_head
from nameplate.storage.whole_folder import (
    check_folder_writable,
    folder_place,
    write_folder_atomically,
)
from nameplate.system.failures import printable, reason_of
from nameplate.system.file_status import Status, status_in
from nameplate.system.opening import open_regular


@dataclass(frozen=True, slots=True)
class FolderOutput(Output):
    """A folder to write; the fields are those of a file's `Output`.

    It must not be there yet, or be empty, and neither lie in a folder that pictures lie in nor
    hold one.
    """

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
        target, where = folder_place(self.path), self.path
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
        """Write the folder, all or nothing; return its contents.

        Args:
            fill: Called once with the empty folder to fill.

        Raises:
            OutputError: It must not be written, or cannot; nothing is left of it.
        """
        builds = list[FolderBuild]()

        def build(folder: Path) -> None:
            builds.append(FolderBuild(folder))
            fill(builds[-1])

        write_folder_atomically(self.path, build, check=self.refuse_loss)
        self.drop_certificate()
        return builds[-1]


@dataclass(slots=True)
class FolderBuild:
    """A folder that is being filled.

    Attributes:
        folder: Where it is for now.
        problems: Pictures that could not be read, and why.
        unlinked: How many pictures were copied where a hard link was asked for.
        cancel: Stops it, also within a picture.
    """

    folder: Path
    problems: list[tuple[str, Message]] = field(default_factory=list[tuple[str, Message]])
    unlinked: int = 0
    cancel: CancelToken = field(default_factory=CancelToken)

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
        """Copy a picture to a new path inside; return whether it could be read.

        What is no picture is not copied: a project may name any file.
        """
        return self._is_linked(source, name) is not None

    def link(self, source: str, name: str) -> bool:
        """Hard-link a picture into the folder, or copy it if that fails; otherwise as `copy`."""
        is_linked = self._is_linked(source, name, links=True)
        self.unlinked += is_linked is False
        return is_linked is not None

    def _place(self, name: str) -> Path:
        parts = PurePosixPath(name).parts
        is_inside = parts and ".." not in parts and not PurePosixPath(name).is_absolute()
        if not is_inside or any(set(part) & set("\\:\0") for part in parts):
            raise ValueError(f"no path inside a folder: {name!r}")
        path = self.folder.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _is_linked(self, source: str, name: str, *, links: bool = False) -> bool | None:
        """Take a picture; return whether it is linked, or None if it could not be read."""
        target = self._place(name)
        try:
            return take(source, target, links=links, cancel=self.cancel)
        except ImageError as error:
            self.problems.append((source, error.reason))
            return None


def _real_folders(images: Sequence[Path | str]) -> set[str]:
    """Return the folders that contain images, with links resolved."""
    folders = {os.path.dirname(os.path.abspath(image)) for image in images}  # noqa: PTH100, PTH120
    return set(map(os.path.realpath, folders))


_PIECE: Final = 1 << 20


def take(
    source: str,
    target: Path,
    *,
    links: bool = False,
    cancel: CancelToken | None = None,
) -> bool:
    """Make the new file `target` from the picture `source`; return whether it is linked.

    What is checked is what is taken: all of it is done with one open file.

    Args:
        source: A regular file.
        target: A path at which nothing is.
        links: Whether a hard link will do; where none can be made, it is copied.
        cancel: Stops a copy midway: some pictures take minutes.

    Raises:
        CancelledError: It was cancelled.
        ImageError: It cannot be read, is no picture, or was changed meanwhile.
        OSError: The target cannot be written. Nothing is left of it in either case.
    """
    with _opened(source) as stream:
        status = status_in(os.fstat(stream.fileno()))
        head = _read(stream, min(HEAD_BYTES, status[0]))
        if not is_picture_head(head, source):
            raise ImageError("only-pictures-are-taken")
        if links and _is_linked(stream, source, target):
            return True
        try:
            with target.open("xb") as copy:
                _copy(stream, head, status, copy, cancel or CancelToken())
        except FileExistsError:
            raise
        except BaseException:
            target.unlink(missing_ok=True)
            raise
    with suppress(OSError):  # its times and mode alone are lost
        shutil.copystat(source, target)
    return False


def _opened(source: str) -> BinaryIO:
    try:
        return open_regular(source)
    except OSError as error:
        raise ImageError(reason_of(error)) from error
    except ValueError as error:  # a NUL, or letters that no path has
        raise ImageError("no-path") from error


def _read(stream: BinaryIO, count: int) -> bytes:
    try:
        return stream.read(count)
    except OSError as error:
        raise ImageError(reason_of(error)) from error


def _copy(
    stream: BinaryIO, head: bytes, status: Status, copy: BinaryIO, cancel: CancelToken
) -> None:
    """Copy as much as there was when it was opened: some files never end."""
    copy.write(head)
    left = status[0] - len(head)
    while left > 0 and (piece := _read(stream, min(_PIECE, left))):
        cancel.raise_if_cancelled()
        copy.write(piece)
        left -= len(piece)
    if status_in(os.fstat(stream.fileno())) != status:
        raise ImageError("changed-meanwhile")


def _is_linked(stream: BinaryIO, source: str, target: Path) -> bool:
    """Hard-link the open file `source`; return whether that could be done."""
    try:
        os.link(os.path.realpath(source), target)
    except FileExistsError:
        raise
    except OSError:  # another drive, or no links there
        return False
    if os.path.samestat(os.lstat(target), os.fstat(stream.fileno())):
        return True
    target.unlink()  # another file has taken its place
    raise ImageError("changed-meanwhile")
