"""Light, dark, or as the system: chosen in the menu, remembered."""

from typing import Final

from PySide6.QtCore import QSettings, Qt

from nameplate.ui.shell.actions import Actions
from nameplate.ui.widgets import theme

LOOKS: Final = {
    "look_system": Qt.ColorScheme.Unknown,
    "look_light": Qt.ColorScheme.Light,
    "look_dark": Qt.ColorScheme.Dark,
}
"""By the id of the action that chooses it."""

_KEY: Final = "window/look"
_DEFAULT: Final = "look_system"


def choose_look(settings: QSettings, name: str) -> None:
    """Use the look of the action `name` from now on."""
    theme.set_scheme(LOOKS[name])
    settings.setValue(_KEY, name)


def restore_look(settings: QSettings, actions: Actions) -> None:
    """Use the look that was chosen last, and tick its action."""
    name = str(settings.value(_KEY, _DEFAULT))
    name = name if name in LOOKS else _DEFAULT
    actions[name].setChecked(True)
    if name != _DEFAULT:
        choose_look(settings, name)
