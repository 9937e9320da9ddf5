"""The slider for the size of the pictures."""

from math import log
from typing import Final

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QSlider

from nameplate.ui.grid.zoomable import LARGEST_TILE, SMALLEST_TILE, ZoomableView
from nameplate.wording.texts import tr

_WIDTH: Final = 96
_STEPS: Final = 100
_RATIO: Final = LARGEST_TILE / SMALLEST_TILE
_COLUMNS: Final = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: 1,
}


class SizeSlider(QSlider):
    """Sets the size of the pictures in a grid; each step is by the same share of it."""

    def __init__(self, grid: ZoomableView) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._grid = grid
        self.setRange(0, _STEPS)
        self.setMinimumWidth(48)
        self.setMaximumWidth(_WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(tr("Picture size"))
        self.setToolTip(tr("Picture size (Ctrl+wheel)"))
        grid.zoomed.connect(self._show_size)
        self.valueChanged.connect(self._set_size)
        self._show_size()

    def sizeHint(self) -> QSize:
        """Return the size that it has where there is room."""
        return QSize(_WIDTH, super().sizeHint().height())

    def _show_size(self) -> None:
        if not self.isSliderDown():  # it stays where the hand has it
            with QSignalBlocker(self):
                share = log(self._grid.tile_size / SMALLEST_TILE, _RATIO)
                self.setValue(round(_STEPS * share))

    def _set_size(self, value: int) -> None:
        self._grid.tile_size = round(SMALLEST_TILE * _RATIO ** (value / _STEPS))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Show a column fewer or more with the arrows; each press is seen."""
        step = _COLUMNS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self._grid.zoom_by(step)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Change nothing without the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
