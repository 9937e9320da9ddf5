"""Two runs on the same images: is one better, or is that chance?"""

import math
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.features.evaluation.shares import Interval

LEVEL: Final = 0.05
"""A difference that chance alone makes as often as this, or more often, is none."""

LEAST_COMPARED: Final = 6
"""Images; with fewer even a run that gets all right that the other gets wrong may be chance."""

_DRAWS: Final = 10_000


class Verdict(Enum):
    """What the images show about two runs."""

    SECOND_BETTER = "second-better"
    SECOND_WORSE = "second-worse"
    NO_DIFFERENCE = "no-difference"
    NOT_ENOUGH = "not-enough"


@dataclass(frozen=True, slots=True)
class Paired:
    """How many images each of two runs gets right.

    Attributes:
        both: Images that both get right.
        first_alone: Images that only the first one does.
        second_alone: Images that only the second one does.
        neither: All others.
    """

    both: int
    first_alone: int
    second_alone: int
    neither: int

    @property
    def images(self) -> int:
        """How many images were compared."""
        return self.both + self.first_alone + self.second_alone + self.neither

    @property
    def differing(self) -> int:
        """How many images one run alone gets right."""
        return self.first_alone + self.second_alone

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
        n, least = self.differing, min(self.first_alone, self.second_alone)
        log_half = n * math.log(2)
        tail = math.fsum(
            math.exp(math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) - log_half)
            for k in range(least + 1)
        )
        return min(1.0, 2 * tail)

    @property
    def verdict(self) -> Verdict:
        """What these images show."""
        if self.images < LEAST_COMPARED:
            return Verdict.NOT_ENOUGH
        if self.chance >= LEVEL:
            return Verdict.NO_DIFFERENCE
        is_better = self.second_alone > self.first_alone
        return Verdict.SECOND_BETTER if is_better else Verdict.SECOND_WORSE

    def interval(self, seed: int = 0) -> Interval | None:
        """Return the 95% interval of `difference`; None where there are no images.

        A paired bootstrap by percentiles (B. Efron and R. J. Tibshirani, “An Introduction to the
        Bootstrap”, 1993, chapter 13): images are drawn anew, with replacement, which is a
        multinomial draw of the four counts. Half an image is added to each of them (A. Agresti and
        Y. Min, “Simple improved confidence intervals for comparing matched proportions”, Statistics
        in Medicine 24 (2005), 729-740), so that few images without a difference are no certainty.

        Args:
            seed: Of the draws.
        """
        if self.difference is None:
            return None
        counts = np.array([self.both, self.first_alone, self.second_alone, self.neither]) + 0.5
        draws = np.random.default_rng(seed).multinomial(
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
