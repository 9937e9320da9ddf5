"""A random order of images that depends on a seed and their ids alone."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)


def first_in_order(ids: NDArray[np.int64], seed: int, count: int) -> NDArray[np.int64]:
    """Return the places in `ids` of the `count` images that come first in the order of a seed.

    An image's key in that order is the number of its id from the generator SplitMix64 (Steele, Lea
    and Flood, 2014), started at `seed`: it depends on nothing else, so that images that come later
    change no earlier place, and among any images that were chosen without knowing the seed each
    order is as probable as any other.
    """
    state = np.uint64(seed) + ids.astype(np.uint64) * _GOLDEN
    state = (state ^ (state >> np.uint64(30))) * _FIRST
    state = (state ^ (state >> np.uint64(27))) * _SECOND
    keys = state ^ (state >> np.uint64(31))
    if count < len(ids):
        chosen = np.flatnonzero(keys <= np.partition(keys, count)[count])
    else:
        chosen = np.arange(len(ids))
    return chosen[np.argsort(keys[chosen], kind="stable")][:count]
