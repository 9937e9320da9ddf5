"""Full screen for the pictures, with everything else hidden."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QWidget

from nameplate.ui.modes.view_modes import ViewMode, ViewModes


class FullScreen(QObject):
    """Switches to full screen, and restores the window afterwards.

    Attributes:
        is_on: Whether the window fills the screen.
    """

    def __init__(
        self,
        window: QMainWindow,
        modes: ViewModes,
        bars: QWidget,
        others: Sequence[QWidget],
        action: QAction,
    ) -> None:
        """Hide `bars`, `others` and the menu bar in full screen; the menu's keys still work.

        The `action` shows whether the bars are beside the pictures.
        """
        super().__init__(window)
        self.is_on = False
        self._window = window
        self._modes = modes
        self._bars = bars
        self._action = action
        self._others = (window.menuBar(), bars, *others)
        self._hidden: list[QWidget] = []
        modes.changed.connect(self._on_mode)

    def toggle(self) -> None:
        """Enter or leave full screen; from the grid, enter with the large view."""
        if self.is_on:
            self.leave()
            return
        if self._modes.current is ViewMode.GRID:
            self._modes.show(ViewMode.LARGE)
        if self._modes.current is not ViewMode.GRID:
            self._enter()

    def toggle_bars(self) -> None:
        """Show or hide the current picture's probabilities beside it."""
        self._bars.setVisible(self._bars.isHidden())
        self._tell()

    def _tell(self) -> None:
        self._action.setChecked(not self._bars.isHidden())

    def leave(self) -> None:
        """Leave full screen, and show all parts again."""
        if not self.is_on:
            return
        self.is_on = False
        self._window.setWindowState(self._window.windowState() & ~Qt.WindowState.WindowFullScreen)
        for widget in self._hidden:
            widget.show()
        self._tell()

    def _enter(self) -> None:
        self.is_on = True
        self._hidden = [widget for widget in self._others if not widget.isHidden()]
        for widget in self._hidden:
            widget.hide()
        self._tell()
        self._window.setWindowState(self._window.windowState() | Qt.WindowState.WindowFullScreen)
        self._modes.focus()

    @Slot(object)
    def _on_mode(self, mode: ViewMode) -> None:
        if mode is ViewMode.GRID:
            self.leave()
