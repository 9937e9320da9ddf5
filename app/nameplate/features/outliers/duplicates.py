"""Groups of duplicates that have different labels."""

import numpy as np
from numpy.typing import NDArray

from nameplate.domain import stacks


def differing(groups: NDArray[np.int64], codes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which images are in a group with another that has another label.

    Args:
        groups: N numbers of groups; -1 for none.
        codes: N codes of labels; -1 where an image has none, which differs from nothing.
    """
    is_in = (groups >= 0) & (codes >= 0)
    is_in[is_in] = stacks.differing(groups, codes)[groups[is_in]]
    return is_in


def united(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return groups of images that two groupings of the same N images join; -1 for none."""
    count = len(one)
    lowest = np.arange(count)
    while True:
        before = lowest.copy()
        for groups in (one, other):
            is_in = groups >= 0
            if is_in.any():
                best = np.full(int(groups.max()) + 1, count)
                np.minimum.at(best, groups[is_in], lowest[is_in])
                lowest[is_in] = best[groups[is_in]]
        if np.array_equal(before, lowest):
            return np.where((one >= 0) | (other >= 0), lowest, -1)
