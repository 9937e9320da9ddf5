"""Drives the naming of pictures that look alike in a person's words."""

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget

from drivers.base import called
from nameplate.ui.pages.groups import GroupPanel
from qt_help import LEFT, NO_KEY, wait
from window_driver import WindowDriver


class Groups:
    """Group after group of pictures, and the line that takes their name."""

    def __init__(self, window: WindowDriver) -> None:
        self._window = window

    @property
    def _panel(self) -> GroupPanel:
        return self._window.main.workbenches["groups"].part(GroupPanel)

    def begin(self) -> None:
        """Look at pictures that look alike, and wait for the first ones."""
        self._window.menu_entry("Name similar pictures").trigger()
        wait(lambda: self.shown)

    @property
    def shown(self) -> list[str]:
        """The alike pictures that are shown; none where there are none."""
        panel = self._panel
        is_shown = panel.isVisible() and panel.is_page_shown
        return [called(picture.path) for picture in panel.view.pictures] if is_shown else []

    @property
    def is_seen(self) -> bool:
        """Whether groups, or what is said where there are none, are in sight."""
        return self._panel.isVisible()

    @property
    def text(self) -> str:
        """All that stands beside the alike pictures, or where there are none."""
        return self._panel.text

    @property
    def spoken(self) -> str:
        """What a screen reader calls the pictures that are shown."""
        return self._panel.view.accessibleName()

    @property
    def head(self) -> list[QWidget]:
        """What stands above the alike pictures to type into and to press."""
        panel = self._panel
        return [panel.line, *(b for b in panel.findChildren(QPushButton) if b.isVisible())]

    def type(self, name: str) -> None:
        """Type what the alike pictures are."""
        self._panel.line.setFocus()
        self._window.type(name)

    def name(self, name: str) -> None:
        """Type what the alike pictures are, and press Enter."""
        self.type(name)
        self._window.press("Return")

    def click(self, picture: str) -> None:
        view, place = self._panel.view, self.shown.index(picture)
        rect = view.visualRect(view.model().index(place, 0))
        QTest.mouseClick(view.viewport(), LEFT, NO_KEY, rect.center())

    def marked(self) -> list[str]:
        """The alike pictures that are marked: they stay out."""
        return [called(one.path) for one in self._panel.view.pictures if ", wrong" in one.text]

    def press(self, text: str) -> None:
        """Press a button beside the alike pictures."""
        buttons = self._panel.findChildren(QPushButton)
        next(one for one in buttons if one.text() == text).click()
