"""Reacts to changes of the visible tiles: drops and prefetches thumbnails, emits."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from nameplate.ui.tiles.thumbnail_queue import Fit
from nameplate.ui.tiles.thumbnails import ThumbnailLoader
from nameplate.ui.widgets.later import Later

_DELAY_MS: Final = 40


@dataclass(frozen=True, slots=True)
class ViewportState:
    """The visible part of a view of tiles.

    Attributes:
        shown: The positions of the visible tiles.
        order: All image rows in display order.
        path_of: Returns the file at a position.
        fit: How pictures are fitted into tiles.
    """

    shown: range
    order: NDArray[np.int64]
    path_of: Callable[[int], Path]
    fit: Fit

    def ahead(self, *, forward: bool) -> range:
        """Return the positions of the next or previous page of tiles, nearest first."""
        first, last, page = self.shown.start, self.shown.stop, len(self.shown)
        if forward:
            return range(last, min(last + page, len(self.order)))
        return range(first - 1, max(first - page, 0) - 1, -1)


class ViewportWatcher(QObject):
    """Checks the visible tiles some milliseconds after scrolling, not at every frame.

    Attributes:
        schedule: Schedules a check; called after painting.

    Signals:
        rows_changed: The visible image rows changed, int64 in display order.
    """

    rows_changed = Signal(object)

    def __init__(
        self, loader: ThumbnailLoader, state: Callable[[], ViewportState | None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._loader = loader
        self._viewport_state = state
        self._first = 0
        self._forward = True
        self._rows = np.empty(0, dtype=np.int64)
        self.schedule = Later(self, _DELAY_MS, self._update).ask

    @Slot()
    def _update(self) -> None:
        state = self._viewport_state()
        if state is None:
            return
        if state.shown.start != self._first:
            self._forward = state.shown.start > self._first
        self._first = state.shown.start
        paths = {state.path_of(position) for position in state.shown}
        ahead = [state.path_of(position) for position in state.ahead(forward=self._forward)]
        self._loader.prefetch(paths, ahead, state.fit)
        rows = state.order[state.shown.start : state.shown.stop].copy()
        if not np.array_equal(rows, self._rows):
            self._rows = rows
            self.rows_changed.emit(rows)
