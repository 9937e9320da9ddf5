"""Drives another look at decisions in a person's words."""

from PySide6.QtWidgets import QPushButton

from nameplate.features.outliers.panel import OdditiesPanel
from nameplate.ui.widgets.paragraph import Paragraph
from nameplate.ui.widgets.table import Table
from qt_help import button_is_shown, wait
from window_driver import WindowDriver


class AnotherLook:
    """The list of what deserves another look."""

    def __init__(self, window: WindowDriver) -> None:
        self._window = window

    @property
    def _panel(self) -> OdditiesPanel:
        return self._window.main.workbenches["outliers"].part(OdditiesPanel)

    @property
    def _table(self) -> Table:
        return self._panel.findChild(Table)

    def _go_to(self, title: str) -> None:
        item = next(item for item in self._table.items if item.text(0) == title)
        self._table.setCurrentItem(item)

    def open(self) -> None:
        """Open the list, and wait until it is there."""
        self._window.menu_entry("Possible mistakes").trigger()
        self.wait_until_listed()

    def wait_until_listed(self) -> None:
        """Wait until the list is there."""
        wait(lambda: self.kinds)

    @property
    def kinds(self) -> dict[str, str]:
        """What deserves another look: how many pictures of each kind."""
        return dict(self._table.rows) if self._panel.isVisible() else {}

    def text(self, title: str) -> str:
        """Return what is said of a kind."""
        self._go_to(title)
        return self._panel.findChild(Paragraph).text()

    def show(self, title: str) -> None:
        """Show the pictures of a kind."""
        self._go_to(title)
        self.press("Show pictures")

    def press(self, text: str) -> None:
        """Press a button of the list; no button that is hidden."""
        buttons = self._panel.findChildren(QPushButton)
        next(one for one in buttons if one.text() == text and one.isVisible()).click()

    def offers(self, text: str) -> bool:
        """Whether the list has this button."""
        return button_is_shown(self._panel, text)
