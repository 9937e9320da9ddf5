"""Folders for files that are needed for a moment; what killed processes left is deleted."""

import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from nameplate.storage.lock import locked

_PREFIX: Final = "nameplate-scratch-"
_LOCK_NAME: Final = ".lock"


@contextmanager
def scratch_folder() -> Generator[Path]:
    """Make an empty folder, readable by this user alone, and delete it at the end.

    It is locked until then; before it is made, those that nobody holds any more are deleted.

    Raises:
        OSError: It cannot be made.
    """
    _clear_abandoned(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        with locked(folder / _LOCK_NAME):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _clear_abandoned(parent: Path) -> None:
    with suppress(OSError), os.scandir(parent) as entries:
        for entry in entries:
            if entry.name.startswith(_PREFIX) and entry.is_dir(follow_symlinks=False):
                with suppress(OSError):
                    _clear(Path(entry.path))


def _clear(folder: Path) -> None:
    """Delete a folder of this user whose lock nobody holds; one that has none was made just now."""
    lock = folder / _LOCK_NAME
    is_ours = os.name != "posix" or folder.lstat().st_uid == os.getuid()
    if is_ours and lock.is_file():
        with locked(lock) as is_abandoned:
            pass
        if is_abandoned:  # Windows deletes no file that is open
            shutil.rmtree(folder, ignore_errors=True)
