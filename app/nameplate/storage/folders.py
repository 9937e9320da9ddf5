"""Where the platform keeps a program's own files, and what to do where it has no such place."""

import atexit
import functools
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path


def own_folder(where: Callable[..., Path]) -> Path:
    """Return this program's folder, not made yet; `temporary_folder` where the system has none.

    A service may run without HOME, for a user without an entry in the list of users.

    Args:
        where: One of `platformdirs`' functions, such as `user_cache_path`.
    """
    try:
        folder = where("nameplate", appauthor=False)
    except RuntimeError:  # older versions return `~/.cache`, which would be made where we stand
        return temporary_folder()
    return folder if folder.is_absolute() else temporary_folder()


@functools.cache
def temporary_folder() -> Path:
    """Return a new folder that this user alone can open; it goes when the program ends.

    Where not even that can be made, it is a path at which nothing can be made either, so that who
    uses it goes on without.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix="nameplate-"))
    except OSError:
        return Path(os.devnull).absolute() / "nameplate"
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
