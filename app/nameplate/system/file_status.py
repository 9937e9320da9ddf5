"""Identity of files by status, and of contents by hash."""

import hashlib
import os
from pathlib import Path
from typing import Final

from nameplate.domain.progress import CancelToken
from nameplate.system.opening import open_regular

Status = tuple[int, int, int, int]
"""Size in bytes, `mtime` and `ctime` in ns (on Windows, the time of creation), and inode.

A file with an equal status is assumed to be unchanged. Size and `mtime` alone are not enough:
copies keep both, so two files that swap their names would be mistaken for each other.
"""

_PIECE: Final = 1 << 18

_SQLITE_INTEGER: Final = 2**63 - 1


def content_key(path: Path, cancel: CancelToken | None = None) -> str:
    """Return a key for the content of a file: its size and a 128-bit hash of all bytes."""
    digest, size = hashlib.blake2b(digest_size=16), 0
    piece = memoryview(bytearray(_PIECE))
    with open_regular(path) as stream:
        while count := stream.readinto(piece):
            digest.update(piece[:count])
            size += count
            if cancel is not None:
                cancel.raise_if_cancelled()
    return f"{digest.hexdigest()}-{size}"


def key_of(content: bytes) -> str:
    """Return the `content_key` of a file with this content."""
    return f"{hashlib.blake2b(content, digest_size=16).hexdigest()}-{len(content)}"


def absolute_bytes(path: Path) -> bytes:
    """Return the absolute path in the system's encoding, as `status_of` and the caches use it."""
    return os.fsencode(path.absolute())


def status_of(name: bytes) -> Status | None:
    """Return the status of the file `name`; None if there is none."""
    try:
        return status_in(os.stat(name))  # noqa: PTH116 - a Path for each of many thousands is slow
    except (OSError, ValueError):
        return None


def status_in(status: os.stat_result) -> Status:
    """Return the status from the result of `os.stat`."""
    # SQLite's integers have 63 bits and a sign; a file can be dated after 2262.
    return (
        status.st_size & _SQLITE_INTEGER,
        status.st_mtime_ns & _SQLITE_INTEGER,
        status.st_ctime_ns & _SQLITE_INTEGER,
        status.st_ino & _SQLITE_INTEGER,
    )
