"""How far a promise is, and whether it still holds."""

import hashlib
from dataclasses import dataclass
from enum import Enum

import numpy as np

from nameplate.domain.changes import Ids
from nameplate.domain.labels import LASTING, DecidedBy
from nameplate.domain.messages import Message
from nameplate.features.promise.rules.counts import allowed_wrong
from nameplate.features.promise.rules.promises import (
    Anchoring,
    Outcome,
    Promise,
    anchoring_of,
    promise_in,
    tries_in,
)
from nameplate.features.promise.rules.stages import keeps_risk, risk_of_promise
from nameplate.project.digests import digest, names_digest, sentences_digest
from nameplate.project.labelling import Rows
from nameplate.project.project import Project
from nameplate.scoring.random_order import first_in_order


class PromiseStage(Enum):
    """How far a promise is."""

    OPEN = "open"
    """More checks are needed."""
    PASSED = "passed"
    """The checks are enough: the labels may be applied."""
    FAILED = "failed"
    """Too many are wrong: a smaller set, a better model, or a check of nearly everything."""
    VOID = "void"
    """Something that it is about has changed; undoing that makes it whole again."""
    APPLIED = "given"
    """The labels are applied, and the certificate holds."""
    ENDED = "ended"
    """It was given up."""


@dataclass(frozen=True, slots=True)
class PromiseState:
    """What there is to know of a promise now.

    Attributes:
        stage: How far it is.
        checks: How many were made.
        wrong: How many of them found a wrong label.
        at_least: How many more it takes if no more wrong ones are found; None where no number of
            checks is enough.
        anchoring: What checks with and without the label shown found.
        why: Why it is void; None if it is not.
    """

    stage: PromiseStage
    checks: int
    wrong: int
    at_least: int | None
    anchoring: Anchoring
    why: Message | None = None


def state_of(project: Project, model: str = "") -> PromiseState | None:
    """Return the state of the promise; None where there is none.

    `model` is the `ID@FINGERPRINT` of the model in use; empty while there is none.
    """
    promise = promise_in(project)
    if promise is None:
        return None
    why = why_void(project, promise, model)
    checks, wrong, plan = len(promise.checks), promise.wrong, promise.plan
    needed = plan.needed(wrong)
    if promise.is_ended:
        stage = PromiseStage.ENDED
    elif why is not None:
        stage = PromiseStage.VOID
    elif promise.applied_at:
        stage = PromiseStage.APPLIED
    elif needed is not None and checks >= needed:
        stage = PromiseStage.PASSED
    else:
        stage = PromiseStage.FAILED if plan.is_hopeless(wrong) else PromiseStage.OPEN
    at_least = None if needed is None else max(0, needed - checks)
    return PromiseState(stage, checks, wrong, at_least, anchoring_of(promise), why)


def kept_promise(project: Project) -> Promise | None:
    """Return the promise whose labels were applied and are as they were then; None for none.

    One that a file only claims, without the checks that it takes, is none.
    """
    promise = promise_in(project)
    is_applied = promise is not None and promise.applied_at > 0 and not promise.is_ended
    return promise if is_applied and why_broken(project) is None else None


def why_broken(project: Project) -> Message | None:
    """Return why a promise whose labels were applied does not hold; None for no such promise."""
    promise = promise_in(project)
    if promise is None or not promise.applied_at or promise.is_ended:
        return None
    return why_void(project, promise) or problem_of(project)


def checked_rows(project: Project) -> Rows:
    """Return the rows whose labels were checked for a promise that stands or may still be kept.

    What certifies a classifier must not change it: nothing is learned from these. Once the promise
    failed or was given up, or is of labels that came with the pictures, they certify nothing that
    learns; and no later promise is about images that a person
    decided, so that none of its checks was learned from before.
    """
    promise = promise_in(project)
    if promise is None or promise.is_over or promise.is_of_given:
        return np.empty(0, np.int64)
    return project.images.rows_of(promise.checked_ids)


def why_void(project: Project, promise: Promise, model: str = "") -> Message | None:
    """Return what of a promise's labels, names or model has changed; None for nothing.

    While it is checked, other automatic labels change nothing: its labels are frozen, and replace
    them in the end. What a person decides, or what comes with a picture, does. Once its labels are
    applied, any other label does.
    """
    return (
        _changed_basis(project, promise, model)
        or _changed_labels(project, promise)
        or _changed_pictures(project, promise)
    )


