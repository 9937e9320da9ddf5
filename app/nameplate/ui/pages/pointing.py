"""Lets the grid, and with it the inspector, be about the picture that a person points at."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, Slot

from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.pages.page_view import PageView
from nameplate.ui.tiles.model import TileModel
from nameplate.ui.widgets.later import Later

_REST_MS: Final = 120


class Pointing(QObject):
    """Follows the current picture of a page once it has been that for a moment.

    The mouse passes over many, and each would be decoded for the inspector.
    """

    def __init__(
        self, view: PageView, grid: ImageGrid, model: TileModel, row_at: Callable[[int], int]
    ) -> None:
        """Take the row of the image at a position of the page, -1 for none, from `row_at`."""
        super().__init__(view)
        self._view = view
        self._grid = grid
        self._model = model
        self._row_at = row_at
        self._soon = Later(self, _REST_MS, self.follow)
        # Not its `start` itself: that would take the position for milliseconds.
        view.current_changed.connect(lambda _position: self._soon.start())

    @Slot()
    def follow(self) -> None:
        """Make the picture that is pointed at the grid's current one now."""
        self._soon.stop()
        row = self._row_at(self._view.current)
        if self._view.isVisible() and self._model.index_of(row).isValid():
            self._grid.set_current_image(row)
