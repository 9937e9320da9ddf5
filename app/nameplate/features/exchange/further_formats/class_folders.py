"""Class folders: each picture in the folder of its label.

Exported ones have two files of ours beside them: which label each folder stands for, and which
picture of the project each file is. Other programs pass over both. An import believes them where
they agree with what lies there: where somebody has put pictures into other folders since, the
folder counts.
"""

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any, Final, NamedTuple, cast

from nameplate.domain.errors import OutputError, UsageError
from nameplate.domain.messages import Message
from nameplate.domain.records import LabelRecord, Read, ReadAs, RecordProblem
from nameplate.features.exchange.further_formats.exported_pictures import (
    Transferred,
    picture_names,
    write_pictures,
)
from nameplate.features.exchange.further_formats.json_lines import line_of
from nameplate.formats.export_format import ExportFormat, ExportReport, ExportTask, Target
from nameplate.formats.exported_image import ExportedImage, Which
from nameplate.formats.import_format import ImportFormat, ImportOptions
from nameplate.formats.outputs.output import Kind, Output
from nameplate.formats.outputs.safe_names import (
    NAMES_FILE,
    PICTURES_FILE,
    folder_names,
    names_content,
    read_names,
)
from nameplate.imaging.scan import scan
from nameplate.system.failures import printable
from nameplate.system.opening import open_regular

UNLABELLED: Final = "_unlabelled"
"""The folder of images without a label."""

FOLDER: Final = Kind(Message("export-folder"), lambda _: False)

_KEPT: Final = ("size", "digest", "decided_by", "state")
"""What our own file says of each picture, beside its path and files."""

_PARTS: Final = ("train", "val", "test")
"""Folders that training programs take for parts of a set; no label gets such a folder."""

_READ_PARTS: Final = frozenset((*_PARTS, "valid", "validation", "training", "testing", "dev"))
_READ_UNLABELLED: Final = frozenset((UNLABELLED, "_unlabeled", "unlabelled", "unlabeled"))
_MOVES: Final = "nameplate-moves.jsonl"
"""In folders that 1.0.0 moved pictures to: where they were is no place of theirs any more."""

_LONGEST_LINE: Final = 1_000_000


def write(task: ExportTask, output: Output) -> ExportReport:
    """Write class folders, all or nothing.

    Raises:
        OutputError: It must not be written, or cannot; an image has several labels, and these are
            refused.
    """
    images = _chosen(task, output)
    labels = {label for image in images for label in image.labels}
    folders = folder_names(labels, [UNLABELLED, *_PARTS])
    names = _names(images, folders)

    def fill(pictures: Transferred) -> None:
        build = pictures.build
        build.write_bytes(NAMES_FILE, names_content(folders))
        with build.open(PICTURES_FILE) as stream:
            for image, files in task.watched(zip(images, names, strict=True), len(images)):
                if pictures.put(image.file, *files):
                    kept = {key: getattr(image, key) for key in _KEPT}
                    stream.write(line_of({"path": image.path, "files": files, **kept}))

    return write_pictures(task, output, fill)


def _chosen(task: ExportTask, output: Output) -> list[ExportedImage]:
    """Return the images to write, in the order of their paths; the others without labels."""
    options, found = task.options, list[ExportedImage]()
    for image in task.export.exported():
        task.cancel.raise_if_cancelled()
        chosen = image.labelled_best() if task.has_best else image
        if options.which is Which.DECIDED and not image.is_decided:
            chosen = replace(image, labels=(), decided_by="", state="")
        if chosen.labels or options.unlabelled:
            found.append(chosen)
    several = [image for image in found if len(image.labels) > 1]
    if several and options.refuse_several:
        raise OutputError(
            "several-labels-refused",
            where=printable(str(output.path)),
            path=several[0].path,
            count=len(several),
        )
    return found


def _names(images: Sequence[ExportedImage], folders: Mapping[str, str]) -> list[list[str]]:
    """Return for each image its files in the folder, one for each label."""
    inside, chosen = defaultdict[str, list[int]](list), list[list[str]]()
    for place, image in enumerate(images):
        chosen.append([folders[label] for label in image.labels] or [UNLABELLED])
        for folder in chosen[-1]:
            inside[folder].append(place)
    names = list[dict[str, str]]({} for _ in images)
    for folder, places in inside.items():
        files = picture_names([images[place].path for place in places])
        for place, file in zip(places, files, strict=True):
            names[place][folder] = f"{folder}/{file}"
    return [[of[folder] for folder in order] for of, order in zip(names, chosen, strict=True)]


