"""Imports class folders: the name of a folder is the label of the pictures in it.

Of ours the two files beside them are believed where they agree with what lies there: somebody may
have put pictures into other folders meanwhile, and then it is the folder that counts.
"""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any, Final, NamedTuple, cast

from nameplate.domain.errors import UsageError
from nameplate.domain.messages import Message
from nameplate.domain.records import LabelRecord, Read, ReadAs, RecordProblem
from nameplate.features.exchange.formats.folders import UNLABELLED
from nameplate.features.exchange.formats.split import PARTS
from nameplate.formats.import_format import ImportFormat, ImportOptions
from nameplate.formats.outputs.safe_names import PICTURES_FILE, read_names
from nameplate.imaging.scan import scan
from nameplate.system.failures import printable
from nameplate.system.opening import open_regular

_PARTS: Final = frozenset((*PARTS, "valid", "validation", "training", "testing", "dev"))
_UNLABELLED: Final = frozenset((UNLABELLED, "_unlabeled", "unlabelled", "unlabeled"))
_MOVES: Final = "nameplate-moves.jsonl"
"""In folders that 1.0.0 moved pictures to: where they were is no place of theirs any more."""

_LONGEST_LINE: Final = 1_000_000


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
        is_in_part = len(one) > 2 and one[0].casefold() in _PARTS
        folder = one[is_in_part] if len(one) > 1 else ""
        is_unlabelled = folder not in names and (not folder or folder in _UNLABELLED)
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


CLASS_FOLDERS: Final = ImportFormat("folders", "Class folders", fits, read)
