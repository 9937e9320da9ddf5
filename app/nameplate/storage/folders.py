"""Where the platform keeps a program's own files, and what to do where it has no such place."""

import atexit
import functools
import os
import shutil
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import platformdirs

MANIFEST: Final = "model.toml"
"""Describes the model in its folder."""

PRIVATE_FILE: Final = 0o600
_PRIVATE_FOLDER: Final = 0o700


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


def models_folder() -> Path:
    """Return the folder of all added models, which need not be there."""
    return own_folder(platformdirs.user_data_path) / "models"


def projects_folder() -> Path:
    """Return the folder of the projects that have no place of a person's choice yet."""
    return own_folder(platformdirs.user_data_path) / "projects"


def make_private_folder(folder: Path) -> None:
    """Make one of this program's folders so that this user alone can open it.

    One that is there is narrowed: what is in it shows what the pictures show. Modes are POSIX's; on
    Windows these folders are in the user's profile, which others cannot open.

    Raises:
        OSError: It cannot be made.
    """
    folder.mkdir(_PRIVATE_FOLDER, parents=True, exist_ok=True)
    _narrow(folder, _PRIVATE_FOLDER)


def make_private_file(file: Path) -> None:
    """Make an empty file that this user alone can read, or narrow the one that is there.

    Where it cannot be made, whoever opens it next will say so.
    """
    with suppress(OSError):
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE))
    narrow_file(file)


def narrow_file(file: Path) -> None:
    """Take from others what they may do with a file of this program, if it is there."""
    _narrow(file, PRIVATE_FILE)


def _narrow(path: Path, most: int) -> None:
    if os.name != "posix" or path.is_symlink():  # what a person put elsewhere is theirs
        return
    with suppress(OSError):  # not there, another user's, or on a file system without modes
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & ~most:
            path.chmod(mode & most)


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
