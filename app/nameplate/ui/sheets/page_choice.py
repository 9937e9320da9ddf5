"""Chooses the pictures of the next page: alike ones, once it is known which are."""

from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from nameplate.domain.concepts import ConceptId
from nameplate.domain.embeddings import Vectors
from nameplate.pipeline.standing import standings
from nameplate.project.sheets import Candidates, Sheet
from nameplate.ui.grid.arrangement import Arrangement
from nameplate.ui.jobs.jobs import JobRunner
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.sheets.turning import Turning

_MANY_MORE: Final = 1.2
"""While pictures are read, they are placed anew when there are so many times as many."""
_NOTHING: Final[Vectors] = np.empty((0, 0), np.float32)


class PageChoice(QObject):
    """Knows what is still to be looked at, and what of it makes the next page.

    Where the pictures stand among each other is found on a thread.

    Signals:
        prepared: A page can be made now.
    """

    prepared = Signal()

    def __init__(self, owner: ProjectOwner, arrangement: Arrangement, turning: Turning) -> None:
        super().__init__(turning)
        self._owner = owner
        self._arrangement = arrangement
        self._turning = turning
        self._runner = JobRunner("alike", self)
        self._runner.event_arrived.connect(self._on_placed)
        self._runner.failed.connect(self._on_failed)
        self._standing: Vectors | None = None
        self._read = 0

    def forget(self) -> None:
        """Begin anew: another project was opened."""
        self._runner.drop()
        self._standing, self._read = None, 0

    def shut_down(self) -> None:
        """Wait for the thread."""
        self._runner.shut_down()

    def prepare(self) -> bool:
        """Return whether a page can be made; if not, `prepared` follows.

        Where many pictures were read since they were placed, they are placed anew meanwhile.
        """
        images = self._owner.project.images
        read = len(images) - images.waiting
        is_much = not self._read <= read < _MANY_MORE * self._read
        if read != self._read and (is_much or not images.waiting):
            self._read, blocks = read, images.blocks()
            self._runner.start(lambda cancel: standings(blocks, cancel))
        return self._standing is not None

    def candidates(self) -> Candidates:
        """Return the undecided pictures of the view that could be seen so far."""
        project, rows = self._owner.project, self._arrangement.model.order
        if unseen := self._turning.unseen:
            rows = rows[~np.isin(project.images.ids[rows], list(unseen))]
        return Candidates.of(project, self._owner.suggestions, rows)

    def sheet(self, among: Candidates, size: int, wanted: ConceptId | None) -> Sheet | None:
        """Return the next page of at most `size` of these pictures, of `wanted` if it has any."""
        return among.next_sheet(size, wanted, self._standing)

    @Slot(object)
    def _on_placed(self, standing: Vectors) -> None:
        self._standing = standing
        self.prepared.emit()

    @Slot(object)
    def _on_failed(self, _error: Exception) -> None:
        self._on_placed(_NOTHING)  # pages are of the riskiest pictures, then
