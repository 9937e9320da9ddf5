"""Whether people find fewer errors where they are shown what is proposed."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from nameplate.scoring.promise.counts import hypergeometric

LEAST_BLIND: Final = 30
"""Checks without the proposal below which nothing is said."""


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
    def missing(self) -> int:
        """How many more blind checks it takes before anything can be said; 0 for none."""
        return max(0, LEAST_BLIND - self.blind)

    @property
    def difference(self) -> float | None:
        """By how much the share of errors found is higher without the proposal.

        None for not enough yet.
        """
        if self.missing or not self.shown:
            return None
        return self.blind_wrong / self.blind - self.shown_wrong / self.shown

    @property
    def chance(self) -> float | None:
        """How probable so many blind errors are at least if showing made no difference.

        One-sided, exact (Fisher): all errors are dealt out to all checks at random. None for not
        enough yet.
        """
        if self.difference is None:
            return None
        wrong = self.shown_wrong + self.blind_wrong
        found = np.arange(self.blind_wrong, wrong + 1)
        return float(hypergeometric(found, self.blind, self.shown + self.blind, wrong).sum())
