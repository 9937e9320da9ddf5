"""Shares of counted images, how far each can be relied on, and differences between two of them.

All limits are those of a 95% interval: of 100 such intervals, 95 hold the true value.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

NORMAL_95: Final = 1.959964
"""Standard deviations on either side of the mean that hold 95% of a normal distribution."""


class Interval(NamedTuple):
    """The limits of a 95% interval, `low` <= `high`."""

    low: float
    high: float


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
    def missing(self) -> int:
        """How many more images are needed; 0 where there are enough."""
        return max(0, max(1, self.least) - self.of)

    @property
    def value(self) -> float | None:
        """`count` / `of`; None where images are missing."""
        return None if self.missing else self.count / self.of

    @property
    def interval(self) -> Interval | None:
        """The score interval of E. B. Wilson; None where images are missing.

        “Probable Inference, the Law of Succession, and Statistical Inference”, Journal of the
        American Statistical Association 22 (1927), 209-212. It holds for few images too, and has a
        width where all or none are right.
        """
        return None if self.missing else _wilson(self.count, self.of)


def _wilson(count: int, of: int) -> Interval:
    p, squared = count / of, NORMAL_95**2
    centre = p + squared / (2 * of)
    half = NORMAL_95 * math.sqrt(p * (1 - p) / of + squared / (4 * of * of))
    scale = 1 + squared / of
    low, high = (centre - half) / scale, (centre + half) / scale
    return Interval(min(p, max(0.0, low)), max(p, min(1.0, high)))


def mean_of(shares: Sequence[Share]) -> tuple[float, Interval] | None:
    """Return the mean of independent shares with its interval; None where one is not known.

    By the “method of variance estimates recovery” of G. Y. Zou and A. Donner, “Construction of
    confidence limits about effect measures: a general approach”, Statistics in Medicine 27 (2008),
    1693-1702, from the intervals of the shares. Unlike a bootstrap it has a width where all are 1.
    """
    known = [(s.value, s.interval) for s in shares]
    below = above = total = 0.0
    for value, interval in known:
        if value is None or interval is None:
            return None
        total += value
        below += (value - interval.low) ** 2
        above += (interval.high - value) ** 2
    if not known:
        return None
    mean, count = total / len(known), len(known)
    low, high = mean - math.sqrt(below) / count, mean + math.sqrt(above) / count
    return mean, Interval(max(0.0, low), min(1.0, high))


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
