"""Opens files to be read: regular ones alone, so that none blocks or never ends."""

import errno
import io
import os
import stat
from pathlib import Path
from typing import Final

_NO_WAIT: Final = getattr(os, "O_NONBLOCK", 0)
"""Opening a pipe waits for its writer; a pipe may have taken a file's place a moment ago."""

_NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0)
_BINARY: Final = getattr(os, "O_BINARY", 0) | getattr(os, "O_NOINHERIT", 0)


class NotRegularFileError(OSError):
    """A pipe, a device or a socket stands where a file was expected."""


def open_regular(path: Path | str, *, follow_links: bool = True) -> io.BufferedReader:
    """Open a regular file for reading.

    Every reader of files that a person or a stranger names opens them by this.

    Args:
        path: The file.
        follow_links: Whether `path` may be a link; not in a folder that comes from a stranger.
            Links among the folders above it are always followed.

    Raises:
        OSError: It cannot be opened, is a folder (EISDIR), or is a link that must not be followed
            (ELOOP).
        NotRegularFileError: It is a pipe, a device or a socket.
        ValueError: `path` holds a NUL.
    """
    if not follow_links:
        _refuse_link(path)
    flags = os.O_RDONLY | _NO_WAIT | _BINARY | (0 if follow_links else _NO_LINK)
    handle = _opened(path, flags)
    try:
        return open(handle, "rb")  # noqa: PTH123
    except BaseException:
        os.close(handle)
        raise


def begins_with(path: Path, head: bytes) -> bool:
    """Return whether a regular file begins so; raises as `open_regular`."""
    with open_regular(path) as stream:
        return stream.read(len(head)) == head


def open_own_file(path: Path) -> int:
    """Return a descriptor of a file of this program, to lock it; it is made if it is not there.

    Raises:
        OSError: It cannot be made, or is a link (ELOOP).
        NotRegularFileError: It is a pipe, a device or a socket.
    """
    _refuse_link(path)
    return _opened(path, os.O_RDWR | os.O_CREAT | _NO_WAIT | _NO_LINK | _BINARY)


def _refuse_link(path: Path | str) -> None:
    if os.path.islink(path):  # noqa: PTH114 - Windows has no O_NOFOLLOW
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))


def _opened(path: Path | str, flags: int) -> int:
    """Return a descriptor of a regular file; a new one is for this user alone."""
    try:
        handle = os.open(path, flags, 0o600)
    except OSError as error:
        if error.errno == errno.ENXIO:  # a socket, or a device without a driver
            raise NotRegularFileError(errno.EINVAL, "no regular file", str(path)) from error
        if isinstance(error, PermissionError) and os.path.isdir(path):  # noqa: PTH112 - or a str
            _refuse_other_kinds(stat.S_IFDIR, str(path))  # Windows opens no folder
        raise
    try:
        _refuse_other_kinds(os.fstat(handle).st_mode, str(path))
    except BaseException:
        os.close(handle)
        raise
    return handle


def _refuse_other_kinds(mode: int, path: str) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    if not stat.S_ISREG(mode):
        raise NotRegularFileError(errno.EINVAL, "no regular file", path)
