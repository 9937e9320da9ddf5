"""Plain words for errors of the operating system, and printable forms of paths."""

import errno
from typing import Final

_REASONS: Final = {
    errno.EACCES: "cannot be opened: no permission",
    errno.EPERM: "cannot be opened: no permission",
    errno.ENOENT: "has vanished",
    errno.ENOTDIR: "has vanished",
    errno.EISDIR: "is a folder",
    errno.ELOOP: "is a link that leads back to itself",
    errno.ENAMETOOLONG: "has a path that is too long",
    errno.EIO: "cannot be read: the disk or the connection failed",
    errno.EMFILE: "cannot be opened: too many files are open",
}

FULL_DISK: Final = frozenset(
    getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG") if hasattr(errno, name)
)
"""Error numbers that say that nothing more fits; Windows has no EDQUOT."""


def reason_of(error: OSError) -> str:
    """Return why a file cannot be read, in words that follow its name."""
    known = _REASONS.get(error.errno or 0)
    return known or f"cannot be read: {error.strerror or 'unknown reason'}"


def printable(text: str) -> str:
    r"""Return `text` as valid UTF-8: the bytes of a path that are not UTF-8 become `\udc..`.

    Python carries such bytes as lone surrogates, which no file, terminal or database accepts.
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
