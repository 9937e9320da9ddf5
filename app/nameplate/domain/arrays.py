"""Arrays that grow."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T", bound=np.generic)


def grown(values: NDArray[T], size: int, fill: object = 0) -> NDArray[T]:
    """Return `values` enlarged to at least `size` items; new items are `fill`.

    At least doubled, so that a million values in small batches are copied once or twice each.
    """
    if size <= len(values):
        return values
    more = max(size, 2 * len(values)) - len(values)
    return np.concatenate([values, np.full(more, fill, dtype=values.dtype)])
