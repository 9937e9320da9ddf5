"""The colour scheme: light, dark or the system's; chosen in the menu, stored in the settings."""

from typing import Final

from PySide6.QtCore import QSettings, Qt

from nameplate.ui.commands.actions import Actions
from nameplate.ui.widgets import theme

SCHEMES: Final = {
    "look_system": Qt.ColorScheme.Unknown,
    "look_light": Qt.ColorScheme.Light,
    "look_dark": Qt.ColorScheme.Dark,
}
"""Colour schemes by the id of their action."""

_KEY: Final = "window/look"
_DEFAULT: Final = "look_system"


def choose_scheme(settings: QSettings, name: str) -> None:
    """Apply and store the scheme of the action `name`."""
    theme.set_scheme(SCHEMES[name])
    settings.setValue(_KEY, name)


def restore_scheme(settings: QSettings, actions: Actions) -> None:
    """Apply the stored scheme and check its action."""
    name = str(settings.value(_KEY, _DEFAULT))
    name = name if name in SCHEMES else _DEFAULT
    actions[name].setChecked(True)
    if name != _DEFAULT:
        choose_scheme(settings, name)
