"""Which pictures are of one burst: taken shortly after one another, and alike.

Time alone would put two things together that were taken within a second, and likeness alone what
was taken on different days (docs/adr/0037-stacks.md).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.stacks import Pairs

LONGEST_MS: Final = 2000
"""Between two frames. A camera that writes whole seconds says 1 or 2 of frames that are 1 apart."""
ALIKE_IN_BURST: Final = 1.5
"""Least sum of the cosine by the folder's spread and the correlation of the pixels."""
_LOOKED_AHEAD: Final = 8
"""Pictures that each is compared with: others may be taken meanwhile, by another camera."""


def close_in_time(taken: NDArray[np.int64]) -> Pairs:
    """Return the pairs of pictures that were taken within `LONGEST_MS`, of the next eight each.

    Args:
        taken: n, in milliseconds since any time; -1 where it is not known.
    """
    known = np.flatnonzero(taken >= 0)
    order = known[np.argsort(taken[known], kind="stable")]
    pairs = [np.empty((0, 2), np.int64)]
    for ahead in range(1, _LOOKED_AHEAD + 1):
        one, other = order[:-ahead], order[ahead:]
        is_close = taken[other] - taken[one] <= LONGEST_MS
        pairs.append(np.stack([one[is_close], other[is_close]], axis=1))
    return np.sort(np.concatenate(pairs), axis=1)


def are_frames(
    cosines: NDArray[np.float32], correlations: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Return for each of n pairs that are close in time whether they are of one burst.

    Args:
        cosines: Of the images by the spread of the folder, see `Spread.place`.
        correlations: Of their pixels, see `copies.correlations`.
    """
    return cosines + correlations >= ALIKE_IN_BURST
