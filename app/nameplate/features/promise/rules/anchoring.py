"""What checks without the proposed label say of the errors that people overlook with it."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from nameplate.features.promise.rules.counts import hypergeometric, log_factorial
from nameplate.features.promise.rules.promises import Outcome, Promise

_RISK: Final = 0.05
_STEPS: Final = 1000
"""Shares that are tried: the bound is rounded up to a thousandth."""


@dataclass(frozen=True, slots=True)
class Anchoring:
    """Checks with and without the proposed label shown, and how many of each were wrong.

    Attributes:
        shown: With the proposal.
        shown_wrong: Of these.
        blind: Without it.
        blind_wrong: Of these.
    """

    shown: int
    shown_wrong: int
    blind: int
    blind_wrong: int

    @property
    def most_overlooked(self) -> float:
        """The share of the wrong labels that is overlooked at most where labels are shown.

        With 95% certainty, compared with what is found where they are hidden: the largest share
        under which so few of all wrong ones would be blind ones with a probability above 5%. 1
        where the checks show nothing, as with no wrong one among them.
        """
        found = self.shown_wrong + self.blind_wrong
        kept = 1 - np.arange(_STEPS + 1) / _STEPS
        with np.errstate(invalid="ignore", divide="ignore"):
            # Of wrong ones found, the share of blind ones, if so many of the shown ones are found.
            blind = np.nan_to_num(self.blind / (self.blind + self.shown * kept))[:, None]
            counts = np.arange(self.blind_wrong + 1)
            ways = log_factorial(found) - log_factorial(counts) - log_factorial(found - counts)
            chances = np.exp(ways) * blind**counts * (1 - blind) ** (found - counts)
        possible = np.flatnonzero(chances.sum(axis=1) > _RISK)
        return float(possible.max(initial=0) / _STEPS) if self.blind else 1.0

    @property
    def is_believed_too_easily(self) -> bool:
        """Whether the checks show that people find fewer errors where labels are shown.

        If it made no difference, so many of the errors would be blind ones seldom enough: with a
        probability of 5% at most.
        """
        found, total = self.shown_wrong + self.blind_wrong, self.shown + self.blind
        counts = np.arange(self.blind_wrong, found + 1)
        return float(hypergeometric(counts, self.blind, total, found).sum()) <= _RISK


def anchoring_of(promise: Promise) -> Anchoring:
    """Return how many checks of a promise were made with and without its label shown."""
    counts = {True: [0, 0], False: [0, 0]}
    for check in promise.checks:
        counts[check.is_blind][0] += 1
        counts[check.is_blind][1] += check.outcome != Outcome.RIGHT
    return Anchoring(*counts[False], *counts[True])
