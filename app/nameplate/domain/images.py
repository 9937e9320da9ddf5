"""The images of a workspace, as arrays: row i of each belongs to the same image."""

from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

_FIRST_CAPACITY: Final = 1024


class ImageState(IntEnum):
    """How far an image is."""

    WAITING = 0
    READY = 1
    UNREADABLE = 2


class ImageTable:
    """Paths, states and embeddings.

    Attributes:
        paths: One path a row, in the order they were added.
        states: uint8 values of `ImageState`.
        reasons: Row -> why it is unreadable.
        notes: Row -> what was odd about a readable image ("is cut short").
        embeddings: N x D float32; NaN rows where an image has no embedding (yet).
    """

    def __init__(self, dimension: int = 0) -> None:
        self.paths: list[Path] = []
        self.reasons: dict[int, str] = {}
        self.notes: dict[int, str] = {}
        self._states = np.zeros(_FIRST_CAPACITY, dtype=np.uint8)
        self._embeddings = np.full((_FIRST_CAPACITY, dimension), np.nan, dtype=np.float32)

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def states(self) -> NDArray[np.uint8]:
        """uint8 values of `ImageState`, one a row; a view."""
        return self._states[: len(self)]

    @property
    def embeddings(self) -> NDArray[np.float32]:
        """N x D float32; a view that `add` may replace."""
        return self._embeddings[: len(self)]

    def add(self, paths: Sequence[Path]) -> range:
        """Add waiting rows at the end and return them. The capacity doubles, so adding is cheap."""
        first = len(self)
        self.paths.extend(paths)
        short = len(self) - len(self._states)
        if short > 0:
            more = max(short, len(self._states))
            dimension = self._embeddings.shape[1]
            empty = np.full((more, dimension), np.nan, dtype=np.float32)
            self._states = np.concatenate([self._states, np.zeros(more, dtype=np.uint8)])
            self._embeddings = np.concatenate([self._embeddings, empty])
        return range(first, len(self))

    def set_embeddings(self, rows: NDArray[np.int64], embeddings: NDArray[np.float32]) -> None:
        """Set the embeddings (n x D) of `rows`, which become ready."""
        self._embeddings[rows] = embeddings
        self._states[rows] = ImageState.READY

    def set_unreadable(self, row: int, reason: str) -> None:
        """Say why `row` cannot be read."""
        self.reasons[row] = reason
        self._states[row] = ImageState.UNREADABLE

    def forget_embeddings(self, dimension: int) -> None:
        """Make every readable row wait again, for a model with vectors of `dimension`."""
        self._embeddings = np.full((len(self._states), dimension), np.nan, dtype=np.float32)
        self._states[self._states == ImageState.READY] = ImageState.WAITING

    def without_embeddings(self) -> "ImageTable":
        """Return a copy of all but the embeddings."""
        copy = ImageTable()
        copy.add(self.paths)
        copy.reasons = dict(self.reasons)
        copy.notes = dict(self.notes)
        copy.states[:] = self.states
        return copy