class _Found(NamedTuple):
    """A picture in class folders: its path below them, and its labels."""

    file: str
    name: str
    labels: tuple[str, ...]


def fits(path: Path) -> bool:
    """Return whether this is a folder with folders in it."""
    return path.is_dir() and any(one.is_dir() for one in path.iterdir())


def read(root: Path, options: ImportOptions) -> Iterator[Read | ReadAs]:
    """Yield a record for each picture; those of our own exports under their original paths.

    The first folder below `root`, or below a part such as `train`, names a picture; one that lies
    in no folder is a problem. Pictures that our file does not tell of come under their own paths.

    Raises:
        UsageError: It is no folder.
    """
    if not root.is_dir():
        raise UsageError("no-folder-to-read", where=printable(str(root)))
    files, row = list[str](), 0
    for batch in scan([root], cancel=options.cancel):
        files += map(str, batch.images)
        for problem in batch.problems:
            yield RecordProblem(0, problem.reason, printable(str(problem.path)))
    options.cancel.raise_if_cancelled()
    found = {one.name: one for one in _labelled(root, files)}
    for record in _recorded(root, found):
        row += 1
        yield record._replace(row=row)
    for one in options.until_cancel(found.values()):
        row += 1
        text = printable(one.file)
        if "/" in one.name:
            yield LabelRecord(row, text, one.labels, file=one.file)
        else:
            yield RecordProblem(row, Message("in-no-class-folder"), text)


def _labelled(root: Path, files: list[str]) -> Iterator[_Found]:
    """Yield the pictures with the labels of their folders."""
    start, names = len(os.path.join(root.absolute(), "")), read_names(root)  # noqa: PTH118
    for file in files:
        one = PurePath(file[start:]).parts
        is_in_part = len(one) > 2 and one[0].casefold() in _READ_PARTS
        folder = one[is_in_part] if len(one) > 1 else ""
        is_unlabelled = folder not in names and (not folder or folder in _READ_UNLABELLED)
        labels = () if is_unlabelled else (printable(names.get(folder, folder)),)
        yield _Found(file, printable("/".join(one)), labels)


def _recorded(root: Path, found: dict[str, _Found]) -> Iterator[LabelRecord]:
    """Yield records of the pictures that our own file lists, removing them from `found`."""
    is_moved = (root / _MOVES).is_file()
    for values in _lines(root / PICTURES_FILE):
        names = cast("list[str]", values["files"])
        there = [found.pop(name) for name in names if name in found]
        if not there:
            continue
        labels = tuple(label for one in there for label in one.labels)
        is_as_written = len(there) == len(names)
        yield LabelRecord(
            0,
            printable(there[0].file) if is_moved else printable(values["path"]),
            labels,
            decided_by=values["decided_by"] if is_as_written else "",
            state=values["state"] if is_as_written else "",
            size=values["size"],
            digest=values["digest"],
            file=there[0].file,
        )


def _lines(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the lines of our own file, up to the first that is not one of ours."""
    if not path.is_file():
        return
    try:
        with open_regular(path) as stream:
            while line := stream.readline(_LONGEST_LINE):
                values: Any = json.loads(line)
                if not _is_ours(values):
                    return
                yield values
    except (OSError, ValueError, RecursionError):
        return


def _is_ours(values: object) -> bool:
    match values:
        case {
            "path": str(),
            "files": list(),
            "size": int(),
            "digest": str(),
            "decided_by": str(),
            "state": str(),
        }:
            files = cast("dict[str, list[object]]", values)["files"]
            return all(isinstance(one, str) for one in files)
        case _:
            return False


FOLDERS: Final = ExportFormat(
    "folders",
    "Class folders",
    Target.FOLDER,
    "",
    FOLDER,
    frozenset(("which", "transfer", "unlabelled", "refuse_several")),
    write,
    has_numbers=False,
    purpose=Message("for-folders"),
)

READ_FOLDERS: Final = ImportFormat("folders", "Class folders", fits, read)
