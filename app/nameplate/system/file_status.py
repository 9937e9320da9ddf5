"""Identifies files by status, and contents by hash."""

import hashlib
import os
from pathlib import Path
from typing import Final

from nameplate.domain.progress import CancelToken
from nameplate.system.opening import open_regular

Status = tuple[int, int, int, int]
"""Size in bytes, times of the last change of the content and of the entry in ns, number of the
file on its disk: a file with the same is taken to be the same. (On Windows the second time is that
of creation.) The content's time alone is kept by copies and can be set: two files that swap their
names would be taken for each other.
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


def name_of(path: Path) -> bytes:
    """Return the absolute path as bytes, in the system's encoding."""
    return os.fsencode(path.absolute())


def status_of(name: bytes) -> Status | None:
    """Return the status of the file `name`; None if it cannot be read."""
    try:
        return status_in(os.stat(name))  # noqa: PTH116 - a Path for each of many thousands is slow
    except (OSError, ValueError):
        return None


def status_in(status: os.stat_result) -> Status:
    """Return the status in what the system says of a file."""
    # SQLite's integers have 63 bits and a sign; a file can be dated after 2262.
    return (
        status.st_size & _SQLITE_INTEGER,
        status.st_mtime_ns & _SQLITE_INTEGER,
        status.st_ctime_ns & _SQLITE_INTEGER,
        status.st_ino & _SQLITE_INTEGER,
    )
