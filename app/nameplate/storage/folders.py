"""Finds and creates this program's own folders and files, private to this user."""

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
    """Return this program's folder, not created yet; `temporary_folder` if there is none.

    A service may run without HOME, for a user without an entry in the list of users.

    Args:
        where: One of `platformdirs`' functions, such as `user_cache_path`.
    """
    try:
        folder = where("nameplate", appauthor=False)
    except (
        RuntimeError
    ):  # older versions return `~/.cache`, which would be relative to the current folder
        return temporary_folder()
    return folder if folder.is_absolute() else temporary_folder()


def models_folder() -> Path:
    """Return the folder of all added models, which need not exist."""
    return own_folder(platformdirs.user_data_path) / "models"


def projects_folder() -> Path:
    """Return the folder of projects that were not saved to a chosen path yet."""
    return own_folder(platformdirs.user_data_path) / "projects"


def backups_folder() -> Path:
    """Return the folder of the backups of projects."""
    return projects_folder() / "backups"


def undo_folder() -> Path:
    """Return the folder of the logs by which files that were written beside pictures are undone."""
    return own_folder(platformdirs.user_data_path) / "undo"


def make_private_folder(folder: Path) -> None:
    """Create one of this program's folders, accessible to this user only.

    Permissions of an existing one are reduced: its files show what the pictures show. On
    Windows these folders are in the user's profile, which others cannot open.
    """
    folder.mkdir(_PRIVATE_FOLDER, parents=True, exist_ok=True)
    _restrict(folder, _PRIVATE_FOLDER)


def make_private_file(file: Path) -> None:
    """Create an empty file readable by this user only, or restrict an existing one.

    If it cannot be made, nothing is raised: the next attempt to open it reports why.
    """
    with suppress(OSError):
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE))
    restrict_file(file)


def restrict_file(file: Path) -> None:
    """Remove other users' permissions from a file of this program, if it exists."""
    _restrict(file, PRIVATE_FILE)


def _restrict(path: Path, most: int) -> None:
    if os.name != "posix" or path.is_symlink():  # a link: its target is the person's choice
        return
    with suppress(OSError):  # not there, another user's, or on a file system without modes
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & ~most:
            path.chmod(mode & most)


@functools.cache
def temporary_folder() -> Path:
    """Return a new private folder, which is deleted when the program ends.

    If none can be made, it is a path at which nothing can be made, so that every write fails and is
    handled.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix="nameplate-"))
    except OSError:
        return Path(os.devnull).absolute() / "nameplate"
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def settings_path() -> Path:
    """Return the file of the window's settings, in the platform's config folder.

    Without a home it is in a temporary folder, and forgotten when the program ends.
    """
    return own_folder(platformdirs.user_config_path) / "window.ini"


def made_settings_file() -> Path:
    """Return `settings_path()` after creating it, readable by this user only.

    If it cannot be made, nothing is remembered.
    """
    path = settings_path()
    with suppress(OSError):
        make_private_folder(path.parent)
        make_private_file(path)  # Qt keeps the mode
    return path
