"""Prioritises the visible images for embedding."""

import numpy as np

from nameplate.domain.images import ImageState
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.jobs.reading import Reading
from nameplate.ui.project_owner import ProjectOwner


def read_visible_first(owner: ProjectOwner, reading: Reading, grid: ImageGrid) -> None:
    """Set the priority of waiting images: the current one first, then the visible ones."""

    def update() -> None:
        states, current = owner.project.images.states, grid.current_image_row()
        shown = grid.noted_rows
        rows = np.concatenate([[current], shown[shown != current]]).astype(np.int64)
        rows = rows[(rows >= 0) & (rows < len(states))]
        reading.priority.put(rows[states[rows] == ImageState.WAITING].tolist())

    grid.shown_images_changed.connect(lambda _rows: update())
    grid.current_image_changed.connect(lambda _row: update())
    # An embedding job knows the images present when it started, and skips others.
    reading.started.connect(update)