def _changed_basis(project: Project, promise: Promise, model: str) -> Message | None:
    basis, is_computed = promise.basis, not (promise.applied_at or promise.is_of_given)
    if basis.names != names_digest(project):
        return Message("promise-void-names")
    if is_computed and model and model != basis.model:
        return Message("promise-void-model", {"before": basis.model})
    if not promise.applied_at and basis.sentences != sentences_of(project, basis.decider):
        return Message("promise-void-sentences")
    return None


def _changed_labels(project: Project, promise: Promise) -> Message | None:
    labels, is_checked, is_applied = promise.labels, promise.is_checked, promise.applied_at > 0
    rows = project.images.rows_of(labels.ids)
    is_same = project.labels.concepts[rows] == labels.concepts
    is_by_person = project.labels.decided_by[rows] == DecidedBy.PERSON
    right = [c.image for c in promise.checks if c.outcome == Outcome.RIGHT]
    was_right = np.isin(labels.ids, np.array(right, np.int64))
    if gone := int(project.images.is_removed[rows].sum()):
        return Message("promise-void-removed", {"count": gone})
    is_other = is_checked & (~is_by_person | (is_same != was_right))
    if others := int(is_other.sum()):
        return Message("promise-void-check", {"count": others})
    is_lasting = np.isin(project.labels.decided_by[rows], LASTING)
    is_other = ~is_checked & ~is_same & (is_lasting | is_applied | promise.is_of_given)
    if others := int(is_other.sum()):
        return Message("promise-void-label", {"count": others})
    return None


def _changed_pictures(project: Project, promise: Promise) -> Message | None:
    ids, images = promise.labels.ids, project.images
    is_other = promise.pictures and promise.pictures != pictures_digest(project, ids)
    changed = images.ids[sorted(images.changed)]
    return Message("promise-void-pictures") if is_other or np.isin(changed, ids).any() else None


def sentences_of(project: Project, decider: DecidedBy) -> str:
    """Return the digest of what labels follow from beside model and names; see `Basis`."""
    if decider is DecidedBy.GIVEN:
        return digest(repr(project.settings.is_multi))
    return sentences_digest(project)


def pictures_digest(project: Project, ids: Ids) -> str:
    """Return a digest of what the files of images hold; empty where it is not known of all."""
    contents = project.images.contents[project.images.rows_of(ids)]
    if (contents["size"] < 0).any():
        return ""
    hashed = hashlib.blake2b(np.ascontiguousarray(ids).astype("<i8").tobytes(), digest_size=16)
    hashed.update(np.ascontiguousarray(contents).tobytes())
    return hashed.hexdigest()


def problem_of(project: Project) -> Message | None:
    """Return what does not fit together in a promise that was read from a file; None for nothing.

    The plan must keep the risk that is promised, and the checks must be the first of its order.
    """
    promise = promise_in(project)
    if promise is None:
        return None
    if not _is_plan_honest(promise):
        return Message("promise-other-plan")
    if promise.tries < tries_in(project).get(promise.seed, 1):
        return Message("promise-other-try")
    checked = promise.checked_ids
    first = first_in_order(promise.labels.ids, promise.seed, len(checked))
    if not np.array_equal(np.sort(promise.labels.ids[first]), np.sort(checked)):
        return Message("promise-other-checks")
    return _problem_of_applying(promise)


def _is_plan_honest(promise: Promise) -> bool:
    size, plan = len(promise.labels), promise.plan
    allowed = allowed_wrong(promise.target, promise.population)
    if promise.is_part:
        allowed = min(allowed // 2, allowed_wrong(promise.target, size))
    is_honest = plan.allowed <= allowed and plan.risk <= risk_of_promise(promise)
    is_honest &= plan.population == size and plan.is_corrected != promise.is_part
    return is_honest and keeps_risk(plan)


def _problem_of_applying(promise: Promise) -> Message | None:
    if not promise.applied_at:
        return None
    if promise.applied_at < promise.begun_at:
        return Message("promise-given-early")
    needed = promise.plan.needed(promise.wrong)
    is_enough = needed is not None and len(promise.checks) >= needed
    return None if is_enough else Message("promise-not-passed")
