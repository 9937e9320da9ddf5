"""What checks of a random sample say about the run that it was drawn from."""

from dataclasses import replace
from typing import Final

from nameplate.domain.promises import Plan, Promise
from nameplate.scoring.promise.counts import allowed_wrong
from nameplate.scoring.promise.stages import make_plan

_LABELS: Final = 1_000_000
"""Of a run: for more of them a plan does not differ, and for fewer it asks for too many checks."""


def with_run(plan: Plan, target: float) -> Plan | None:
    """Return a plan by which a promise about a sample holds for its run, too; None for none.

    It looks where both plans are content, the one for the sample and the one for the run, and lets
    false promises of each pass no more often than the risk.

    Args:
        plan: For the labels of the sample alone.
        target: The share that is to be right.
    """
    pairs = zip(plan.looks, _of_run(target, plan).looks, strict=False)
    looks = tuple(look for look in map(max, pairs) if look < plan.population - plan.allowed)
    return replace(plan, looks=looks) if looks else None


def holds_for_run(promise: Promise) -> bool:
    """Whether the checks of a promise are enough for its run, too, whoever made its plan.

    Where nearly all labels of the sample were checked one by one they are right, and the run is as
    it was; and a part of them that was chosen after the checks is no random sample.
    """
    plan, wrong = promise.plan, promise.wrong
    is_whole = promise.population == len(promise.labels)
    if promise.run_least is None or not is_whole or wrong >= len(plan.looks):
        return False
    of_run = _of_run(promise.target, plan).looks
    is_strict = len(plan.looks) <= len(of_run) and all(
        mine >= least for mine, least in zip(plan.looks, of_run, strict=False)
    )
    return is_strict and len(promise.checks) >= plan.looks[wrong]


def _of_run(target: float, plan: Plan) -> Plan:
    """Return the plan for a run, whose labels nobody corrects, with the risk of `plan`."""
    allowed, overlooked = allowed_wrong(target, _LABELS), plan.overlooked
    return make_plan(_LABELS, allowed, plan.risk, overlooked=overlooked, is_corrected=False)
