"""A view of tiles of which some are selected, by image."""

from collections.abc import Sequence
from enum import Enum, auto
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, Signal

from nameplate.domain.arrays import grown
from nameplate.ui.grid.zoomable import ZoomableView
from nameplate.ui.tiles.thumbnails import ThumbnailLoader

_FEW: Final = 10_000
"""Up to so many selected images, sorting their positions is faster than scanning all images."""


class Pick(Enum):
    """How picked images change the selection."""

    ONLY = auto()
    """Replace the selection."""
    ADD = auto()
    """Add to the selection."""
    TOGGLE = auto()
    """Invert the selection of these images."""


class SelectableView(ZoomableView):
    """Keeps which images are selected, and of closed stacks all images.

    Qt's selection model has the current item only. What is selected is a flag for each image row,
    not for each position: a new order or filter does not change it, and selecting 100,000 takes a
    few µs, while Qt's own selection of scattered images would be thousands of ranges to rebuild.

    Signals:
        selected_images_changed: The selection changed.
    """

    selected_images_changed = Signal()

    def __init__(self, loader: ThumbnailLoader) -> None:
        super().__init__(loader)
        self._flags = np.zeros(0, dtype=np.bool_)

    def select_images(self, image_rows: NDArray[np.int64]) -> None:
        """Select these images and no others; the current image stays.

        A closed stack is selected where one of its images is.
        """
        self._pick(self._seen_as(image_rows), Pick.ONLY)

    def selected_image_rows(self) -> NDArray[np.int64]:
        """Return the selected image rows in display order, all of those in closed stacks."""
        rows = np.flatnonzero(self._flags)
        if len(rows) > _FEW:
            rows = self._order()[self._are_selected(self._order())]
        else:
            rows = rows[np.argsort(self._tiles.positions_of(rows), kind="stable")]
        return self._tiles.images_of(rows)

    def selected_count(self) -> int:
        """Return the number of selected images, those in closed stacks counted."""
        return len(self._tiles.images_of(np.flatnonzero(self._flags)))

    def _seen_as(self, image_rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows of the cells that images are shown in, where stacks are shown as one."""
        if self._tiles.cells is None:
            return image_rows
        places = np.unique(self._tiles.positions_of(image_rows))
        return self._order()[places[places >= 0]]

    def has_selected_images(self) -> bool:
        """Return whether any image is selected."""
        return bool(self._flags.any())

    def selectAll(self) -> None:
        """Select every image shown."""
        self._pick(self._order(), Pick.ONLY)

    def clearSelection(self) -> None:
        """Select nothing; the current image stays."""
        self._pick(self._order()[:0], Pick.ONLY)

    def _selected_among(self, positions: range) -> Sequence[bool]:
        rows = self._order()[positions.start : positions.stop]
        selected: list[bool] = self._are_selected(rows).tolist()
        return selected

    def _are_selected(self, image_rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        self._grow(image_rows)
        return self._flags[image_rows]

    def _touched(self, rect: QRect) -> NDArray[np.int64]:
        order = self._order()
        parts = [order[part.start : part.stop] for part in self._layout.touched(rect)]
        return np.concatenate([order[:0], *parts])

    def _pick(
        self, rows: NDArray[np.int64], how: Pick, base: NDArray[np.bool_] | None = None
    ) -> None:
        """Pick images, each once, starting from `base` if given, else from the selection."""
        shown = self._reaching_into(self.viewport().rect())
        before = self._selected_among(shown)
        if self._change(rows, how, base):
            now = self._selected_among(shown)
            changed = zip(shown, before, now, strict=True)
            self._repaint(at for at, was, is_now in changed if was != is_now)
            self.selected_images_changed.emit()

    def _change(
        self, rows: NDArray[np.int64], how: Pick, base: NDArray[np.bool_] | None = None
    ) -> bool:
        """Pick images as `_pick` does, and tell nobody; return whether the selection changed."""
        self._grow(rows)
        before, self._flags = self._flags, np.zeros_like(self._flags)
        if how is not Pick.ONLY:
            start = before if base is None else base
            self._flags[: len(start)] = start
        self._flags[rows] = ~self._flags[rows] if how is Pick.TOGGLE else True
        return not np.array_equal(self._flags, before)

    def _grow(self, image_rows: NDArray[np.int64]) -> None:
        self._flags = grown(self._flags, 1 + int(image_rows.max(initial=-1)))

    def _keep_selected(self, selected: NDArray[np.int64]) -> bool:
        """Restore the selection of images still shown; return whether it changed."""
        before, count = np.count_nonzero(self._flags), len(selected)
        shown = selected[self._tiles.positions_of(selected) >= 0]
        self._change(self._seen_as(shown), Pick.ONLY)
        return before != np.count_nonzero(self._flags) or count != len(shown)
