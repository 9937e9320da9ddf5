"""Applies promised labels once the checks are enough, or finds the part of them that can be."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from nameplate.domain.changes import SetLabels, Several, Title
from nameplate.domain.errors import UsageError
from nameplate.domain.labels import LASTING, ReviewState, labels_of
from nameplate.features.promise.rules.beginning import PromiseStep, change_to
from nameplate.features.promise.rules.counts import allowed_wrong
from nameplate.features.promise.rules.promises import Outcome, Plan, Promise, promise_in
from nameplate.features.promise.rules.stages import make_plan, risk_of_try
from nameplate.features.promise.rules.state import PromiseStage, pictures_digest, state_of
from nameplate.project.labelling import Circumstances
from nameplate.project.project import Project

_PARTS: Final = 40
"""In so many steps a set is made smaller."""


def apply_labels(project: Project, now: Circumstances) -> PromiseStep:
    """Return the step that applies the promised labels to the images that were not checked.

    Raises:
        UsageError: The checks are not enough, or something has changed since.
    """
    promise, state = promise_in(project), state_of(project)
    if promise is None or state is None or state.stage is not PromiseStage.PASSED:
        raise UsageError("promise-not-passed")
    rows = project.images.rows_of(promise.labels.ids)
    left = promise.labels.only(~np.isin(project.labels.decided_by[rows], LASTING))
    labels = labels_of(
        left.concepts,
        promise.basis.decider,
        ReviewState.SUGGESTED,
        decided_at=now.at,
        probability=left.probability,
        model=project.labels.model_index(promise.basis.model),
    )
    change = Several(
        (SetLabels(left.ids, labels), change_to(project, applied(project, promise, now)))
    )
    return PromiseStep(change, Title("give-promised", {"count": len(promise.labels)}))


def applied(project: Project, promise: Promise, now: Circumstances) -> Promise:
    """Return a promise whose checks were enough as one whose labels are applied."""
    rows = project.images.rows_of(promise.labels.ids)
    last = int(project.labels.all["decided_at"][rows].max())
    return replace(promise, applied_at=max(now.at, promise.begun_at, last))  # clocks may go back


@dataclass(frozen=True, slots=True)
class PartialPromise:
    """What is left of a promise that failed, if the less sure labels are given up.

    Attributes:
        step: To the promise about the rest, which has passed; None where no rest is right enough.
        labels: How many labels that is about.
        missing: About how many more checks it takes at least, if they find nothing wrong; None
            where no number helps.
    """

    step: PromiseStep | None
    labels: int
    missing: int | None


def make_smaller(project: Project) -> PartialPromise:
    """Return the promise about the surest labels whose checks bound the number of wrong ones.

    Half of the wrong labels that were allowed in the whole set are allowed in the part, as they
    were before corrections. Parts are tried from the smallest up, until one does not pass: since
    the number of wrong labels only rises with the part, one plan's risk covers all of them, which
    is that of one more try.

    Of labels that came with the pictures none is surer than another.

    Raises:
        UsageError: There is no promise, or it is not being checked.
    """
    promise, state = promise_in(project), state_of(project)
    is_open = state is not None and state.stage in (PromiseStage.OPEN, PromiseStage.FAILED)
    if promise is None or not is_open:
        raise UsageError("promise-not-checked")
    if promise.is_of_given:
        return PartialPromise(None, 0, None)
    size, allowed = len(promise.labels), promise.plan.allowed // 2
    risk, overlooked = risk_of_try(promise.confidence, promise.tries + 1), promise.plan.overlooked
    surest = np.argsort(-promise.labels.probability, kind="stable")
    found = {check.image: check.outcome != Outcome.RIGHT for check in promise.checks}
    is_checked = promise.is_checked
    outcomes = [found.get(image, False) for image in promise.labels.ids.tolist()]
    is_wrong = np.array(outcomes, np.bool_)
    checked = np.cumsum(is_checked[surest])
    wrong = np.cumsum(is_wrong[surest])
    best: tuple[int, Plan] | None = None
    for count in sorted({size * part // _PARTS for part in range(1, _PARTS + 1)} - {0}):
        if count <= allowed:
            continue
        plan = make_plan(count, allowed, risk, overlooked=overlooked, is_corrected=False)
        needed = plan.needed(int(wrong[count - 1]))
        is_enough = allowed_wrong(promise.target, count) >= allowed
        if needed is None or checked[count - 1] < needed:
            if best is None:
                missing = None if needed is None else needed - int(checked[count - 1])
                return PartialPromise(None, 0, missing and -(-missing * size // count))
            break
        best = (count, plan) if is_enough else best
    if best is None:
        return PartialPromise(None, 0, None)
    count, plan = best
    labels = promise.labels.only(np.sort(surest[:count]))
    kept = set(labels.ids.tolist())
    checks = tuple(check for check in promise.checks if check.image in kept)
    pictures = pictures_digest(project, labels.ids)
    smaller = replace(promise, labels=labels, plan=plan, checks=checks, pictures=pictures)
    title = Title("make-promise-smaller", {"count": count})
    return PartialPromise(PromiseStep(change_to(project, smaller), title, smaller), count, 0)
