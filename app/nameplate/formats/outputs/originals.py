"""Copies or hard-links pictures."""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from nameplate.domain.errors import ImageError
from nameplate.domain.progress import CancelToken
from nameplate.imaging.sniff import HEAD_BYTES, is_picture_head
from nameplate.system.failures import reason_of
from nameplate.system.file_status import Status, status_in
from nameplate.system.opening import open_regular

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
