"""A random order of images that depends on a seed and their ids alone."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)

Ids = NDArray[np.int64]


def random_keys(ids: Ids, seed: int) -> NDArray[np.uint64]:
    """Return the key of each image in the order of a seed; the lowest keys come first.

    The key of an image is what the generator SplitMix64 (Steele, Lea and Flood, 2014), started at
    `seed`, gives as the number of its id: it depends on nothing else, so that images that come
    later change no earlier place, and among any images that were chosen without knowing the seed
    each order is as probable as any other.
    """
    state = np.uint64(seed) + ids.astype(np.uint64) * _GOLDEN
    state = (state ^ (state >> np.uint64(30))) * _FIRST
    state = (state ^ (state >> np.uint64(27))) * _SECOND
    return state ^ (state >> np.uint64(31))


def first_in_order(ids: Ids, seed: int, count: int) -> NDArray[np.int64]:
    """Return the places in `ids` of the `count` images that come first in the order of a seed."""
    keys = random_keys(ids, seed)
    if count < len(ids):
        chosen = np.flatnonzero(keys <= np.partition(keys, count)[count])
    else:
        chosen = np.arange(len(ids))
    return chosen[np.argsort(keys[chosen], kind="stable")][:count]
