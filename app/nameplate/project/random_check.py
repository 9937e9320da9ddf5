"""Random checks of labels and the bound on the wrong ones that they show."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from nameplate.scoring.at_any_time import first_where, most_wrong, risk_of_attempt

OVERLOOKED: Final = 2
"""Of 100 wrong labels, those that the person who checks may overlook; said in the certificate."""


class CheckResult(IntEnum):
    """The result of checking a label."""

    RIGHT = 0
    CORRECTED = 1
    """It was wrong, and has its right name now."""
    NAMELESS = 2
    """It was wrong or could not be seen, and the image is left without a label."""


@dataclass(frozen=True, slots=True)
class Check:
    """The check of one label; a hidden one did not show it to the person."""

    image: int
    outcome: CheckResult
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class RandomCheck:
    """Random checks of a set of labels, which is fixed when the first one is drawn.

    Attributes:
        attempt: The number of this attempt in the project, from 1; later ones spend less risk.
        labels: The number of labels when the first check was drawn.
        drawn: A digest of these labels, from which the order of the checks follows.
        now: A digest of them with all corrections: other labels end the certificate.
        pictures: A digest of the contents of their files; empty where these were not known.
        begun_at: Milliseconds since 1970, UTC.
        checks: In the order in which they were made.
    """

    attempt: int
    labels: int
    drawn: str
    now: str
    pictures: str
    begun_at: int
    checks: tuple[Check, ...] = ()

    def count(self, outcome: CheckResult) -> int:
        """Return the number of checks with an outcome."""
        return sum(check.outcome == outcome for check in self.checks)

    @property
    def wrong(self) -> int:
        """The number of checks that found a wrong label."""
        return len(self.checks) - self.count(CheckResult.RIGHT)

    @property
    def hidden(self) -> int:
        """The number of checks that did not show the label."""
        return sum(check.is_hidden for check in self.checks)

    @property
    def labelled(self) -> int:
        """The number of labels that are left."""
        return self.labels - self.count(CheckResult.NAMELESS)

    @property
    def most_wrong(self) -> int:
        """The greatest number of wrong labels that the checks do not rule out, before corrections.

        Those that the person may have overlooked are counted.
        """
        return _most_wrong(self.labels, len(self.checks), self.wrong, self.attempt)

    @property
    def most_left(self) -> int:
        """The greatest number of labels that may be wrong now."""
        return min(self.labelled, self.most_wrong - self.wrong)

    @property
    def share(self) -> float:
        """The share of the labels that is right at least; rounded down to a thousandth.

        0 before the first check, and where no label is left.
        """
        left = self.labelled
        return 1000 * (left - self.most_left) // left / 1000 if left else 0.0


def checks_until(share: float, labels: int, checks: int, wrong: int, attempt: int) -> int | None:
    """Return how many checks show a share if no more wrong ones are found; None for no number.

    Args:
        share: Of the labels that are to be right, such as 0.98.
        labels: The number of labels.
        checks: How many were made.
        wrong: How many of them found a wrong label.
        attempt: As `RandomCheck.attempt`.
    """
    allowed = labels - -(-labels * round(1000 * share) // 1000)

    def is_shown(count: int) -> bool:
        return _most_wrong(labels, count, wrong, attempt) - wrong <= allowed

    return first_where(is_shown, checks, labels) if is_shown(labels) else None


def _most_wrong(labels: int, checks: int, wrong: int, attempt: int) -> int:
    found = most_wrong(labels, checks, wrong, risk_of_attempt(attempt))
    return min(labels, 100 * found // (100 - OVERLOOKED))
