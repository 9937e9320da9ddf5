"""Drives writing keywords into pictures in a person's words."""

from PySide6.QtWidgets import QAbstractButton

from nameplate.features.keywords.backup import backups_of
from nameplate.features.keywords.panel import KeywordsPanel
from qt_help import button_in, button_is_shown, press_button, wait
from window_driver import WindowDriver


class Keywords:
    """The panel that writes keywords into pictures."""

    def __init__(self, window: WindowDriver) -> None:
        self._window = window

    @property
    def _panel(self) -> KeywordsPanel:
        return self._window.main.workbenches["keywords"].part(KeywordsPanel)

    def open(self) -> None:
        """Open the panel, and wait until it knows what there is to do."""
        self.begin_to_open()
        self.wait_until_settled()

    def begin_to_open(self) -> None:
        """Open the panel, and don't wait until it knows what there is to do."""
        self._window.menu("Write keywords into pictures")
        wait(lambda: self._panel.is_open)

    def close(self) -> None:
        """Close the panel."""
        self._panel.close_panel()

    def wait_until_settled(self) -> None:
        """Wait until nothing is looked for or written."""
        wait(lambda: self._panel.is_settled, 30)

    @property
    def is_open(self) -> bool:
        return self._panel.is_open

    @property
    def says(self) -> str:
        return self._panel.text

    @property
    def is_doing(self) -> str:
        """What it says that it does now."""
        return self._panel.state.text()

    @property
    def shown(self) -> list[str]:
        """The buttons and boxes that are shown, and the table."""
        parts = self._panel.findChildren(QAbstractButton)
        texts = [one.text() for one in parts if one.isVisible() and one.text()]
        return [*texts, *(["table"] if self._panel.table.isVisible() else [])]

    @property
    def keywords(self) -> list[tuple[str, ...]]:
        """What would be written, and into how many pictures."""
        return self._panel.table.rows

    def offers(self, button: str) -> bool:
        """Whether the panel has a button that can be pressed."""
        return button_is_shown(self._panel, button) and (
            self._panel.begin_button.isEnabled() or not button.startswith("Write")
        )

    def begin(self, button: str) -> None:
        """Press a button, and don't wait."""
        press_button(self._panel, button)

    def keep(self) -> None:
        """Answer an earlier message by Keep."""
        self._panel.keep(backups_of(self._window.project.identity)[-1])

    def press(self, button: str) -> None:
        """Press a button of the panel, and wait until what it does is done."""
        press_button(self._panel, button)
        self.wait_until_settled()

    def take_unchecked_too(self) -> None:
        """Tick that labels that nobody checked are written, too."""
        button_in(self._panel, "Also labels you haven't checked").click()
        self.wait_until_settled()
