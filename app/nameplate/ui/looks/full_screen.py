"""The whole screen for the pictures: everything else in the window is hidden meanwhile."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QMainWindow, QWidget

from nameplate.ui.looks.looks import Look, Looks


class FullScreen(QObject):
    """Fills the screen with the pictures, and brings the rest of the window back.

    Attributes:
        is_on: Whether the window fills the screen.

    Signals:
        bars_shown: Whether the probabilities are beside the pictures now.
    """

    bars_shown = Signal(bool)

    def __init__(
        self, window: QMainWindow, looks: Looks, bars: QWidget, others: Sequence[QWidget]
    ) -> None:
        """Hide `bars` and `others` in full screen, and the menu bar, whose keys work on."""
        super().__init__(window)
        self.is_on = False
        self._window = window
        self._looks = looks
        self._bars = bars
        self._others = (window.menuBar(), bars, *others)
        self._hidden: list[QWidget] = []
        looks.changed.connect(self._on_look)

    def toggle(self) -> None:
        """Fill the screen, or go back to a window; from the grid with the large picture."""
        if self.is_on:
            self.leave()
            return
        if self._looks.current is Look.GRID:
            self._looks.show(Look.LARGE)
        if self._looks.current is not Look.GRID:
            self._enter()

    def toggle_bars(self) -> None:
        """Show the current picture's probabilities beside it, or hide them."""
        self._bars.setVisible(self._bars.isHidden())
        self._tell()

    def _tell(self) -> None:
        self.bars_shown.emit(not self._bars.isHidden())

    def leave(self) -> None:
        """Go back to a window with all its parts."""
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
        self._looks.focus()

    @Slot(object)
    def _on_look(self, look: Look) -> None:
        if look is Look.GRID:
            self.leave()
