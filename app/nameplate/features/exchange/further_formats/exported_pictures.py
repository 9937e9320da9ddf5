"""Puts pictures into an exported folder, under unique names: copied or linked."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import count
from pathlib import PurePosixPath
from typing import cast

from nameplate.domain.messages import Message
from nameplate.formats.export_format import ExportReport, ExportTask, TransferMode
from nameplate.formats.outputs.folder_output import FolderBuild, FolderOutput
from nameplate.formats.outputs.output import Output
from nameplate.formats.outputs.safe_names import safe_name
from nameplate.imaging.scan import IMAGE_EXTENSIONS


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
        folder.cancel = task.cancel
        done.append(Transferred(folder, task.options.transfer))
        fill(done[0])

    target = cast("FolderOutput", output)
    target.refuse_loss()
    target.write_folder(build)
    return done[0].report()


@dataclass(slots=True)
class Transferred:
    """The pictures put into a folder so far."""

    build: FolderBuild
    how: TransferMode
    images: int = 0

    def put(self, file: str, first: str, *others: str) -> bool:
        """Put a picture under one or more names into the folder; return whether it could be read.

        The others are copies.
        """
        if self.how is TransferMode.LINK:
            is_read = self.build.link(file, first)
        else:
            is_read = self.build.copy(file, first)
        self.images += is_read
        for name in others if is_read else ():
            self.build.copy(file, name)
        return is_read

    def report(self) -> ExportReport:
        """Return the report for the finished folder."""
        count = self.build.unlinked
        notes = (Message("copied-not-linked", {"count": count}),) if count else ()
        return ExportReport(self.images, tuple(self.build.problems), notes=notes)


def picture_names(paths: Sequence[str]) -> list[str]:
    """Return a name for each picture, no two the same on any system.

    Those that would have the same name all get a mark made of their path, so that each keeps its
    name when others come or go. The paths are `/`-separated and all different.
    """
    names = [_short(PurePosixPath(path).name) for path in paths]
    keys = [name.casefold() for name in names]
    counts, taken = Counter(keys), set[str]()
    for place, (path, key) in enumerate(zip(paths, keys, strict=True)):
        if counts[key] == 1 and key not in taken:
            taken.add(key)
            continue
        for name in _marked(names[place], path):
            found = name.casefold()
            if found not in taken and found not in counts:
                taken.add(found)
                names[place] = name
                break
    return names


def _marked(name: str, path: str) -> Iterator[str]:
    """Yield names with a mark derived from the path, then also with numbers."""
    mark = blake2b(path.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    stem, ending = _divided(name)
    yield f"{stem}-{mark}{ending}"
    for number in count(2):
        yield f"{stem}-{mark}-{number}{ending}"


def _short(name: str) -> str:
    """Return a safe name that keeps the ending of a picture."""
    stem, ending = _divided(name)
    return safe_name(stem) + ending if ending else safe_name(name)


def _divided(name: str) -> tuple[str, str]:
    ending = PurePosixPath(name).suffix
    if ending.lower() not in IMAGE_EXTENSIONS:
        return name, ""
    return name.removesuffix(ending), ending
