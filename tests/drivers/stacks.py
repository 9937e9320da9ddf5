"""Drives stacks in the grid; a part of `WindowDriver`."""

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from drivers.base import DriverBase, called
from nameplate.domain.labels import DecidedBy
from qt_help import wait


class StacksDriver(DriverBase):
    """What a person does with stacks, and what is seen of them."""

    def all_pictures(self) -> list[str]:
        """Return all pictures of the project that were not taken out."""
        images = self.project.images
        return [called(images.paths[row]) for row in np.flatnonzero(~images.is_removed).tolist()]

    def decided(self) -> set[str]:
        """Return the pictures that a person decided about, seen or not."""
        rows = np.flatnonzero(self.project.labels.decided_by == DecidedBy.PERSON)
        return {called(self.project.images.paths[row]) for row in rows.tolist()}

    def wait_for_stacks(self) -> None:
        """Wait until stacks are found, and shown as one where the switch says so."""
        wait(lambda: self.main.owner.stacks is not None)

    def wait_for_other_stacks(self, known: object) -> None:
        """Wait until stacks are found anew, after these."""
        wait(lambda: self.main.owner.stacks is not known)

    def behind(self, picture: str) -> list[str]:
        """Return the pictures that the cell of one stands for."""
        paths, model = self.project.images.paths, self.main.arrangement.model
        row = next(r for r in model.order.tolist() if called(paths[r]) == picture)
        return [called(paths[r]) for r in model.images_of(np.array([row])).tolist()]

    def suggest(self, picture: str, name: str) -> None:
        """Let another name be suggested for a picture while a person works."""
        paths = self.project.images.paths
        row = next(row for row in range(len(paths)) if called(paths[row]) == picture)
        self.suggestions.suggested[row] = self._key_of(name)

    def click_number(self, picture: str) -> None:
        """Click on the number in the corner of a picture."""
        grid, row = self.main.grid, self._row_of(picture)
        rect = grid.visualRect(self.main.arrangement.model.index_of(row))
        corner = rect.topRight() + QPoint(-20, 20)
        QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=corner)

    def heard_at(self, place: int) -> str:
        """Return what a screen reader says of the picture at a place."""
        index = self.main.arrangement.model.index(place)
        return str(index.data(Qt.ItemDataRole.AccessibleTextRole))
