"""Figures about probabilities: calibration, thresholds, ranks, average precision."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.images import BLOCK_ROWS
from nameplate.domain.labels import NO_LABEL
from nameplate.features.quality.shares import Share

LEAST_FOR_CALIBRATION: Final = 100
"""Images before probabilities as a whole may be judged."""

LEAST_IN_BIN: Final = 10
"""Images before the share of a bin may be called one."""

LEAST_LABELLED: Final = 20
"""Images that a threshold must label before it may be named; fewer are right by chance."""

_BINS: Final = 10


class Bin(NamedTuple):
    """A bin of probabilities; 1 is in the last bin.

    Attributes:
        mean: Their mean; None where there are none.
        right: The share of them that is right.
    """

    mean: float | None
    right: Share


@dataclass(frozen=True, slots=True)
class Reliability:
    """Probabilities against the share that is right, in bins of equal width.

    Attributes:
        bins: From low to high probability.
        mean: The mean probability; None where there is none.
        right: The share of all probabilities that is right; `of` counts pairs of image and name
            where an image has several.
        images: The images that have a probability.
    """

    bins: tuple[Bin, ...]
    mean: float | None
    right: Share
    images: int

    @property
    def missing(self) -> int:
        """How many more images are needed before probabilities as a whole may be judged."""
        return max(0, LEAST_FOR_CALIBRATION - self.images)

    @property
    def error(self) -> float | None:
        """The expected calibration error: the mean distance of probability and share.

        Of M. P. Naeini, G. F. Cooper and M. Hauskrecht, “Obtaining Well Calibrated Probabilities
        Using Bayesian Binning”, AAAI 2015. None where images are missing.
        """
        if self.missing:
            return None
        sums = ((one.mean or 0.0) * one.right.of - one.right.count for one in self.bins)
        return sum(map(abs, sums)) / self.right.of

    @property
    def too_sure(self) -> float | None:
        """The mean probability less the share that is right; None where images are missing."""
        if self.missing or self.mean is None:
            return None
        return self.mean - self.right.count / self.right.of


def reliability(sure: NDArray[np.floating], is_right: NDArray[np.bool_]) -> Reliability:
    """Sort probabilities in [0, 1] (N, or N x K of several names) into ten bins, without NaN."""
    is_known = np.isfinite(sure)
    p, was_right = np.clip(sure[is_known].astype(np.float64), 0.0, 1.0), is_right[is_known]
    number = np.minimum((p * _BINS).astype(np.int64), _BINS - 1)
    made = list[Bin]()
    for one in range(_BINS):
        inside = np.flatnonzero(number == one)
        right = int(np.count_nonzero(was_right[inside]))
        mean = float(p[inside].mean()) if len(inside) else None
        made.append(Bin(mean, Share(right, len(inside), LEAST_IN_BIN)))
    mean = float(p.mean()) if len(p) else None
    right = Share(int(np.count_nonzero(was_right)), len(p))
    images = int(np.count_nonzero(is_known.any(axis=tuple(range(1, sure.ndim)))))
    return Reliability(tuple(made), mean, right, images)


@dataclass(frozen=True, slots=True)
class Coverage:
    """The labels that each threshold gives, from the highest down.

    Attributes:
        thresholds: M float64, falling: each probability that occurs.
        labelled: M int64, images with at least that probability; rising.
        right: M int64, how many of these are right.
        images: All images, also those that no threshold labels.
    """

    thresholds: NDArray[np.float64]
    labelled: NDArray[np.int64]
    right: NDArray[np.int64]
    images: int

    def precision(self, place: int) -> Share:
        """Return the share of the labels that is right, at a place of the arrays."""
        return Share(int(self.right[place]), int(self.labelled[place]))

    def widest(self, precision: float) -> int | None:
        """Return the place that labels most with at least this precision.

        None where that would be fewer than `LEAST_LABELLED` images. It is chosen by these very
        images, and promises nothing about others.
        """
        places = np.flatnonzero(self.right >= precision * self.labelled)
        is_enough = len(places) and self.labelled[places[-1]] >= LEAST_LABELLED
        return int(places[-1]) if is_enough else None


def coverage(sure: NDArray[np.floating], is_right: NDArray[np.bool_]) -> Coverage:
    """Order N images by probability, the most sure first; one with NaN is never labelled."""
    rows = np.flatnonzero(np.isfinite(sure))
    rows = rows[np.argsort(-sure[rows], kind="stable")]
    p = sure[rows].astype(np.float64)
    is_last = np.append(p[1:] != p[:-1], True)[: len(p)]  # images alike come together
    labelled = (np.flatnonzero(is_last) + 1).astype(np.int64)
    right = np.cumsum(is_right[rows], dtype=np.int64)[is_last]
    return Coverage(p[is_last], labelled, right, len(sure))


def average_precision(p: NDArray[np.floating], is_shown: NDArray[np.bool_]) -> float | None:
    """Return the average precision of one name; None where no image shows it.

    The images are sorted by the name's probability; at each image that shows the name, the
    precision of all down to there; their mean. Equal probabilities come together, as in
    scikit-learn's `average_precision_score`. An image without a probability (NaN) is never found.
    """
    total = int(np.count_nonzero(is_shown))
    if not total:
        return None
    down = coverage(p, is_shown)
    more = np.diff(down.right, prepend=0)
    return float((more * (down.right / down.labelled)).sum() / total)


def ranked(
    probabilities: NDArray[np.floating], columns: NDArray[np.int32], truth: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Rank the truth of N images among K names, and return the code of the most probable name.

    A rank of 1 is the most probable name, 0 none of them. A reject concept is NO_LABEL in
    `columns`, and has no rank.
    """
    ranks, best = np.zeros(len(truth), np.int64), np.full(len(truth), NO_LABEL, np.int32)
    if not len(columns):
        return ranks, best
    for start in range(0, len(truth), BLOCK_ROWS):  # so that no copy of all probabilities is made
        part = slice(start, start + BLOCK_ROWS)
        block = probabilities[part]
        order = np.argsort(-block, axis=1, kind="stable")  # NaN comes last
        name, p = columns[order], np.take_along_axis(block, order, axis=1)
        is_true = (name == truth[part, None]) & (name != NO_LABEL) & np.isfinite(p)
        ranks[part] = (is_true * np.cumsum(name != NO_LABEL, axis=1)).max(axis=1, initial=0)
        best[part] = name[:, 0]
    return ranks, best
