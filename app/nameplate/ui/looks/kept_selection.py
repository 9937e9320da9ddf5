"""Keeps the grid's selection while pages are shown and nothing is decided."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Slot

from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.looks.looks import Look, Looks
from nameplate.ui.project_owner import ProjectOwner


@dataclass(frozen=True, slots=True)
class _Kept:
    rows: NDArray[np.int64]
    current: int
    revision: int


class KeptSelection(QObject):
    """Restores the selection when a page is left with Esc.

    A page makes the picture that is pointed at the grid's current one, and the only selected one.
    Once something was decided there, the grid goes on from where the page was.
    """

    def __init__(self, looks: Looks, grid: ImageGrid, owner: ProjectOwner) -> None:
        super().__init__(looks)
        self._grid = grid
        self._owner = owner
        self._look = looks.current
        self._kept: _Kept | None = None
        looks.changed.connect(self._on_changed)
        owner.opened.connect(self._forget)

    @Slot()
    def _forget(self) -> None:
        self._kept = None

    @Slot(object)
    def _on_changed(self, look: Look) -> None:
        before, self._look = self._look, look
        revision = self._owner.project.revision
        if look.decides is not None and self._kept is None:
            rows = self._grid.selected_image_rows()
            self._kept = _Kept(rows, self._grid.current_image_row(), revision)
        elif look is Look.GRID:
            kept, self._kept = self._kept, None
            if before.decides is not None and kept and kept.revision == revision:
                self._grid.set_current_image(kept.current)
                self._grid.select_images(kept.rows)
