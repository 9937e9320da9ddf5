"""A view of tiles of which some are selected, by image."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QItemSelectionModel, QModelIndex, QRect, Signal

from nameplate.ui.grid.selection import ImageSelection, Pick
from nameplate.ui.grid.tile_view import TileView
from nameplate.ui.tiles.thumbnails import ThumbnailLoader

_Flag = QItemSelectionModel.SelectionFlag


class SelectableView(TileView):
    """Keeps which images are selected, and of closed stacks all images.

    Qt's selection model has the current item only: the selection is an `ImageSelection`.

    Signals:
        selected_images_changed: The selection changed.
    """

    selected_images_changed = Signal()

    def __init__(self, loader: ThumbnailLoader) -> None:
        super().__init__(loader)
        self._selection = ImageSelection()

    def select_images(self, image_rows: NDArray[np.int64]) -> None:
        """Select these images and no others; the current image stays.

        A closed stack is selected where one of its images is.
        """
        self._pick(self._seen_as(image_rows), Pick.ONLY)

    def selected_image_rows(self) -> NDArray[np.int64]:
        """Return the selected image rows in display order, all of those in closed stacks."""
        if self._tiles is None:
            return self._order()
        tiles = self._tiles
        return tiles.images_of(self._selection.in_order(self._order(), tiles.positions_of))

    def selected_count(self) -> int:
        """Return the number of selected images, those in closed stacks counted."""
        if self._tiles is None or self._tiles.cells is None:
            return self._selection.count
        return len(self._tiles.images_of(self._selection.rows()))

    def _seen_as(self, image_rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows of the cells that images are shown in, where stacks are shown as one."""
        if self._tiles is None or self._tiles.cells is None:
            return image_rows
        places = np.unique(self._tiles.positions_of(image_rows))
        return self._order()[places[places >= 0]]

    def has_selected_images(self) -> bool:
        """Return whether any image is selected."""
        return self._selection.count > 0

    def is_selected_at(self, position: int) -> bool:
        """Return whether the image at `position` of the display order is selected."""
        return bool(self._selection.has(self._order()[[position]])[0])

    def selectAll(self) -> None:
        """Select every image shown."""
        self._pick(self._order(), Pick.ONLY)

    def clearSelection(self) -> None:
        """Select nothing; the current image stays."""
        self._pick(self._order()[:0], Pick.ONLY)

    def selectedIndexes(self) -> list[QModelIndex]:
        """Return an index for every selected image: slow for many, see `selected_image_rows`."""
        return [self._index(p) for p in np.flatnonzero(self._are_selected(self._order())).tolist()]

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """Apply `command` to the tiles that intersect `rect` (in the viewport)."""
        how = Pick.TOGGLE if command & _Flag.Toggle else Pick.ADD
        how = Pick.ONLY if command & _Flag.Clear else how
        if command & (_Flag.Select | _Flag.Toggle):
            self._pick(self._touched(rect.translated(0, self.verticalOffset())), how)

    def _are_selected(self, image_rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        return self._selection.has(image_rows)

    def _touched(self, rect: QRect) -> NDArray[np.int64]:
        order = self._order()
        parts = [order[part.start : part.stop] for part in self._layout.touched(rect)]
        return np.concatenate([order[:0], *parts])

    def _pick(
        self, rows: NDArray[np.int64], how: Pick, base: NDArray[np.bool_] | None = None
    ) -> None:
        if self._selection.pick(rows, how, base):
            self.viewport().update()
            self.selected_images_changed.emit()

    def _keep_selected(self, selected: NDArray[np.int64]) -> bool:
        """Select what was selected and is still shown; return whether the selection changed."""
        if self._tiles is None:
            return self._selection.pick(self._order(), Pick.ONLY)
        before, count = self._selection.count, len(selected)
        shown = selected[self._tiles.positions_of(selected) >= 0]
        self._selection.pick(self._seen_as(shown), Pick.ONLY)
        return before != self._selection.count or count != len(shown)
