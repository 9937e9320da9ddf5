"""Finds and creates the file of the window's settings."""

from contextlib import suppress
from pathlib import Path

import platformdirs

from nameplate.storage.folders import make_private_file, make_private_folder, own_folder


def settings_path() -> Path:
    """Return the file of the window's settings, in the platform's config folder.

    Without a home it is in a temporary folder, and forgotten when the program ends.
    """
    return own_folder(platformdirs.user_config_path) / "window.ini"


def made_settings_file() -> Path:
    """Return `settings_path()` after creating it, readable by this user only.

    If it cannot be made, settings are not kept.
    """
    path = settings_path()
    with suppress(OSError):
        make_private_folder(path.parent)
        make_private_file(path)  # Qt keeps the mode
    return path
