"""The large view: the grid's current picture alone, with keys to move on."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent

from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.looks.loader import PictureLoader
from nameplate.ui.looks.panes import CropOf, PicturePanes
from nameplate.ui.tiles.model import TileModel
from nameplate.ui.widgets.zoom import Zoom

_STEPS: Final = {
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageDown: 1,
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageUp: -1,
    Qt.Key.Key_Home: -(10**12),
    Qt.Key.Key_End: 10**12,
}
_PICTURES: Final = (1, 2, 3, -1)
_THUMBNAILS: Final = sorted(range(-10, 40), key=lambda step: step if step >= 0 else 10 - step)
"""What is made ahead, the most urgent first, in steps in the direction that a person walks in."""


class LargeView(PicturePanes):
    """Shows the current picture of the grid as large as fits, and follows it."""

    def __init__(
        self, grid: ImageGrid, model: TileModel, loader: PictureLoader, crop_of: CropOf
    ) -> None:
        super().__init__(grid, model, loader, crop_of)
        self.setAccessibleName("Large picture")
        self._place = 0
        self._is_forward = True
        grid.current_image_changed.connect(self._follow)

    @Slot()
    def open(self) -> None:
        """Select only the current picture, or the first one, and show it."""
        row = self._grid.current_image_row()
        row = row if row >= 0 else self._model.image_row(0)
        self._grid.set_current_image(row)
        self._show(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk on; other keys are those of all panes, or left to the window."""
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        steps = _STEPS.get(Qt.Key(event.key()))
        if steps is not None and plain == Qt.KeyboardModifier.NoModifier:
            self._grid.go_by(steps)
        else:
            super().keyPressEvent(event)

    @Slot(int)
    def _follow(self, row: int) -> None:
        if self.isVisible() and row >= 0:
            self._show(row)

    def _show(self, row: int) -> None:
        place = self._model.index_of(row).row()
        if place < 0:
            return
        if place != self._place:
            self._is_forward = place > self._place
        self._place = place
        if not self._zoom.is_fitted:
            self.set_zoom(Zoom())
        self.show_rows([row], row, self._near(_PICTURES))
        self._grid.prepare_thumbnails(self._model.path(place), self._near(_THUMBNAILS))

    def _near(self, steps: Iterable[int]) -> list[Path]:
        """Return the next files in the direction that the person moves in."""
        sign = 1 if self._is_forward else -1
        places = (self._place + sign * step for step in steps)
        return [self._model.path(at) for at in places if 0 <= at < self._model.rowCount()]
