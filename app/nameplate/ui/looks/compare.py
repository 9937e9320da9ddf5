"""Compare: two to nine pictures side by side, of which one has the focus."""

from typing import Final

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent

from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.looks.loader import PictureLoader
from nameplate.ui.looks.panes import CropOf, PicturePanes
from nameplate.ui.tiles.model import TileModel
from nameplate.ui.widgets.zoom import Zoom

MOST: Final = 9
_NEIGHBOURS: Final = 4
_STEPS: Final = {
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Home: -MOST,
    Qt.Key.Key_End: MOST,
}
_LINES: Final = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class CompareView(PicturePanes):
    """Shows pictures of the grid side by side; the grid's current one has the focus.

    Signals:
        emptied: There is nothing left to compare, or the person went on to another picture.
        taken_out: The image row that was taken out of the comparison.
    """

    emptied = Signal()
    taken_out = Signal(int)

    def __init__(
        self, grid: ImageGrid, model: TileModel, loader: PictureLoader, crop_of: CropOf
    ) -> None:
        super().__init__(grid, model, loader, crop_of)
        self.setAccessibleName("Pictures side by side")
        self._rows: list[int] = []
        self.row_pressed.connect(grid.set_current_image)
        grid.current_image_changed.connect(self._follow)
        model.modelReset.connect(self._drop_hidden)

    @property
    def rows(self) -> list[int]:
        """The image rows that are compared, in the order shown."""
        return self._rows

    def open(self, chosen: np.ndarray) -> None:
        """Compare the chosen image rows; with fewer than two the current one and those after it."""
        current = self._grid.current_image_row()
        if len(chosen) < 2:
            order = self._model.order
            start = max(0, self._model.index_of(current).row())
            start = max(0, min(start, len(order) - 2))
            chosen = order[start : start + _NEIGHBOURS]
        self._rows = [int(row) for row in chosen[:MOST]]
        if current not in self._rows:
            current = self._rows[0]
        self.set_zoom(Zoom())
        self._grid.stay_within(self._rows)
        self._grid.set_current_image(current)
        self.show_rows(self._rows, current)

    def take_out(self) -> None:
        """Take the picture with the focus out of the comparison; the next one gets the focus."""
        row = self._grid.current_image_row()
        if row not in self._rows or not self.isVisible():
            return
        place = self._rows.index(row)
        rest = [other for other in self._rows if other != row]
        self.taken_out.emit(row)
        if not rest:
            self.emptied.emit()
            return
        self._rows = rest
        self._grid.stay_within(rest)
        self._grid.set_current_image(rest[min(place, len(rest) - 1)])
        self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the focus; other keys are those of all panes, or left to the window."""
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        key = Qt.Key(event.key())
        is_plain = plain == Qt.KeyboardModifier.NoModifier
        if is_plain and key in _STEPS:
            self._go_by(_STEPS[key])
        elif is_plain and key in _LINES:
            self._go_by(_LINES[key] * self._columns(), stops=False)
        else:
            super().keyPressEvent(event)

    def _columns(self) -> int:
        tops = [pane.y() for pane in self.panes]
        return tops.count(tops[0]) if tops else 1

    def _go_by(self, steps: int, *, stops: bool = True) -> None:
        place = self._rows.index(self._grid.current_image_row()) + steps
        last = len(self._rows) - 1
        if stops or 0 <= place <= last:
            self._grid.set_current_image(self._rows[min(last, max(0, place))])

    @Slot(int)
    def _follow(self, row: int) -> None:
        if not self.isVisible():
            return
        if row in self._rows:
            self._show()
        else:  # such as the picture of a step that was undone
            self.emptied.emit()

    @Slot()
    def _drop_hidden(self) -> None:
        """Drop pictures that the view hides now."""
        if self.isVisible():
            self._rows = [row for row in self._rows if self._model.index_of(row).isValid()]
            self._follow(self._grid.current_image_row())

    def _show(self) -> None:
        self.show_rows(self._rows, self._grid.current_image_row())
