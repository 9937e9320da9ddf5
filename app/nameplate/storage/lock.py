"""Locks between processes, which the system releases when their holder ends."""

import os
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from filelock import lock_descriptor, unlock_descriptor

from nameplate.system.opening import open_own_file

_PAUSE: Final = 0.05
"""Seconds between two tries."""


@contextmanager
def locked(path: Path, *, seconds: float = 0.0) -> Generator[bool]:
    """Lock the file `path`, which is created and stays; yield whether that succeeded.

    Somebody else who holds it is waited for, for `seconds`. A link is refused: the folder may be a
    stranger's, and a file would be made where it leads.

    Raises:
        OSError: The file cannot be made, or is a link, a pipe or a device.
    """
    until = time.monotonic() + seconds
    handle = open_own_file(path)
    is_held = False
    try:
        while not (is_held := _try_lock(handle)) and time.monotonic() < until:
            time.sleep(_PAUSE)
        yield is_held
    finally:
        if is_held:
            # Closing alone leaves it to a child process whose program has not begun yet.
            with suppress(OSError):
                unlock_descriptor(handle)
        os.close(handle)


def _try_lock(handle: int) -> bool:
    with suppress(OSError):  # a file system without locks
        return lock_descriptor(handle, blocking=False)
    return False
