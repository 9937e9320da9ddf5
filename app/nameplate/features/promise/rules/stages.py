"""Plans of checks that may stop early, exact for a set of a known size.

A plan says after how many checks a promise holds if 0, 1, 2, ... of them were wrong. It looks at
the checks at these numbers only, and what all looks together let pass wrongly is computed for each
number of wrong labels that could be in the set, by following the probability of each number found
from look to look. So it does not matter when somebody looks, or why they stop. Numbers of wrong
labels are of those that the person who checks would find (`Plan.overlooked`).
"""

import math
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.features.promise.rules.at_any_time import checks_needed
from nameplate.features.promise.rules.counts import hypergeometric
from nameplate.features.promise.rules.promises import Plan, Promise

_SHARE_OF_LOOK: Final = 0.5
"""How much of the risk that is left each look may spend (docs/adr/0029-promise.md)."""

_FIRST_TRY: Final = 3 / 4
_LATER_TRIES: Final = 1 / 8
"""How much of the risk the first try may spend, and all later ones together: the second half of
this, the third a sixth, try j 1 / ((j - 1) j) of it, which makes 1. All but the first may be spent
twice: by a part of what failed, and by the promise that begins after it. So all tries of a
project's life together spend the risk: 3/4 + 2 x 1/8."""

OVERLOOKED: Final = 0.02
"""The share of the wrong labels that a person who checks may overlook; said in the certificate."""

MOST_LOOKS: Final = 16
LONGEST_PLAN: Final = 40
"""In all plans, and in those by which something is said at any time."""
_MOST_TIMES: Final = 4
"""Looks beyond so many times the first one are no help: the labels are not right enough."""

_ROUNDING: Final = 1 - 1e-9


def risk_of_try(confidence: float, tries: int) -> float:
    """Return what the try of this number (from 1) may spend of the risk 1 - `confidence`."""
    share = _FIRST_TRY if tries == 1 else _LATER_TRIES / ((tries - 1) * tries)
    return (1 - confidence) * share


def risk_of_promise(promise: Promise) -> float:
    """Return what a promise may spend of the risk."""
    return risk_of_try(promise.confidence, promise.tries + promise.is_part)


def make_plan(
    population: int,
    allowed: int,
    risk: float,
    *,
    overlooked: float = 0.0,
    is_corrected: bool = True,
) -> Plan:
    """Return when random checks of a set are enough.

    Args:
        population: How many labels there are.
        allowed: How many of them may be wrong in the end.
        risk: How often a plan may let a set pass that has more wrong ones.
        overlooked: As `Plan.overlooked`.
        is_corrected: As `Plan.is_corrected`.
    """
    plan = Plan((), population, allowed, risk, overlooked, is_corrected)
    spends = risk * _ROUNDING * (1 - (1 - _SHARE_OF_LOOK) ** np.arange(1, MOST_LOOKS + 1))
    places = np.arange(MOST_LOOKS)
    # What each look has to find out: the fewest wrong labels that it must not let pass.
    worst = np.minimum([plan.too_many(place) for place in places.tolist()], population)
    # [worst, found]: how probable it is to have found so many and not to have passed; only of the
    # looks that are to come.
    state = np.zeros((MOST_LOOKS, MOST_LOOKS))
    state[:, 0] = 1
    spent = np.zeros(MOST_LOOKS)
    looks, done = list[int](), 0
    for place in places.tolist():
        # Of so many checks the unchecked labels are fewer than what may be wrong.
        last = population - (plan.too_many(place) - 1 - place)
        if last > population:  # so many were found that too many were overlooked
            break
        size, left = population - done, int(worst[place]) - place
        budget = float(spends[place] - spent[0])
        more = min(_checks(size, left, float(state[0, 0]), budget), last - done)
        state = _after(state, more, size, worst[place:] - place)
        done += more
        is_too_far = looks and done > _MOST_TIMES * looks[0]
        if is_too_far or (place > allowed and not is_corrected):
            break
        looks.append(done)
        if done >= population - allowed and is_corrected:
            break
        spent = (spent + state[:, 0])[1:]
        state = state[1:, 1:]
    return replace(plan, looks=tuple(looks))


def plan_at_any_time(population: int, allowed: int, risk: float, overlooked: float) -> Plan:
    """Return when random checks of a set are enough, by what is known of it at any time.

    It takes a tenth more checks than `make_plan`, and what is said between its looks spends none of
    its risk.
    """
    plan = Plan((), population, allowed, risk, overlooked)
    looks = list[int]()
    for found in range(LONGEST_PLAN):
        needed = checks_needed(population, plan.too_many(found), found, risk)
        if needed is None:
            break
        looks.append(needed)
        if needed >= population:
            break
    return replace(plan, looks=tuple(looks))


def keeps_risk(plan: Plan) -> bool:
    """Whether a plan, whoever made it, lets false promises pass no more often than it says.

    More wrong labels than all looks together could let pass wrongly only make a pass rarer.
    """
    bounds = [plan.too_many(found) for found in range(len(plan.looks))]
    worst = np.arange(min(bounds), min(plan.population, max(bounds)) + 1)
    return bool((_false_passes(plan, worst) <= plan.risk).all())


def _false_passes(plan: Plan, wrong: NDArray[np.int64]) -> NDArray[np.float64]:
    bounds = [plan.too_many(found) for found in range(len(plan.looks))]
    is_false = wrong[:, None] >= np.array(bounds)[None, :]
    return (_passes(plan, wrong) * is_false).sum(axis=1)


def _passes(plan: Plan, wrong: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how probable it is to pass at each look, w x looks.

    Args:
        plan: The plan.
        wrong: w numbers of wrong labels.
    """
    state = np.zeros((len(wrong), len(plan.looks) + 1))
    state[:, 0] = 1
    passed, done = np.zeros((len(wrong), len(plan.looks))), 0
    for place, look in enumerate(plan.looks):
        state = _after(state, look - done, plan.population - done, wrong)
        done = look
        passed[:, place] = state[:, place]
        state[:, place] = 0
    return passed


def _checks(size: int, wrong: int, probability: float, budget: float) -> int:
    """Return how many more checks make it improbable enough that none of them is wrong.

    Args:
        size: How many labels are unchecked.
        wrong: How many of them are wrong.
        probability: Of being here.
        budget: What is left of the risk.
    """
    if probability <= budget or wrong <= 0:
        return 0
    if budget <= 0:
        return size
    wanted = math.log(budget / probability)
    most = min(size, math.ceil(wanted / math.log1p(-wrong / size)) if wrong < size else 1)
    drawn = np.arange(most)
    with np.errstate(divide="ignore"):
        none_wrong = np.cumsum(np.log(np.maximum(size - wrong - drawn, 0) / (size - drawn)))
    return int(np.searchsorted(-none_wrong, -wanted)) + 1


def _after(
    state: NDArray[np.float64], more: int, size: int, worst: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return how probable each number found is after `more` checks of `size` unchecked labels.

    Args:
        state: w x f: for each of `worst`, how probable it is to have found f so far.
        more: How many checks.
        size: How many labels are unchecked.
        worst: w: how many are wrong that were not found where f is 0.
    """
    if not more:
        return state.copy()
    found = np.arange(len(state[0]), dtype=np.int64)
    new = found[None, None, :] - found[None, :, None]
    left = worst[:, None, None] - found[None, :, None]
    steps = hypergeometric(new, more, size, left)
    return np.einsum("we,wef->wf", state, steps)
