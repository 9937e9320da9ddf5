"""Shares of counted images, how far each can be relied on, and differences between two of them.

All limits are those of a 95% interval: of 100 such intervals, 95 hold the true value.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

NORMAL_95: Final = 1.959964
"""Standard deviations on either side of the mean that hold 95% of a normal distribution."""

_DRAWN: Final = 2
"""Images that each share is drawn towards the share of all by; see `mean_of`."""


class Interval(NamedTuple):
    """The limits of a 95% interval, `low` <= `high`."""

    low: float
    high: float


class Mean(NamedTuple):
    """A figure that is no share of images, with its interval where it has one."""

    value: float
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `of` images, where `least` are needed before it may be called a share.

    Raises:
        ValueError: It is no share: not 0 <= `count` <= `of`.
    """

    count: int
    of: int
    least: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.count <= self.of:
            raise ValueError(f"{self.count} of {self.of} images")

    @property
    def value(self) -> float | None:
        """`count` / `of`; None where images are missing."""
        return self.count / self.of if self.of >= max(1, self.least) else None

    @property
    def interval(self) -> Interval | None:
        """The score interval of E. B. Wilson; None where images are missing.

        “Probable Inference, the Law of Succession, and Statistical Inference”, Journal of the
        American Statistical Association 22 (1927), 209-212. It holds for few images too, and has a
        width where all or none are right.
        """
        return None if self.value is None else _wilson(self.value, self.of)


def _wilson(p: float, of: float) -> Interval:
    squared = NORMAL_95**2
    centre = p + squared / (2 * of)
    half = NORMAL_95 * math.sqrt(p * (1 - p) / of + squared / (4 * of * of))
    scale = 1 + squared / of
    low, high = (centre - half) / scale, (centre + half) / scale
    return Interval(min(p, max(0.0, low)), max(p, min(1.0, high)))


def mean_of(shares: Sequence[Share]) -> Mean | None:
    """Return the mean of independent shares with its interval; None where one is not known.

    It is Wilson's interval for as many images as would give one share the variance of the mean,
    n = p (1 - p) / Var. In the variance each share is drawn towards that of all images together, as
    by two images more, so that a share of few images that are all right is not taken for certain
    (ADR 28 has how often it holds the truth).
    """
    values = [share.value for share in shares]
    known = [value for value in values if value is not None]
    if not known or len(known) < len(values):
        return None
    mean, number = sum(known) / len(known), len(known)
    of_all = sum(share.count for share in shares) / sum(share.of for share in shares)
    drawn = [(s.count + _DRAWN * of_all) / (s.of + _DRAWN) for s in shares]
    pairs = zip(drawn, shares, strict=True)
    variance = sum(p * (1 - p) / share.of for p, share in pairs) / number**2
    if variance > 0 and 0 < mean < 1:
        return Mean(mean, _wilson(mean, mean * (1 - mean) / variance))
    return Mean(mean, _wilson(mean, number**2 / sum(1 / share.of for share in shares)))


def difference_of(share: Share, first: Share) -> tuple[float, Interval] | None:
    """Return `share` - `first`, of different images, with its interval; None where one is unknown.

    By the score method (10) of R. G. Newcombe, “Interval estimation for the difference between
    independent proportions: comparison of eleven methods”, Statistics in Medicine 17 (1998),
    873-890.
    """
    a, b = share.interval, first.interval
    if share.value is None or first.value is None or a is None or b is None:
        return None
    value = share.value - first.value
    low = value - math.hypot(share.value - a.low, b.high - first.value)
    high = value + math.hypot(a.high - share.value, first.value - b.low)
    return value, Interval(max(-1.0, low), min(1.0, high))


LEVEL: Final = 0.05
"""A difference that chance alone makes as often as this, or more often, is none."""

LEAST_COMPARED: Final = 6
"""Images; with fewer even a run that gets all right that the other gets wrong may be chance."""

_DRAWS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Paired:
    """How many images both of two runs get right, the first alone, the second alone, neither."""

    both: int
    first_alone: int
    second_alone: int
    neither: int

    @property
    def images(self) -> int:
        """How many images were compared."""
        return self.both + self.first_alone + self.second_alone + self.neither

    @property
    def difference(self) -> float | None:
        """The accuracy of the second run less that of the first; None where there are no images."""
        return (self.second_alone - self.first_alone) / self.images if self.images else None

    @property
    def chance(self) -> float:
        """How often chance alone makes a difference as great as this, in (0, 1].

        The exact two-sided test of Q. McNemar, “Note on the sampling error of the difference
        between correlated proportions or percentages”, Psychometrika 12 (1947), 153-157: of the
        images that one run alone gets right, each is the first's with probability 1/2.
        """
        n = self.first_alone + self.second_alone
        least = min(self.first_alone, self.second_alone)
        log_half = n * math.log(2)
        tail = math.fsum(
            math.exp(math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) - log_half)
            for k in range(least + 1)
        )
        return min(1.0, 2 * tail)

    @property
    def verdict(self) -> str:
        """The result of the test, as JSON has it."""
        if self.images < LEAST_COMPARED:
            return "not-enough"
        if self.chance >= LEVEL:
            return "no-difference"
        return "second-better" if self.second_alone > self.first_alone else "second-worse"

    @property
    def interval(self) -> Interval | None:
        """The 95% interval of `difference`; None where there are no images.

        A paired bootstrap by percentiles (B. Efron and R. J. Tibshirani, “An Introduction to the
        Bootstrap”, 1993, chapter 13): images are drawn anew, with replacement, which is a
        multinomial draw of the four counts. Half an image is added to each of them (A. Agresti and
        Y. Min, “Simple improved confidence intervals for comparing matched proportions”, Statistics
        in Medicine 24 (2005), 729-740), so that few images without a difference are no certainty.
        """
        if self.difference is None:
            return None
        counts = np.array([self.both, self.first_alone, self.second_alone, self.neither]) + 0.5
        draws = np.random.default_rng(0).multinomial(
            self.images, counts / counts.sum(), size=_DRAWS
        )
        low, high = np.quantile((draws[:, 2] - draws[:, 1]) / self.images, (0.025, 0.975))
        return Interval(min(float(low), self.difference), max(float(high), self.difference))


def paired(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> Paired:
    """Count the images that two runs get right; N each, whether it does.

    Raises:
        ValueError: They are not of the same images.
    """
    if first.shape != second.shape:
        raise ValueError(f"{len(first)} and {len(second)} images")
    cells = np.bincount(2 * first.astype(np.int64) + second, minlength=4).tolist()
    return Paired(cells[3], cells[2], cells[1], cells[0])
