"""Knows which pictures are alike, so that those of a page can be."""

from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from nameplate.domain.embeddings import Vectors
from nameplate.pipeline.standing import standings
from nameplate.ui.jobs.jobs import JobRunner
from nameplate.ui.project_owner import ProjectOwner

_MANY_MORE: Final = 1.2
"""While pictures are read, they are placed anew when there are so many times as many."""
_NOTHING: Final[Vectors] = np.empty((0, 0), np.float32)


class Likeness(QObject):
    """Finds on a thread where pictures stand among each other.

    Attributes:
        standing: A row for each of the project's first images, see `Spread.place`; None until it
            is known.

    Signals:
        prepared: `standing` is known, or known anew.
    """

    prepared = Signal()

    def __init__(self, owner: ProjectOwner, parent: QObject) -> None:
        super().__init__(parent)
        self._owner = owner
        self._runner = JobRunner("alike", self)
        self._runner.event_arrived.connect(self._on_placed)
        self._runner.failed.connect(self._on_failed)
        owner.opened.connect(self._forget)
        self.standing: Vectors | None = None
        self._read = 0

    @Slot()
    def _forget(self) -> None:
        """Begin anew: another project was opened."""
        self._runner.drop()
        self.standing, self._read = None, 0

    def shut_down(self) -> None:
        """Wait for the thread."""
        self._runner.shut_down()

    def prepare(self) -> bool:
        """Return whether it is known; if not, `prepared` follows.

        Where many pictures were read since they were placed, they are placed anew meanwhile.
        """
        images = self._owner.project.images
        read = len(images) - images.waiting
        is_much = not self._read <= read < _MANY_MORE * self._read
        if read != self._read and (is_much or not images.waiting):
            self._read, blocks = read, images.blocks()
            self._runner.start(lambda cancel: standings(blocks, cancel))
        return self.standing is not None

    @Slot(object)
    def _on_placed(self, standing: Vectors) -> None:
        self.standing = standing
        self.prepared.emit()

    @Slot(object)
    def _on_failed(self, _error: Exception) -> None:
        self._on_placed(_NOTHING)  # pages are of the riskiest pictures, then
