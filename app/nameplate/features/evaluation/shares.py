"""Shares of counted images, how far each can be relied on, and differences between two of them.

All limits are those of a 95% interval: of 100 such intervals, 95 hold the true value.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

NORMAL_95: Final = 1.959964
"""Standard deviations on either side of the mean that hold 95% of a normal distribution."""


_DRAWN: Final = 2
"""Images that each share is drawn towards the share of all by; see `mean_of`."""


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
        return None if self.missing else _wilson(self.count / self.of, self.of)


def _wilson(p: float, of: float) -> Interval:
    squared = NORMAL_95**2
    centre = p + squared / (2 * of)
    half = NORMAL_95 * math.sqrt(p * (1 - p) / of + squared / (4 * of * of))
    scale = 1 + squared / of
    low, high = (centre - half) / scale, (centre + half) / scale
    return Interval(min(p, max(0.0, low)), max(p, min(1.0, high)))


def mean_of(shares: Sequence[Share]) -> tuple[float, Interval] | None:
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
        return mean, _wilson(mean, mean * (1 - mean) / variance)
    return mean, _wilson(mean, number**2 / sum(1 / share.of for share in shares))


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
