"""Prioritises the visible images for embedding."""

import numpy as np
from PySide6.QtCore import QObject, Slot

from nameplate.domain.images import ImageState
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.jobs.reading import Reading
from nameplate.ui.project_owner import ProjectOwner


class VisibleFirst(QObject):
    """Sets the priority of waiting images: the current one first, then the visible ones."""

    def __init__(self, owner: ProjectOwner, reading: Reading, grid: ImageGrid) -> None:
        super().__init__(grid)
        self._owner = owner
        self._reading = reading
        self._grid = grid
        self._shown = np.empty(0, dtype=np.int64)
        grid.shown_images_changed.connect(self._on_shown)
        grid.current_image_changed.connect(self._update_priority)
        # An embedding job knows the images present when it started, and skips others.
        reading.started.connect(self._update_priority)

    @Slot(object)
    def _on_shown(self, rows: np.ndarray) -> None:
        self._shown = rows
        self._update_priority()

    @Slot()
    def _update_priority(self) -> None:
        states, current = self._owner.project.images.states, self._grid.current_image_row()
        rows = np.concatenate([[current], self._shown[self._shown != current]]).astype(np.int64)
        rows = rows[(rows >= 0) & (rows < len(states))]
        self._reading.priority.put(rows[states[rows] == ImageState.WAITING].tolist())
