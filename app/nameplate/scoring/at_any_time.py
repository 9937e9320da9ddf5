"""A bound on the number of wrong labels by random checks, which may stop at any time.

Before the checks the number of wrong labels is taken to be beta-binomial. A number is ruled out
once the result of the checks is less probable under it than the risk times its probability before.
The true number is ruled out, at any time, with a probability of at most the risk (Waudby-Smith and
Ramdas, Confidence Sequences for Sampling Without Replacement, 2020: the ratio of prior to
posterior).
"""

from collections.abc import Callable
from math import exp, lgamma
from typing import Final

WRONG, RIGHT = 1, 100
"""The prior, in pseudo-counts: 1 of 101 labels is wrong. Others cost more checks, never risk."""

_ROUNDING: Final = 1 - 1e-6

_FIRST_ATTEMPT: Final = 3 / 4
_LATER_ATTEMPTS: Final = 1 / 8


def risk_of_attempt(attempt: int, risk: float = 0.05) -> float:
    """Return the part of the risk that the attempt of this number, from 1, may spend."""
    later = _LATER_ATTEMPTS / max(1, attempt * (attempt - 1))
    return risk * (_FIRST_ATTEMPT if attempt == 1 else later)


def most_wrong(labels: int, checks: int, found: int, risk: float) -> int:
    """Return the greatest number of wrong labels that is not ruled out.

    Args:
        labels: The number of labels.
        checks: How many of them were drawn at random and checked.
        found: How many of these are wrong.
        risk: How often the true number may be ruled out at most, whenever one asks.
    """
    most = labels - (checks - found)
    likeliest = min((labels + 1) * found // max(1, checks), most)
    limit = risk * _ROUNDING * _before(checks, found)

    def is_out(wrong: int) -> bool:
        return _probability(found, checks, labels, wrong) <= limit

    return first_where(is_out, likeliest, most) - 1 if is_out(most) else most


def first_where(holds: Callable[[int], bool], start: int, end: int) -> int:
    """Return the first number from `start` to `end` for which something holds, as at `end`."""
    while start < end:
        middle = (start + end) // 2
        start, end = (start, middle) if holds(middle) else (middle + 1, end)
    return start


def _before(checks: int, found: int) -> float:
    """Return the probability of `found` wrong ones among the checks under the prior."""
    right = checks - found
    shares = _log_beta(found + WRONG, right + RIGHT) - _log_beta(WRONG, RIGHT)
    return exp(_log_ways(checks, found) + shares)


def _probability(found: int, checks: int, labels: int, wrong: int) -> float:
    """Return the hypergeometric probability of `found` wrong ones among the checks."""
    if not found <= wrong <= labels - (checks - found):
        return 0.0
    ways = _log_ways(wrong, found) + _log_ways(labels - wrong, checks - found)
    return exp(ways - _log_ways(labels, checks))


def _log_ways(count: int, chosen: int) -> float:
    return lgamma(count + 1) - lgamma(chosen + 1) - lgamma(count - chosen + 1)


def _log_beta(one: int, other: int) -> float:
    return lgamma(one) + lgamma(other) - lgamma(one + other)
