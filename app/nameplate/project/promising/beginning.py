"""Begins a promise about labels: which ones can be promised, and what is frozen with them."""

import secrets
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from nameplate.domain.changes import Change, SetPromise, Title
from nameplate.domain.errors import UsageError
from nameplate.domain.images import ImageState
from nameplate.domain.label_sets import NO_LABEL
from nameplate.domain.labels import DecidedBy
from nameplate.domain.messages import Message
from nameplate.domain.promises import (
    LEAST_SHARE,
    MOST_SHARE,
    Basis,
    Plan,
    Promise,
    PromisedLabels,
)
from nameplate.project.labelling import Circumstances, Rows
from nameplate.project.project import Project
from nameplate.project.promising.basis import digest, names_digest, sentences_digest
from nameplate.project.promising.of_run import RunOffer, offer_of_run
from nameplate.scoring.promise.certificate import percent_of
from nameplate.scoring.promise.counts import allowed_wrong
from nameplate.scoring.promise.of_run import with_run
from nameplate.scoring.promise.offers import offer_of
from nameplate.scoring.promise.stages import make_plan, risk_of_try
from nameplate.scoring.proposals import proposed

_LARGEST_SEED: Final = 2**53


_LEAST, _MOST = percent_of(LEAST_SHARE), percent_of(MOST_SHARE)


@dataclass(frozen=True, slots=True)
class PromiseStep:
    """What one step with a promise does.

    Attributes:
        change: To labels and promise, to be undone at once.
        title: Of the step.
    """

    change: Change
    title: Title


@dataclass(frozen=True, slots=True)
class PromiseOffer:
    """Labels that could be promised now.

    Attributes:
        target: The share of them that is to be right.
        labels: Of the images, what they are suggested as and how probable that is.
        expected: How many of them are expected to be wrong, by the model.
        undecided: How many images no person decided and have a suggestion, these among them.
        plan: When checks of them are enough.
        run_least: As `Promise.run_least`.
        why_not_run: Why a promise about a sample would not hold for its run, where it would not.
    """

    target: float
    labels: PromisedLabels
    expected: float
    undecided: int
    plan: Plan
    run_least: float | None = None
    why_not_run: Message | None = None


def offer(
    project: Project,
    now: Circumstances,
    target: float,
    confidence: float,
    rows: Rows | None = None,
) -> PromiseOffer:
    """Return which labels can be promised: the surest, so many that few errors are expected.

    Args:
        project: The project.
        now: What is suggested.
        target: The share that is to be right.
        confidence: How surely.
        rows: Among which images; None for all.

    Raises:
        UsageError: Nobody can promise this, or there are no labels to promise it of.
    """
    if not LEAST_SHARE <= target <= MOST_SHARE:
        raise UsageError("promise-out-of-range", least=_LEAST, most=_MOST)
    if not LEAST_SHARE <= confidence <= MOST_SHARE:
        raise UsageError("confidence-out-of-range", least=_LEAST, most=_MOST)
    of_run = offer_of_run(project, now, target) if rows is None else None
    if isinstance(of_run, RunOffer):
        labels, expected, labelled = of_run.labels, of_run.expected, of_run.labelled
        alone = plan_of(len(labels), target, confidence, 1) if len(labels) else None
        if alone and (plan := with_run(alone, target)):
            return PromiseOffer(target, labels, expected, labelled, plan, of_run.least)
        of_run = Message("run-promise-few", {"labels": len(labels)})
    chosen = np.arange(len(project.images)) if rows is None else np.unique(rows)
    can_be_read = project.images.states[chosen] != ImageState.UNREADABLE
    is_there = ~project.images.is_removed[chosen] & can_be_read
    is_open = is_there & (project.labels.decided_by[chosen] != DecidedBy.PERSON)
    if not is_open.any():
        raise UsageError("promise-all-decided" if is_there.any() else "promise-no-images")
    mine = chosen[is_open]
    sets, concepts = project.labels.sets, project.concepts
    codes, probability = proposed(now.suggestions, mine, project.settings, concepts, sets)
    has_label = (codes != NO_LABEL) & ~np.isnan(probability)
    if not has_label.any():
        raise UsageError("promise-nothing-suggested")
    found = offer_of(np.where(has_label, probability, np.float32(np.nan)), target)
    if not len(found.places):
        raise UsageError("promise-none-sure", percent=percent_of(target))
    ids = project.images.ids[mine[found.places]]
    shown = np.clip(probability[found.places], 0, 1).astype(np.float32)
    labels = PromisedLabels(ids, codes[found.places], shown)
    plan = plan_of(len(labels), target, confidence, _tries(project))
    count = int(has_label.sum())
    return PromiseOffer(target, labels, found.expected, count, plan, why_not_run=of_run)


def begin(
    project: Project,
    now: Circumstances,
    target: float,
    confidence: float = 0.95,
    *,
    rows: Rows | None = None,
    seed: int | None = None,
) -> PromiseStep:
    """Return the step that freezes what is offered, and with it the order of its checks.

    Args:
        project: The project.
        now: When, what is suggested, and by which model.
        target: As in `offer`.
        confidence: As in `offer`.
        rows: As in `offer`.
        seed: In [0, 2**53): decides what is checked; by default drawn now, when the labels are
            chosen, so that nobody can have chosen them for it.

    Raises:
        UsageError: As in `offer`.
    """
    offered = offer(project, now, target, confidence, rows)
    classifier = now.suggestions.classifier
    made_from = repr(classifier.made_from) if classifier else ""
    decider = classifier.decider if classifier else DecidedBy.AUTO
    basis = Basis(
        now.model, decider, digest(made_from), names_digest(project), sentences_digest(project)
    )
    drawn = secrets.randbelow(_LARGEST_SEED) if seed is None else seed
    promise = Promise(
        target,
        confidence,
        drawn,
        offered.labels,
        basis,
        offered.plan,
        now.at,
        _tries(project),
        project.checked_promises + 1,
        len(offered.labels),
        run_least=offered.run_least,
    )
    title = Title("begin-promise", {"count": len(offered.labels)})
    return PromiseStep(SetPromise(promise), title)


def end(project: Project) -> PromiseStep:
    """Return the step that gives a promise up.

    One with checks is kept as ended, so that its certificate or its failure is not forgotten.
    """
    promise = project.promise
    is_kept = promise is not None and (promise.checks or promise.given_at)
    ended = replace(promise, is_ended=True) if promise and is_kept else None
    return PromiseStep(SetPromise(ended), Title("end-promise"))


def _tries(project: Project) -> int:
    """Return which try a promise would be that begins now: it counts anew after one was given.

    All counts that was checked, though it was undone.
    """
    before = project.promise
    if before is None:
        return project.checked_promises + 1
    first = before.number if before.given_at else before.number - before.tries
    return max(1, project.checked_promises + 1 - first)


def plan_of(size: int, target: float, confidence: float, tries: int) -> Plan:
    """Return when checks of a set are enough, for the try of this number."""
    return make_plan(size, allowed_wrong(target, size), risk_of_try(confidence, tries))
