"""Full screen for the pictures, with everything else hidden."""

from collections.abc import Set as AbstractSet

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMainWindow, QWidget

from nameplate.ui.modes.view_modes import ViewMode, ViewModes
from nameplate.ui.shell.columns import INSPECTOR, NAMES, Columns


class FullScreen(QObject):
    """Switches to full screen, and restores the window afterwards."""

    def __init__(
        self, window: QMainWindow, modes: ViewModes, columns: Columns, *others: QWidget
    ) -> None:
        """Let a window fill the screen with its pictures alone, without `others`."""
        super().__init__(window)
        self.is_on = False
        self._window, self._modes, self._columns = window, modes, columns
        self._others = others
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
        self._columns.fold(self._folded)

    def _enter(self) -> None:
        self.is_on = True
        # The menu's keys still work. PySide gives a kept menu bar up when another project comes.
        others = (self._window.menuBar(), *self._others)
        self._hidden = [widget for widget in others if not widget.isHidden()]
        for widget in self._hidden:
            widget.hide()
        self._folded = self._columns.folded
        self._columns.fold({NAMES, INSPECTOR})
        self._window.setWindowState(self._window.windowState() | Qt.WindowState.WindowFullScreen)
        self._modes.focus()

    def _on_mode(self, mode: ViewMode) -> None:
        if mode is ViewMode.GRID:
            self.leave()
