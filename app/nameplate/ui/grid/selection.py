"""The selection: a flag per image row, so that selecting 100,000 takes a few µs."""

from collections.abc import Callable
from enum import Enum, auto
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.arrays import grown

_FEW: Final = 10_000
"""Up to so many selected images, sorting their positions is faster than scanning all images."""


class Pick(Enum):
    """How picked images change the selection."""

    ONLY = auto()
    """Replace the selection."""
    ADD = auto()
    """Add to the selection."""
    TOGGLE = auto()
    """Invert the selection of these images."""


def next_place(flags: NDArray[np.bool_], current: int) -> int:
    """Return the first flagged index after `current`, else the first of all; -1 for none."""
    places = np.flatnonzero(flags)
    places = places[places != current]
    after = places[places > current]
    return int(after[0]) if len(after) else int(places[0]) if len(places) else -1


def nearest_place(places: NDArray[np.int64], old: int) -> int:
    """Return the index in a new order closest to an image that is no longer shown.

    Args:
        places: The new place of each image of the old order; -1 where it is not shown.
        old: Its place in the old order.

    Returns:
        The place of the next one in the old order that is shown, else of the one before; or -1.
    """
    after, before = places[old:], places[:old]
    after, before = after[after >= 0], before[before >= 0]
    if len(after):
        return int(after[0])
    return int(before[-1]) if len(before) else -1


class ImageSelection:
    """The selected image rows.

    It is stored by image row, not by position: a new order or filter does not change it, while
    Qt's own selection of scattered images would be thousands of ranges to rebuild.
    """

    def __init__(self) -> None:
        self._flags = np.zeros(0, dtype=np.bool_)

    def has(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return whether each of `rows` is selected."""
        self._grow(rows)
        return self._flags[rows]

    @property
    def count(self) -> int:
        """How many images are selected."""
        return int(np.count_nonzero(self._flags))

    def rows(self) -> NDArray[np.int64]:
        """Return the selected image rows, ascending."""
        return np.flatnonzero(self._flags)

    def flags(self) -> NDArray[np.bool_]:
        """Return a copy of the flags, as a base for `pick`."""
        return self._flags.copy()

    def in_order(
        self,
        order: NDArray[np.int64],
        positions_of: Callable[[NDArray[np.int64]], NDArray[np.int64]],
    ) -> NDArray[np.int64]:
        """Return the rows of the selected images, in the display order `order`.

        Args:
            order: Image rows.
            positions_of: Returns the places of image rows in it.
        """
        rows = self.rows()
        if len(rows) > _FEW:
            return order[self.has(order)]
        return rows[np.argsort(positions_of(rows), kind="stable")]

    def pick(
        self, rows: NDArray[np.int64], how: Pick, base: NDArray[np.bool_] | None = None
    ) -> bool:
        """Pick `rows` and return whether the selection changed.

        Args:
            rows: The images, each once.
            how: How the selection changes.
            base: Start from these flags, not from what is selected now.
        """
        self._grow(rows)
        flags = np.zeros_like(self._flags)
        start = self._flags if base is None else base
        if how is not Pick.ONLY:
            flags[: len(start)] = start
        flags[rows] = ~flags[rows] if how is Pick.TOGGLE else True
        changed = not np.array_equal(flags, self._flags)
        self._flags = flags
        return changed

    def _grow(self, rows: NDArray[np.int64]) -> None:
        self._flags = grown(self._flags, 1 + int(rows.max(initial=-1)))
