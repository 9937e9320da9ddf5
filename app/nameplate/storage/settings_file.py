"""Where settings live."""

from pathlib import Path

import platformdirs

from nameplate.storage.folders import own_folder


def settings_path() -> Path:
    """Return the file that keeps what the window remembers, in the platform's config folder.

    Without a home it is in a temporary folder, and forgotten when the program ends.
    """
    return own_folder(platformdirs.user_config_path) / "window.ini"
