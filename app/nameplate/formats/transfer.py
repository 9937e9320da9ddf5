"""Puts pictures into a folder of an export: copies, hard links, or the pictures themselves."""

import os
from dataclasses import dataclass
from pathlib import Path

from nameplate.domain.errors import OutputError
from nameplate.domain.messages import Message
from nameplate.formats.export_format import ExportReport, ExportTask, Transfer
from nameplate.formats.outputs.folder_output import FolderBuild
from nameplate.formats.outputs.output import Output
from nameplate.imaging.scan import IMAGE_EXTENSIONS
from nameplate.system.failures import printable


def refuse_unasked_move(task: ExportTask, output: Output) -> None:
    """Refuse to move pictures of a project that would not know where they are then.

    Raises:
        OutputError: It would not.
    """
    if task.options.transfer is Transfer.MOVE and not task.relinks:
        raise OutputError("move-loses-pictures", where=printable(str(output.path)))


@dataclass(slots=True)
class Transferred:
    """What was put into a folder so far.

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
        """Return what there is to say once the folder is whole and lies at `place`."""
        build, notes = self.build, list[Message]()
        if self.how is Transfer.LINK and build.unlinked:
            notes.append(Message("copied-not-linked", {"count": build.unlinked}))
        if self.kept:
            notes.append(Message("copied-not-moved", {"count": self.kept}))
        moved = tuple((old, str(place.absolute() / new)) for old, new in build.moved)
        return ExportReport(self.images, tuple(build.problems), notes=tuple(notes), moved=moved)
