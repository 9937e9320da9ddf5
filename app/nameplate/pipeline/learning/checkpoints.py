"""The prefixes of a person's decisions, in their order, at which learning is tested.

It comes into use at the first one that it passes, and stays: whether it is in use follows from the
decisions and their order alone, so that further decisions never end it, and a project that is
opened again has the same suggestions.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

_GROWTH, _GROWTH_OF_MANY = 10, 2
"""A prefix has at least so large a part more decisions than the one before: a tenth, a half."""
_MANY: Final = 2000


def prefixes(decided_at: NDArray[np.int64], least: int) -> Iterator[NDArray[np.int64]]:
    """Yield the places of the decisions of each prefix, the shortest first.

    Decisions of one moment are in the same prefixes.

    Args:
        decided_at: n, when each decision was made; one that is negative is in no prefix.
        least: Decisions of the first prefix, at least.
    """
    moments, counts = np.unique(decided_at[decided_at >= 0], return_counts=True)
    for moment, count in zip(moments.tolist(), np.cumsum(counts).tolist(), strict=True):
        if count >= least:
            yield np.flatnonzero((decided_at >= 0) & (decided_at <= moment))
            least = count + max(1, count // (_GROWTH if count < _MANY else _GROWTH_OF_MANY))
