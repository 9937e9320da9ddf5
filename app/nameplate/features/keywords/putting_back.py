"""Puts pictures back as they were before keywords were written into them."""

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from nameplate.domain.errors import ImageError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken, Progress
from nameplate.features.keywords.backup import Backup, Replaced, alone
from nameplate.features.keywords.files import Original
from nameplate.features.keywords.writing import Done
from nameplate.project.project import Project
from nameplate.system.failures import printable
from nameplate.system.file_status import key_of


def paths_of(project: Project) -> dict[int, str]:
    """Return by id where the images of a project are."""
    return dict(zip(project.images.ids.tolist(), project.images.paths.texts, strict=True))


def put_back(backup: Backup, paths: Mapping[int, str], cancel: CancelToken) -> Iterator[Done]:
    """Put all pictures of a backup back as they were, those that were written last first.

    A picture that another program changed since stays as it is, and is a problem. Where all are as
    they were, the backup is ended.

    Args:
        backup: What was replaced.
        paths: By id, where the images of the project are now.
        cancel: Looked at between two pictures; the others stay as they are.

    Raises:
        UsageError: The backup cannot be read.
        OutputError: Somebody else writes, and nothing was done; or all is put back, and the backup
            cannot be deleted.
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
                _put_one_back(line, paths.get(line.image), done)
            is_whole = is_whole and not done.problems
            yield done
        if is_whole:
            backup.end(filter(None, lines))


def _put_one_back(line: Replaced, path: str | None, done: Done) -> None:
    """Put one picture back, which the project has at `path`; None for a picture of a copy of it."""
    with done.noting(printable(path or line.path)):
        original, is_own = _written(line, path)
        if key_of(original.content) != line.before:  # else it was not written, or is put back
            original.replace(line.put_back_in(original.content), line.modified)
            if is_own:
                done.changed[line.image] = line.before
            else:
                done.others += 1
        elif is_own:
            done.known[line.image] = line.before


def _written(line: Replaced, path: str | None) -> tuple[Original, bool]:
    """Return the file that was written, and whether it is the picture that the project has.

    A copy of a project may have given the number of a picture to another one.
    """
    for place in dict.fromkeys((path or line.path, line.path)):
        with suppress(ImageError, OSError, ValueError):
            original = Original.read(Path(place))
            if key_of(original.content) in (line.before, line.after):
                return original, place == path
    return Original.read(Path(path or line.path)), path is not None
