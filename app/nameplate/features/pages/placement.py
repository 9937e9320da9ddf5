"""Knows which pictures are alike, so that those of a page can be."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import Effects
from nameplate.features.pages.selection import standing
from nameplate.ui.workbench import Workbench

_MANY_MORE: Final = 1.2
"""While pictures are read, they are placed anew when there are so many times as many."""
_PATIENCE_MS: Final = 2000
_NOTHING: Final = np.empty((0, 0), np.float16)


class Placement:
    """Finds on a thread where pictures stand among each other.

    Attributes:
        standing: A row for each of the project's first images, see `Spread.place`; None until it
            is known.
    """

    def __init__(self, workbench: Workbench, on_prepared: Callable[[], object]) -> None:
        """Call `on_prepared` when `standing` is known, or known anew."""
        self._workbench = workbench
        self._on_prepared = on_prepared
        self._patience = workbench.later(_PATIENCE_MS, on_prepared)
        self.standing: NDArray[np.float16] | None = None
        self._read = 0
        self._has_waited = False
        workbench.follow(self._on_happened)

    def prepare(self) -> bool:
        """Return whether it is known; if not, `on_prepared` follows.

        Stacks are waited for a moment; pages go on without it where it takes longer.
        Where many pictures were read since they were placed, they are placed anew meanwhile.
        """
        images = self._workbench.project.images
        read = len(images) - images.waiting
        is_much = not self._read <= read < _MANY_MORE * self._read
        if read != self._read and (is_much or not images.waiting):
            self._read, blocks = read, images.blocks()
            self._workbench.run(
                "alike", lambda cancel: standing(blocks, cancel), self._on_placed, self._on_failed
            )
        is_known = self._workbench.known_stacks is not None
        if not images.waiting and not is_known and not self._has_waited:
            self._has_waited = True
            self._workbench.want_stacks()
            self._patience.start()
        return self.standing is not None and not self._patience.isActive()

    def _on_placed(self, vectors: NDArray[np.float16]) -> None:
        self.standing = vectors
        if not self._patience.isActive():
            self._on_prepared()

    def _on_failed(self, _error: Exception) -> None:
        self._on_placed(_NOTHING)  # pages are of the riskiest pictures, then

    def _on_happened(self, effects: Effects) -> None:
        """Let pages begin that waited for stacks; others stay as they are."""
        if "stacks" in effects.found and self._patience.isActive():
            self._patience.stop()
            self._on_prepared()
