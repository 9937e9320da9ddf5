"""Where settings live."""

from pathlib import Path

import platformdirs


def settings_path() -> Path:
    """Return the file that keeps what the window remembers, in the platform's config folder."""
    return platformdirs.user_config_path("nameplate", appauthor=False) / "window.ini"
