"""Whether probabilities are what they say, and how right labels are if only the sure get one."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.features.evaluation.figures.shares import Share

LEAST_FOR_CALIBRATION: Final = 100
"""Images before probabilities as a whole may be judged."""

LEAST_IN_BIN: Final = 10
"""Images before the share of a bin may be called one."""

_BINS: Final = 10

LEAST_LABELLED: Final = 20
"""Images that a limit must label before it may be named; fewer are right by chance."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Images whose probability is at least `low` and below `high`; 1 is in the last bin.

    Attributes:
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
        mean: The mean probability; None where there are no images.
        right: How many of the images in them are right.
    """

    bins: tuple[Bin, ...]
    mean: float | None
    right: Share

    @property
    def error(self) -> float | None:
        """The expected calibration error: by how much probability and share differ, on average.

        Of M. P. Naeini, G. F. Cooper and M. Hauskrecht, “Obtaining Well Calibrated Probabilities
        Using Bayesian Binning”, AAAI 2015. None where images are missing.
        """
        if self.right.missing:
            return None
        sums = ((one.mean or 0.0) * one.right.of - one.right.count for one in self.bins)
        return sum(map(abs, sums)) / self.right.of

    @property
    def too_sure(self) -> float | None:
        """The mean probability less the share that is right; None where images are missing."""
        if self.right.value is None or self.mean is None:
            return None
        return self.mean - self.right.value


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
    right = Share(int(np.count_nonzero(is_right[rows])), len(rows), LEAST_FOR_CALIBRATION)
    return Reliability(tuple(made), mean, right)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What each least probability would label, from the highest down.

    Attributes:
        thresholds: M float64, falling: each probability that occurs.
        labelled: M int64, images with at least that probability; rising.
        right: M int64, how many of these are right.
        images: All images, also those that no least probability labels.
    """

    thresholds: NDArray[np.float64]
    labelled: NDArray[np.int64]
    right: NDArray[np.int64]
    images: int

    def precision(self, place: int) -> Share:
        """Return the share of the labels that is right, at a place of the arrays."""
        return Share(int(self.right[place]), int(self.labelled[place]))

    def share(self, place: int) -> float:
        """Return the share of all images that is labelled, at a place of the arrays."""
        return int(self.labelled[place]) / self.images

    def widest(self, precision: float) -> int | None:
        """Return the place that labels most with at least this precision.

        None where that would be fewer than `LEAST_LABELLED` images. It is chosen by these very
        images, and promises nothing about others.
        """
        places = np.flatnonzero(self.right >= precision * self.labelled)
        is_enough = len(places) and self.labelled[places[-1]] >= LEAST_LABELLED
        return int(places[-1]) if is_enough else None

    def some(self, most: int) -> list[int]:
        """Return at most `most` places, evenly spread over the images, with the last one."""
        if len(self.labelled) <= most:
            return list(range(len(self.labelled)))
        last = len(self.labelled) - 1
        counts = [int(self.labelled[last] * one / (most - 1)) for one in range(most)]
        places = np.minimum(np.searchsorted(self.labelled, np.array(counts)), last)
        return sorted(set(places.tolist()))


def coverage(sure: NDArray[np.floating], is_right: NDArray[np.bool_]) -> Coverage:
    """Order images by probability, the most sure first.

    Args:
        sure: N in [0, 1]; an image with NaN is never labelled.
        is_right: N, whether the label would be right.
    """
    rows = np.flatnonzero(np.isfinite(sure))
    rows = rows[np.argsort(-sure[rows], kind="stable")]
    p = sure[rows].astype(np.float64)
    is_last = np.append(p[1:] != p[:-1], True)[: len(p)]  # images alike come together
    labelled = (np.flatnonzero(is_last) + 1).astype(np.int64)
    right = np.cumsum(is_right[rows], dtype=np.int64)[is_last]
    return Coverage(p[is_last], labelled, right, len(sure))
