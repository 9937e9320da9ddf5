"""How many labels are wrong, by random checks after which one may stop at any time.

Numbers of wrong labels are ruled out under which what was found is less probable than the risk
times what it was expected to be before. At the true number that happens, at any time, with a
probability of the risk at most (Waudby-Smith and Ramdas, Confidence Sequences for Sampling Without
Replacement, 2020: the ratio of prior to posterior). What is expected is a beta-binomial number.
"""

import math
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from nameplate.features.promise.rules.counts import hypergeometric, log_factorial

_WRONG, _RIGHT = 1, 100
"""What is expected, in pseudo-counts: 1 of 101 labels is wrong. Another number costs some more
checks, and never the risk."""

_ROUNDING: Final = 1 - 1e-9

FEWEST: Final = 20
"""Checks after which something is said of the rest.

Of 1,000 labels, 8 checks leave up to 33% wrong where none was found, and 66% where one was; 20
leave 15% and 31%, with 95% certainty. More would leave most names of a table unsaid: 200 checks are
20 of each of ten names.
"""


def _limit(found: int, checks: int, risk: float) -> float:
    """Return the risk times how probable it was, before anything was known, to find so many."""
    right = checks - found
    ways = log_factorial(checks) - log_factorial(found) - log_factorial(right)
    wrong = log_factorial(found + _WRONG - 1) + log_factorial(right + _RIGHT - 1)
    wrong = wrong - log_factorial(checks + _WRONG + _RIGHT - 1)
    before = log_factorial(_WRONG - 1) + log_factorial(_RIGHT - 1)
    before = before - log_factorial(_WRONG + _RIGHT - 1)
    return risk * _ROUNDING * float(np.exp(ways + wrong - before))


def wrong_between(population: int, checks: int, found: int, risk: float) -> tuple[int, int]:
    """Return the least and the greatest number of wrong labels that is not ruled out.

    Args:
        population: How many labels there are.
        checks: How many of them were drawn at random and checked.
        found: How many of these are wrong.
        risk: How often the true number may be ruled out at most, whenever one asks.
    """
    if not checks:
        return 0, population
    limit = _limit(found, checks, risk)
    least, most = found, population - (checks - found)
    likeliest = min(max((population + 1) * found // checks, least), most)

    def is_out(wrong: int) -> bool:
        return float(hypergeometric(found, checks, population, wrong)) <= limit

    low, high = _first(least, likeliest, lambda one: not is_out(one)), most
    if is_out(most):
        high = _first(likeliest, most, is_out) - 1
    return low, high


def checks_to_say(population: int, checks: int) -> int:
    """Return how many more checks it takes to say something of the rest; see `FEWEST`."""
    return max(0, min(FEWEST, population) - checks)


class Rest(NamedTuple):
    """How many of the labels that were not checked are wrong: about, at least and at most."""

    wrong: int
    least: int
    most: int


def rest_of(population: int, checks: int, found: int, risk: float, overlooked: float) -> Rest:
    """Return how many of the labels that were not checked are wrong, as `wrong_between` says.

    `overlooked` is the share of the wrong labels that the person who checks may overlook.
    """
    low, high = wrong_between(population, checks, found, risk)
    left = population - checks
    most = min(left, math.ceil((high + 1) / (1 - overlooked)) - 1 - found)
    return Rest(round(found / max(1, checks) * left), low - found, most)


def checks_needed(population: int, too_many: int, found: int, risk: float) -> int | None:
    """Return after how many checks `too_many` wrong labels, and more, are ruled out.

    None where no number of checks does, as where so many were found.
    """
    if too_many > population:
        return found
    if found >= too_many:
        return None
    start = min(population, found * population // too_many + 1)

    def is_out(checks: int) -> bool:
        chance = float(hypergeometric(found, checks, population, too_many))
        return chance <= _limit(found, checks, risk)

    return _first(start, population, is_out)


def _first(start: int, end: int, holds: Callable[[int], bool]) -> int:
    """Return the first number from `start` to `end` for which something holds, as at `end`."""
    while start < end:
        middle = (start + end) // 2
        start, end = (start, middle) if holds(middle) else (middle + 1, end)
    return start
