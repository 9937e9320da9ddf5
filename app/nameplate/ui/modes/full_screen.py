"""Full screen for the pictures, with everything else hidden."""

from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from nameplate.ui.modes.view_modes import ViewMode

if TYPE_CHECKING:
    from nameplate.ui.window_parts import WindowParts


class FullScreen(QObject):
    """Switches to full screen, and restores the window afterwards.

    Attributes:
        is_on: Whether the window fills the screen.
    """

    def __init__(self, window: "WindowParts") -> None:
        super().__init__(window)
        self.is_on = False
        self._window, self._modes = window, window.modes
        self._others = (window.tools, window.problems, window.status)
        self._hidden: list[QWidget] = []
        self._folded: AbstractSet[str] = frozenset()
        self._modes.changed.connect(self._on_mode)

    def toggle(self) -> None:
        """Enter or leave full screen; from the grid, enter with the large view."""
        if self.is_on:
            self.leave()
            return
        if self._modes.current is ViewMode.GRID:
            self._modes.show(ViewMode.LARGE)
        if self._modes.current is not ViewMode.GRID:
            self._enter()

    def leave(self) -> None:
        """Leave full screen, and show all parts again."""
        if not self.is_on:
            return
        self.is_on = False
        self._window.setWindowState(self._window.windowState() & ~Qt.WindowState.WindowFullScreen)
        for widget in self._hidden:
            widget.show()
        self._window.columns.fold(self._folded)

    def _enter(self) -> None:
        self.is_on = True
        # The menu's keys still work. PySide gives a kept menu bar up when another project comes.
        others = (self._window.menuBar(), *self._others)
        self._hidden = [widget for widget in others if not widget.isHidden()]
        for widget in self._hidden:
            widget.hide()
        self._folded = self._window.columns.folded
        self._window.columns.fold_all()
        self._window.setWindowState(self._window.windowState() | Qt.WindowState.WindowFullScreen)
        self._modes.focus()

    def _on_mode(self, mode: ViewMode) -> None:
        if mode is ViewMode.GRID:
            self.leave()
