"""Puts pictures into an exported folder: as copies, hard links, or by moving them."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from nameplate.domain.errors import OutputError
from nameplate.domain.messages import Message
from nameplate.formats.export_format import ExportReport, ExportTask, Transfer
from nameplate.formats.outputs.folder_output import FolderBuild, FolderOutput
from nameplate.formats.outputs.output import Output
from nameplate.formats.outputs.safe_names import MOVES
from nameplate.imaging.scan import IMAGE_EXTENSIONS
from nameplate.system.failures import printable


def write_pictures(
    task: ExportTask, output: Output, fill: Callable[["Transferred"], None]
) -> ExportReport:
    """Write a folder that `fill` puts pictures into, whole or not at all.

    Raises:
        OutputError: It must not be written, or cannot.
        CancelledError: The task was cancelled; nothing is left.
    """
    done = list[Transferred]()

    def build(folder: FolderBuild) -> None:
        done.append(Transferred(folder, task.options.transfer))
        fill(done[0])

    folder_of(task, output).write_folder(build)
    return done[0].report(output.path)


def folder_of(task: ExportTask, output: Output) -> FolderOutput:
    """Return the folder to write, checked before long work.

    Raises:
        OutputError: It must not be written, or pictures are to be moved of a project that would
            not know where they are then.
    """
    target = cast("FolderOutput", output)
    target.refuse_loss()
    if task.options.transfer is Transfer.MOVE and not task.relinks:
        raise OutputError("move-loses-pictures", where=printable(str(output.path)))
    return target


@dataclass(slots=True)
class Transferred:
    """The pictures put into a folder so far.

    Attributes:
        build: The folder.
        how: How pictures come into it.
        images: How many images came.
        kept: How many of them were to be moved, and were copied.
    """

    build: FolderBuild
    how: Transfer
    images: int = 0
    kept: int = 0

    def put(self, file: str, first: str, *others: str) -> bool:
        """Put a picture under one or more names into the folder; return whether it could be read.

        The others are copies. Links, and files that are not called like pictures, are not moved
        but copied: of the one the picture itself would stay, of the other no log can be believed.
        """
        is_movable = Path(file).suffix.lower() in IMAGE_EXTENSIONS and not os.path.islink(file)  # noqa: PTH114
        if self.how is Transfer.LINK:
            is_read = self.build.link(file, first)
        elif self.how is Transfer.MOVE and is_movable:
            is_read = self.build.move(file, first)
        else:
            is_read = self.build.copy(file, first)
            self.kept += is_read and self.how is Transfer.MOVE
        self.images += is_read
        for name in others if is_read else ():
            self.build.copy(file, name)
        return is_read

    def report(self, place: Path) -> ExportReport:
        """Return the report for the finished folder, which is at `place`."""
        build, notes = self.build, list[Message]()
        if self.how is Transfer.LINK and build.unlinked:
            notes.append(Message("copied-not-linked", {"count": build.unlinked}))
        if self.kept:
            notes.append(Message("copied-not-moved", {"count": self.kept}))
        moved = tuple((old, str(place.absolute() / new)) for old, new in build.moved)
        log = place.absolute() / MOVES if moved else None
        problems = tuple(build.problems)
        return ExportReport(self.images, problems, notes=tuple(notes), moved=moved, undo=log)
