"""Explains errors of the operating system, and makes paths printable, also in commands."""

import errno
import os
import shlex
from typing import Final

from nameplate.domain.messages import Message, Parameter
from nameplate.system.opening import NotRegularFileError

_REASONS: Final = {
    errno.EACCES: Message("no-permission-to-open"),
    errno.EPERM: Message("no-permission-to-open"),
    errno.ENOENT: Message("has-vanished"),
    errno.ENOTDIR: Message("has-vanished"),
    errno.EISDIR: Message("is-folder"),
    errno.ELOOP: Message("is-loop-of-links"),
    errno.ENAMETOOLONG: Message("path-too-long"),
    errno.EIO: Message("disk-failed"),
    errno.EMFILE: Message("too-many-files-open"),
}

FULL_DISK: Final = frozenset(
    getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG") if hasattr(errno, name)
)
"""Error numbers that say that nothing more fits; Windows has no EDQUOT."""


def reason_of(error: OSError) -> Message:
    """Return why a file cannot be read."""
    if isinstance(error, NotRegularFileError):
        return Message("no-regular-file")
    return _REASONS.get(error.errno or 0) or Message("cannot-read", {"why": words_of(error)})


def words_of(error: OSError) -> Parameter:
    """Return the system's text for an error."""
    return error.strerror or Message("unknown-reason")


def printable(text: str) -> str:
    r"""Return `text` as valid UTF-8: bytes of a path that are not become `\udc..`.

    Python carries such bytes as lone surrogates, which no file, terminal or database accepts.
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def as_word(path: str) -> str:
    """Return a path as one word of a command that a person can paste into a terminal."""
    return f'"{path}"' if os.name == "nt" else shlex.quote(path)
