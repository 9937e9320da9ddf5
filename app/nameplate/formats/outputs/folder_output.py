"""Writes an export that is a folder: all or nothing, and never among the pictures."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from nameplate.domain.errors import ImageError, OutputError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.formats.outputs.originals import Status, delete_original, sync, take
from nameplate.formats.outputs.output import Output
from nameplate.formats.outputs.safe_names import MOVES
from nameplate.storage.whole_folder import (
    check_folder_writable,
    folder_place,
    write_folder_atomically,
)
from nameplate.system.failures import printable, reason_of


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
        """Write it, all or nothing; return what was put into it.

        Files that are moved are copied or linked first, and leave their old place once the folder
        is whole; what was changed there meanwhile stays, as a problem.

        Args:
            fill: Called once with the empty folder to fill.

        Raises:
            OutputError: It must not be written, or cannot; nothing is left of it.
        """
        builds, target = list[FolderBuild](), folder_place(self.path)

        def build(folder: Path) -> None:
            builds.append(FolderBuild(folder))
            fill(builds[-1])
            builds[-1].write_moves()

        write_folder_atomically(self.path, build, check=self.refuse_loss)
        self.drop_certificate()
        builds[-1].finish_moves(target)
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
        cancel: Stops it, also within a picture.
    """

    folder: Path
    problems: list[tuple[str, Message]] = field(default_factory=list[tuple[str, Message]])
    moved: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    unlinked: int = 0
    cancel: CancelToken = field(default_factory=CancelToken)
    _before: dict[str, Status] = field(default_factory=dict[str, Status])

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
        """Copy a picture to a new path inside; return whether it could be read.

        What is no picture is not copied: a project may name any file.
        """
        return self._taken(source, name) is not None

    def link(self, source: str, name: str) -> bool:
        """Hard-link a picture into the folder, or copy it if that fails; otherwise as `copy`."""
        taken = self._taken(source, name, links=True)
        self.unlinked += taken is not None and not taken[1]
        return taken is not None

    def move(self, source: str, name: str) -> bool:
        """Move a picture into the folder, once that is complete; otherwise as `copy`."""
        taken = self._taken(source, name, links=True)
        if taken is not None:
            self.moved.append((source, name))
            self._before[source] = taken[0]
        return taken is not None

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
            sync(self.folder / new)

    def finish_moves(self, folder: Path) -> None:
        """Delete the originals of moved pictures that are as they were; others become problems.

        Args:
            folder: Where the folder is now.
        """
        gone = list[tuple[str, str]]()
        for old, new in self.moved:
            try:
                problem = delete_original(old, str(folder / new), self._before[old])
            except OSError as error:
                problem = reason_of(error)
            if problem is None:
                gone.append((old, new))
            else:
                self.problems.append((old, Message("not-moved", {"reason": problem})))
        self.moved = gone

    def _place(self, name: str) -> Path:
        parts = PurePosixPath(name).parts
        is_inside = parts and ".." not in parts and not PurePosixPath(name).is_absolute()
        if not is_inside or any(set(part) & set("\\:\0") for part in parts):
            raise ValueError(f"no path inside a folder: {name!r}")
        path = self.folder.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _taken(self, source: str, name: str, *, links: bool = False) -> tuple[Status, bool] | None:
        """Take a picture; return what `take` does, or None if it could not be read: a problem."""
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
