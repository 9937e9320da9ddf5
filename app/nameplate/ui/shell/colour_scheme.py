"""Light, dark, or as the system: chosen in the menu, remembered."""

from typing import Final

from PySide6.QtCore import QSettings, Qt

from nameplate.ui.shell.actions import Actions
from nameplate.ui.widgets import theme

SCHEMES: Final = {
    "look_system": Qt.ColorScheme.Unknown,
    "look_light": Qt.ColorScheme.Light,
    "look_dark": Qt.ColorScheme.Dark,
}
"""By the id of the action that chooses it."""

_KEY: Final = "window/look"
_DEFAULT: Final = "look_system"


def choose_scheme(settings: QSettings, name: str) -> None:
    """Use the look of the action `name` from now on."""
    theme.set_scheme(SCHEMES[name])
    settings.setValue(_KEY, name)


def restore_scheme(settings: QSettings, actions: Actions) -> None:
    """Use the look that was chosen last, and tick its action."""
    name = str(settings.value(_KEY, _DEFAULT))
    name = name if name in SCHEMES else _DEFAULT
    actions[name].setChecked(True)
    if name != _DEFAULT:
        choose_scheme(settings, name)
