"""Reads class folders: what the folder of a picture is called is its label."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from nameplate.domain.messages import Message
from nameplate.domain.records import LabelRecord, Read, RecordProblem
from nameplate.formats.import_format import ImportFormat, ImportOptions
from nameplate.formats.safe_names import read_names
from nameplate.imaging.scan import scan
from nameplate.system.failures import printable

PARTS: Final = frozenset(("train", "training", "val", "valid", "validation", "test", "testing"))
"""Folders that are parts of a set, not labels."""

UNLABELLED: Final = "_unlabeled"
"""The folder of pictures without a label, as FiftyOne calls it."""


def fits(path: Path) -> bool:
    """Return whether this is a folder with folders in it.

    Raises:
        OSError: It cannot be read.
    """
    return path.is_dir() and any(one.is_dir() for one in path.iterdir())


def read(path: Path, options: ImportOptions) -> Iterator[Read]:
    """Yield a record for each picture in a folder of a label.

    Raises:
        CancelledError: The token of `options` was set.
    """
    root = path.absolute()
    names = read_names(root)
    number = 0
    for batch in scan([root], cancel=options.cancel):
        options.cancel.raise_if_cancelled()
        for problem in batch.problems:
            yield RecordProblem(0, problem.reason, printable(str(problem.path)))
        for image in batch.images:
            number += 1
            parts = image.relative_to(root).parts[:-1]
            parts = parts[1:] if parts and parts[0].lower() in PARTS and len(parts) > 1 else parts
            text = printable(str(image))
            if not parts:
                yield RecordProblem(number, Message("in-no-class-folder"), text)
            elif parts[0] != UNLABELLED:
                label = names.get(parts[0], printable(parts[0]))
                yield LabelRecord(number, text, (label,), file=str(image))
    options.cancel.raise_if_cancelled()


CLASS_FOLDERS: Final = ImportFormat("folders", "Class folders", fits, read)
