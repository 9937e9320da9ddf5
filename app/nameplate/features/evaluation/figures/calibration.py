"""Whether probabilities are what they say: of images said to be 80% sure, are 80% right?"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.features.evaluation.shares import Share

LEAST_FOR_CALIBRATION: Final = 100
"""Images before probabilities as a whole may be judged."""

LEAST_IN_BIN: Final = 10
"""Images before the share of a bin may be called one."""

_BINS: Final = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Images of about the same probability.

    Attributes:
        low: The least probability of the bin.
        high: The highest one; it belongs to the next bin, but for 1.
        mean: The mean probability of the images in it; None where there are none.
        right: How many of them are right.
        rows: Their rows.
    """

    low: float
    high: float
    mean: float | None
    right: Share
    rows: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Reliability:
    """The bins of a reliability diagram, and how far probabilities are off on the whole.

    Attributes:
        bins: From low to high probability, all of the same width.
        images: How many images are in them.
        mean: The mean probability; None where there are no images.
        right: How many images are right.
    """

    bins: tuple[Bin, ...]
    images: int
    mean: float | None
    right: Share

    @property
    def missing(self) -> int:
        """How many more images are needed for `error`."""
        return max(0, LEAST_FOR_CALIBRATION - self.images)

    @property
    def error(self) -> float | None:
        """The expected calibration error: by how much probability and share differ, on average.

        Of M. P. Naeini, G. F. Cooper and M. Hauskrecht, “Obtaining Well Calibrated Probabilities
        Using Bayesian Binning”, AAAI 2015. None where images are missing.
        """
        if self.missing:
            return None
        sums = ((one.mean or 0.0) * one.right.of - one.right.count for one in self.bins)
        return sum(map(abs, sums)) / self.images

    @property
    def too_sure(self) -> float | None:
        """The mean probability less the share that is right: above 0 for too sure.

        None where images are missing.
        """
        if self.missing or self.mean is None:
            return None
        return self.mean - self.right.count / self.images


def reliability(sure: NDArray[np.floating], is_right: NDArray[np.bool_]) -> Reliability:
    """Sort images into ten bins by their probability.

    Args:
        sure: N in [0, 1]; images with NaN are left out.
        is_right: N.
    """
    rows = np.flatnonzero(np.isfinite(sure))
    p = np.clip(sure[rows].astype(np.float64), 0.0, 1.0)
    number = np.minimum((p * _BINS).astype(np.int64), _BINS - 1)
    made = list[Bin]()
    for one in range(_BINS):
        inside = np.flatnonzero(number == one)
        right = int(np.count_nonzero(is_right[rows[inside]]))
        mean = float(p[inside].mean()) if len(inside) else None
        share = Share(right, len(inside), LEAST_IN_BIN)
        made.append(Bin(one / _BINS, (one + 1) / _BINS, mean, share, rows[inside]))
    mean = float(p.mean()) if len(rows) else None
    right = Share(int(np.count_nonzero(is_right[rows])), len(rows))
    return Reliability(tuple(made), len(rows), mean, right)
