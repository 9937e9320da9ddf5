"""The agreement of two people's decisions: observed, expected by chance, Cohen's kappa."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.messages import Message

LEAST_IMAGES: Final = 100
_LEAST_APART: Final = 20  # decided differently; ADR 28 has how often the interval holds the truth

_STRENGTHS: Final = (
    (0.0, Message("no-more-than-chance")),
    (0.2, Message("hardly-more-than-chance")),
    (0.4, Message("somewhat-more-than-chance")),
    (0.6, Message("clearly-more-than-chance")),
    (0.8, Message("much-more-than-chance")),
)
"""Up to which kappa each is said: the bands of Landis and Koch, “The Measurement of Observer
Agreement for Categorical Data”, Biometrics 33 (1977), 159-174. They are a habit, no theorem."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """The confusion table of two people's decisions about the same images.

    Only pairs of categories that occur are listed, since there may be thousands of categories.

    Attributes:
        mine: P category numbers, what the first person decided.
        theirs: P category numbers, what the second one did.
        counts: P numbers of images, int64, each above zero.
    """

    mine: NDArray[np.int64]
    theirs: NDArray[np.int64]
    counts: NDArray[np.int64]

    @property
    def cells(self) -> list[tuple[int, int, int]]:
        """A row for each pair of categories: mine, theirs, number of images."""
        columns = (self.mine.tolist(), self.theirs.tolist(), self.counts.tolist())
        return list(zip(*columns, strict=True))

    @property
    def images(self) -> int:
        """The number of images that both decided."""
        return int(self.counts.sum())

    @property
    def agreed(self) -> int:
        """The number of images that both decided equally."""
        return int(self.counts[self.mine == self.theirs].sum())

    @property
    def observed(self) -> float | None:
        """The share of equal decisions; None without images."""
        return self.agreed / self.images if self.images else None

    @property
    def expected(self) -> float | None:
        """The share of equal decisions by chance, given how often each chose what."""
        pairs = self._by_chance()
        return pairs / self.images**2 if self.images else None

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa: the agreement beyond chance, as a share of the possible one.

        (observed - expected) / (1 - expected), of J. Cohen, “A Coefficient of Agreement for Nominal
        Scales”, Educational and Psychological Measurement 20 (1960), 37-46. None, since undefined,
        where both used one and the same category alone: chance would then agree always.
        """
        observed, expected = self.observed, self.expected
        if observed is None or expected is None or self._by_chance() == self.images**2:
            return None
        return (observed - expected) / (1 - expected)

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95% interval of kappa; None without kappa, or if the formula gives no width.

        By the large-sample standard error of J. L. Fleiss, J. Cohen and B. S. Everitt, “Large
        Sample Standard Errors of Kappa and Weighted Kappa”, Psychological Bulletin 72 (1969),
        323-327. It is too narrow for few images or few differences, see `is_rough`, and is zero
        where all agree, which is no certainty.
        """
        kappa, expected = self.kappa, self.expected
        if kappa is None or expected is None:
            return None
        shares = self.counts / self.images
        rows, columns = (
            np.bincount(side, shares, minlength=self._categories)
            for side in (self.mine, self.theirs)
        )
        is_same = self.mine == self.theirs
        own = (rows + columns)[self.mine[is_same]]
        cross = columns[self.mine[~is_same]] + rows[self.theirs[~is_same]]
        alike = float(np.sum(shares[is_same] * (1 - own * (1 - kappa)) ** 2))
        apart = (1 - kappa) ** 2 * float(np.sum(shares[~is_same] * cross**2))
        centre = (kappa - expected * (1 - kappa)) ** 2
        variance = (alike + apart - centre) / (self.images * (1 - expected) ** 2)
        if variance <= 1e-12:
            return None
        half = NormalDist().inv_cdf(0.975) * math.sqrt(variance)
        return max(-1.0, kappa - half), min(1.0, kappa + half)

    @property
    def is_rough(self) -> bool:
        """Whether kappa and its interval rest on too few images, or too few that differ."""
        return self.images < LEAST_IMAGES or self.images - self.agreed < _LEAST_APART

    @property
    def _categories(self) -> int:
        return 1 + int(max(self.mine.max(initial=-1), self.theirs.max(initial=-1)))

    def _by_chance(self) -> int:
        """Return the number of equal pairs among all pairs of both people's decisions; exact."""
        rows, columns = (np.zeros(self._categories, dtype=np.int64) for _ in range(2))
        np.add.at(rows, self.mine, self.counts)
        np.add.at(columns, self.theirs, self.counts)
        return int(np.sum(rows * columns))


def agreement_of(mine: NDArray[np.integer], theirs: NDArray[np.integer]) -> Agreement:
    """Return the agreement of two people about N images, by the category numbers of each."""
    width = 1 + int(theirs.max(initial=0))
    pairs, counts = np.unique(mine.astype(np.int64) * width + theirs, return_counts=True)
    return Agreement(pairs // width, pairs % width, counts.astype(np.int64))


def strength_of(kappa: float | None) -> Message:
    """Return a verbal rating of a kappa."""
    if kappa is None:
        return Message("kappa-undefined")
    most = Message("nearly-all-beyond-chance")
    return next((words for highest, words in _STRENGTHS if kappa <= highest), most)
