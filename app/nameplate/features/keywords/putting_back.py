"""Puts pictures back as they were before keywords were written into them."""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from nameplate.domain.errors import ImageError
from nameplate.domain.images import ImageTable
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken, Progress
from nameplate.features.keywords.backup import Backup, Replaced, alone
from nameplate.features.keywords.files import Original
from nameplate.features.keywords.writing import Done
from nameplate.system.failures import printable
from nameplate.system.file_status import key_of


def paths_of(images: ImageTable) -> dict[int, str]:
    """Return by id where images are."""
    return dict(zip(images.ids.tolist(), images.paths.texts, strict=True))


def put_back(backup: Backup, paths: dict[int, str], cancel: CancelToken) -> Iterator[Done]:
    """Put all pictures of a backup back as they were, those that were written last first.

    A picture that another program changed since stays as it is, and is a problem. Where all are as
    they were, the backup is ended.

    Args:
        backup: What was replaced.
        paths: By id, where the images of the project are now.
        cancel: Looked at between two pictures; the others stay as they are.

    Raises:
        OutputError: Somebody else writes, and nothing was done; or all is put back, and the backup
            cannot be ended.
    """
    started, is_whole = time.monotonic(), True
    with alone():
        lines = backup.read()[::-1]
        for number, line in enumerate(lines, 1):
            if cancel.is_cancelled:
                return
            done = Done(progress=Progress(number, len(lines), time.monotonic() - started))
            if line is None:
                done.problems.append((printable(str(backup.path)), Message("damaged-backup")))
            else:
                _put_one_back(line, paths.get(line.image, ""), done)
            is_whole = is_whole and not done.problems
            yield done
        if is_whole:
            backup.end()


def _put_one_back(line: Replaced, path: str, done: Done) -> None:
    """Put one picture back, which the project has at `path`; empty for a picture of a copy of it.

    Such a copy may have given the number of the picture to another one.
    """
    with done.noting(path or line.path):
        original = _written(line, [Path(one) for one in (path, line.path) if one])
        if key_of(original.content) != line.before:  # else it was not written, or is put back
            original.replace(line.put_back_in(original.content), line.modified)
            done.count += 1
        if path and original.path == Path(path):
            done.contents[line.image] = line.before


def _written(line: Replaced, places: Sequence[Path]) -> Original:
    """Return the first file that was written, or else the one in the first place."""
    for place in places:
        with suppress(ImageError, OSError, ValueError):
            original = Original.read(place)
            if key_of(original.content) in (line.before, line.after):
                return original
    return Original.read(places[0])
