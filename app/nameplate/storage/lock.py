"""One process at a time: a lock that the system takes off when its holder ends, however it ends."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from nameplate.storage.folders import PRIVATE_FILE


@contextmanager
def locked(path: Path, *, wait: bool = False) -> Generator[bool]:
    """Hold the lock of the file `path`, which is made and stays; yield whether it was free.

    Args:
        path: The file.
        wait: For the one who holds it (on Windows ten seconds at most); else it is yielded as held.

    Raises:
        OSError: The file cannot be made.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    is_free = False
    try:
        with suppress(OSError):
            is_free = try_lock(handle, wait=wait)
        yield is_free
    finally:
        os.close(handle)  # takes the lock off too


if sys.platform == "win32":
    import msvcrt

    def try_lock(handle: int, *, wait: bool = False) -> bool:
        """Lock an open file, without waiting or with; return whether it was free."""
        with suppress(OSError):
            msvcrt.locking(handle, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
            return True
        return False

else:
    import fcntl

    def try_lock(handle: int, *, wait: bool = False) -> bool:
        """Lock an open file, without waiting or with; return whether it was free.

        Raises:
            OSError: Its file system knows no locks.
        """
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        return True
