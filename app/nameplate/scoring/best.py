"""Which image of a stack is the best: the largest, then the sharpest, then the largest file.

Sharpness is the variance of the Laplacian (Pertuz et al., 2013, LAPV): edges of a sharp picture
have large second differences. It is compared between pictures of one thing alone, and means
nothing else.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

AS_SHARP: Final = 0.9
"""What has this share of the greatest sharpness counts as sharp as that: the quality of a JPEG, or
another light, changes it by as much."""


@dataclass(frozen=True, slots=True)
class Qualities:
    """What n images are compared by.

    Attributes:
        pixels: n int64, of the whole pictures; 0 for one that cannot be read.
        sharpness: n float32, see `sharpness`.
        sizes: n int64, bytes of the files.
    """

    pixels: NDArray[np.int64]
    sharpness: NDArray[np.float32]
    sizes: NDArray[np.int64]


def sharpness(grey: NDArray[np.uint8]) -> float:
    """Return how sharp a picture of h x w levels of grey is; 0 for one of less than 3 x 3."""
    if min(grey.shape) < 3:
        return 0.0
    levels = grey.astype(np.float32)
    middle = levels[1:-1, 1:-1]
    around = levels[:-2, 1:-1] + levels[2:, 1:-1] + levels[1:-1, :-2] + levels[1:-1, 2:]
    return float(np.var(around - 4 * middle))


def best_of(numbers: NDArray[np.int64], of: Qualities) -> NDArray[np.bool_]:
    """Return which of n images is the best of its stack; of equally good ones the first.

    Args:
        numbers: Of their stacks, from 0.
        of: What they are compared by.
    """
    is_in = of.pixels == _highest(numbers, of.pixels)
    sharp = np.where(is_in, of.sharpness, -1)
    is_in &= sharp >= AS_SHARP * _highest(numbers, sharp)
    is_in &= of.sizes == _highest(numbers, np.where(is_in, of.sizes, -1))
    among = np.flatnonzero(is_in)
    found = np.zeros(len(numbers), np.bool_)
    found[among[np.unique(numbers[among], return_index=True)[1]]] = True
    return found & (of.pixels > 0)


def _highest(numbers: NDArray[np.int64], values: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return for each image the highest of the values in its stack."""
    found = np.full(int(numbers.max(initial=-1)) + 1, -np.inf)
    np.maximum.at(found, numbers, values.astype(np.float64))
    return found[numbers]
