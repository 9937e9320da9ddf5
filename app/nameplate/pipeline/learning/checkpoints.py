"""The beginnings of a person's decisions by which it is judged whether learning helps.

Learning comes into use at one of them and then stays: whether it is in use follows from the
decisions and their order alone, so that further decisions never end it, and a project that is
opened again has the same suggestions.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

_GROWTH, _GROWTH_OF_MANY = 10, 2
"""A beginning has at least so large a part more decisions than the one before: a tenth, a half."""
_MANY: Final = 2000


def beginnings(decided_at: NDArray[np.int64], least: int) -> Iterator[NDArray[np.int64]]:
    """Yield places of the first decisions: of ever more, those of one moment always together.

    Args:
        decided_at: n, when each decision was made; one that is negative is in no beginning.
        least: Decisions that the first beginning has.
    """
    moments, counts = np.unique(decided_at[decided_at >= 0], return_counts=True)
    for moment, count in zip(moments.tolist(), np.cumsum(counts).tolist(), strict=True):
        if count >= least:
            yield np.flatnonzero((decided_at >= 0) & (decided_at <= moment))
            least = count + max(1, count // (_GROWTH if count < _MANY else _GROWTH_OF_MANY))
