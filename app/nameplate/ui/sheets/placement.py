"""Knows which pictures are alike, so that those of a page can be."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from nameplate.pipeline.standing import standing
from nameplate.ui.jobs.job_runner import JobRunner
from nameplate.ui.project_owner import ProjectOwner

_MANY_MORE: Final = 1.2
"""While pictures are read, they are placed anew when there are so many times as many."""
_PATIENCE_MS: Final = 2000
_NOTHING: Final = np.empty((0, 0), np.float16)


class Placement(QObject):
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
        self._runner = JobRunner("alike", self, on_event=self._on_placed, on_failed=self._on_failed)
        owner.opened.connect(self._forget)
        owner.when_found("stacks", self._on_stacks)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self.prepared)
        self._begin_anew()

    @Slot()
    def _forget(self) -> None:
        """Begin anew: another project was opened."""
        self._runner.drop()
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._patience.stop()
        self.standing: NDArray[np.float16] | None = None
        self._read = 0
        self._has_waited = False

    def shut_down(self) -> None:
        """Wait for the thread."""
        self._runner.shut_down()

    def prepare(self) -> bool:
        """Return whether it is known; if not, `prepared` follows.

        Stacks are waited for a moment; pages go on without it where it takes longer.
        Where many pictures were read since they were placed, they are placed anew meanwhile.
        """
        images = self._owner.project.images
        read = len(images) - images.waiting
        is_much = not self._read <= read < _MANY_MORE * self._read
        if read != self._read and (is_much or not images.waiting):
            self._read, blocks = read, images.blocks()
            self._runner.start(lambda cancel: standing(blocks, cancel))
        if not images.waiting and self._owner.stacks is None and not self._has_waited:
            self._has_waited = True
            self._owner.want("stacks")
            self._patience.start()
        return self.standing is not None and not self._patience.isActive()

    @Slot(object)
    def _on_placed(self, vectors: NDArray[np.float16]) -> None:
        self.standing = vectors
        if not self._patience.isActive():
            self.prepared.emit()

    @Slot()
    def _on_stacks(self) -> None:
        """Let pages begin that waited for stacks; others stay as they are."""
        if self._patience.isActive():
            self._patience.stop()
            self.prepared.emit()

    @Slot(object)
    def _on_failed(self, _error: Exception) -> None:
        self._on_placed(_NOTHING)  # pages are of the riskiest pictures, then
