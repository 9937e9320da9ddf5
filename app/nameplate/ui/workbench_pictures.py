"""The pictures of the window, as a feature sees them by its workbench."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import SignalInstance
from PySide6.QtGui import QPixmap

from nameplate.domain.changes import Ids
from nameplate.domain.filtering.chosen import ImageIds
from nameplate.domain.filtering.views import View
from nameplate.ui.inspector.panel import Inspector
from nameplate.ui.jobs.preferences_in_use import PreferencesInUse
from nameplate.ui.modes.view_modes import ViewModes
from nameplate.ui.review.decisions import Decisions
from nameplate.ui.tiles.model import Tile
from nameplate.ui.tiles.thumbnails import Fit

Connect = Callable[[SignalInstance, Callable[..., object]], None]
"""Calls a function when a signal is emitted, until the project is closed."""


class Pictures:
    """The pictures that are shown, as a feature sees them.

    Attributes:
        grid: Keeps which images are selected and which is current, whatever shows them.
        arrangement: Which images are shown, in which order, and which of them as one.
        modes: The ways to look at them.
        decisions: What keys do to the images that they are for.
        thumbnails: Makes thumbnails.
    """

    def __init__(
        self,
        preferences: PreferencesInUse,
        modes: ViewModes,
        decisions: Decisions,
        inspector: Inspector,
        connect: Connect,
    ) -> None:
        self._preferences, self._inspector, self._connect = preferences, inspector, connect
        self.grid: Final = modes.arrangement.grid
        self.arrangement: Final = modes.arrangement
        self.modes: Final = modes
        self.decisions: Final = decisions
        self.thumbnails: Final = self.grid.loader

    @property
    def selected(self) -> NDArray[np.int64]:
        """The rows of the selected images."""
        return self.grid.selected_image_rows()

    @property
    def shown(self) -> NDArray[np.int64]:
        """The rows of the images that the filter shows, in their order."""
        return self.arrangement.model.order

    def looks(self, rows: NDArray[np.int64]) -> list[Tile]:
        """Return the tile of each image in `rows`, with label, colour and state."""
        return [self.arrangement.model.tile_of(row) for row in rows.tolist()]

    def thumbnail(self, path: Path, side: int) -> QPixmap | None:
        """Return a picture fitted into a square, in device pixels; see `ThumbnailLoader.pixmap`."""
        return self.thumbnails.pixmap(path, Fit(side, side))

    @property
    def view(self) -> View:
        """Which images are shown, in which order."""
        return self.arrangement.view

    @property
    def goes_on(self) -> bool:
        """Whether a label leads to the next picture."""
        return self._preferences.values.advance

    def follow_view(self, act: Callable[[], object]) -> None:
        """Call `act` when the view is another one."""
        self._connect(self.arrangement.view_changed, lambda _view: act())

    def follow_shown(self, act: Callable[[], object]) -> None:
        """Call `act` when others are `shown`, or in another order."""
        self._connect(self.arrangement.arranged, act)

    def follow_looks(self, act: Callable[[], object]) -> None:
        """Call `act` when `looks` or `thumbnail` may return something else."""
        self._connect(self.arrangement.model.dataChanged, lambda *_places: act())
        self._connect(self.thumbnails.loaded, lambda _paths: act())

    def follow_selected(self, act: Callable[[], object]) -> None:
        """Call `act` when others are `selected`."""
        self._connect(self.grid.selected_images_changed, act)

    def follow_current(self, act: Callable[[int], object]) -> None:
        """Call `act` with the row of the current image, -1 for none, now and when it is another."""
        act(self.grid.current_image_row())
        self._connect(self.grid.current_image_changed, act)

    def follow_mode(self, act: Callable[[], object]) -> None:
        """Call `act` when the pictures are looked at another way: large, on pages, in the grid."""
        self._connect(self.modes.changed, lambda _mode: act())

    def hide_names(self, rows: NDArray[np.int64]) -> None:
        """Hide the names of images wherever they are shown; empty hides none."""
        self.arrangement.hide_names(rows)
        self._inspector.hide_names(rows)

    def describe(self, row: int, text: str) -> None:
        """Show facts of an image's file in the inspector while it is the current one."""
        self._inspector.describe(row, text)

    # ---- some alone

    @property
    def are_alone(self) -> bool:
        """Whether only those of `show_only` are shown."""
        return self.arrangement.shows_alone(self)

    def show_only(self, ids: Ids, on_changed: Callable[[], object]) -> None:
        """Show these images alone, whatever the filter is.

        Args:
            ids: Theirs.
            on_changed: Called when they are, and when they are not any more, also since the person
                chose a filter.
        """
        self.arrangement.show_only(self, ImageIds.of(ids, "shown"), on_changed)

    def show_all(self) -> None:
        """Return to the view before `show_only`."""
        self.arrangement.show_all(self)
