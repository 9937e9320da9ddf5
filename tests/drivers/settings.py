"""Drives the settings of a window."""

from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from drivers.base import DriverBase
from nameplate.ui.shell.settings_panel import SettingsPanel
from qt_help import labelled, set_control


class SettingsDriver(DriverBase):
    """What a person chooses for all projects."""

    @property
    def settings_panel(self) -> SettingsPanel:
        return self.main.settings_panel

    def setting(self, text: str) -> QWidget:
        """Return the control of a setting."""
        return labelled(self.settings_panel, QWidget, text)

    def choose_setting(self, text: str, value: object) -> None:
        """Choose a value; of a box with entries, one of these."""
        set_control(self.setting(text), value)

    def reset_of(self, text: str) -> QPushButton:
        """Return the button that resets a setting."""
        return labelled(self.settings_panel, QPushButton, f"Reset: {text}")

    def said_in_settings(self) -> list[str]:
        """What the labels and hints of the panel say."""
        return [one.text() for one in self.settings_panel.findChildren(QLabel) if one.isVisible()]
