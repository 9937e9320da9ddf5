"""Begins a promise about labels: which ones can be promised, and what is frozen with them."""

import hashlib
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from nameplate.domain.changes import Change, GrowFact, SetFact, Several, Title
from nameplate.domain.errors import UsageError
from nameplate.domain.images import ImageState
from nameplate.domain.labels import LASTING, NO_LABEL, DecidedBy
from nameplate.domain.messages import Message
from nameplate.features.promise.facts import CHECKS, PROMISE, TRIES, Tries
from nameplate.features.promise.rules.certificate import percent_of
from nameplate.features.promise.rules.counts import allowed_wrong
from nameplate.features.promise.rules.of_run import offer_of_run, with_run
from nameplate.features.promise.rules.promises import (
    LEAST_SHARE,
    MOST_SHARE,
    NO_TRIES,
    Basis,
    Plan,
    Promise,
    PromisedLabels,
    joined_tries,
    number_of_try,
    promise_in,
    surest,
    tries_in,
)
from nameplate.features.promise.rules.stages import (
    OVERLOOKED,
    make_plan,
    plan_at_any_time,
    risk_of_try,
)
from nameplate.features.promise.rules.state import kept_promise, pictures_digest, sentences_of
from nameplate.project.digests import digest, names_digest, sentences_digest
from nameplate.project.labelling import Circumstances, Rows
from nameplate.project.project import Project
from nameplate.scoring.proposals import proposed

_SEEDS: Final = 2**53

NEARLY_ALL: Final = 0.7
"""Where more of the labels have to be checked, a promise hardly saves work."""
_LEAST, _MOST = percent_of(LEAST_SHARE), percent_of(MOST_SHARE)


@dataclass(frozen=True, slots=True)
class PromiseStep:
    """One step with a promise: a change of labels and promise, and the promise that it leads to."""

    change: Change
    title: Title
    promise: Promise | None = None


@dataclass(frozen=True, slots=True)
class PromiseOffer:
    """Labels that could be promised now.

    Attributes:
        target: The share of them that is to be right.
        labels: Of the images, what they are suggested as and how probable that is.
        undecided: How many images no person decided and have a suggestion, these among them.
        plan: When checks of them are enough.
        seed: Of the order of the checks.
        tries: Which try it would be.
        run_least: As `Promise.run_least`.
        why_not_run: Why a promise about a sample would not hold for its run, where it would not.
        is_of_given: Whether they came with the pictures, so that nothing is suggested.
    """

    target: float
    labels: PromisedLabels
    undecided: int
    plan: Plan
    seed: int
    tries: int
    run_least: float | None = None
    why_not_run: Message | None = None
    is_of_given: bool = False

    @property
    def least_checks(self) -> int:
        """How many checks are enough if none is wrong."""
        return self.plan.looks[0] if self.plan.looks else self.plan.population

    @property
    def saves_work(self) -> bool:
        """Whether far fewer checks than labels may be enough."""
        return self.least_checks <= NEARLY_ALL * len(self.labels)


def given_rows(project: Project) -> Rows:
    """Return the rows of images with a label that came with them, and that nobody decided here."""
    images, decided_by = project.images, project.labels.decided_by
    is_there = ~images.is_removed & (images.states != ImageState.UNREADABLE)
    return np.flatnonzero(is_there & (decided_by == DecidedBy.GIVEN))


def offer(
    project: Project, now: Circumstances, target: float, confidence: float, before: Tries = NO_TRIES
) -> PromiseOffer:
    """Return which labels can be promised: the surest, so many that few errors are expected.

    Labels that came with the pictures come first, and all of them, as nobody knows which are sure;
    unless they are certified, or so few that checks save nothing.

    `before` are tries that count beside those of the project.

    Raises:
        UsageError: Nobody can promise this, or there are no labels to promise it of.
    """
    if not LEAST_SHARE <= target <= MOST_SHARE:
        raise UsageError("promise-out-of-range", least=_LEAST, most=_MOST)
    if not LEAST_SHARE <= confidence <= MOST_SHARE:
        raise UsageError("confidence-out-of-range", least=_LEAST, most=_MOST)
    all_tries = joined_tries(tries_in(project), before)
    of_given = _offer_of_given(project, target, confidence, all_tries)
    if of_given and of_given.saves_work:
        return of_given
    try:
        return _offer_of_suggestions(project, now, target, confidence, all_tries)
    except UsageError:
        if of_given:
            return of_given
        raise


def _offer_of_given(
    project: Project, target: float, confidence: float, all_tries: Tries
) -> PromiseOffer | None:
    """Return what can be promised of labels that came with the pictures; None for nothing."""
    rows, kept = given_rows(project), kept_promise(project)
    ids, codes = project.images.ids[rows], project.labels.concepts[rows]
    is_certified = kept is not None and kept.is_of_given and np.isin(ids, kept.labels.ids).all()
    if not len(rows) or is_certified:
        return None
    labels = PromisedLabels(ids, codes, np.ones(len(ids), np.float32))
    seed = seed_of(project, labels, target, confidence)
    tries, allowed = number_of_try(all_tries, seed), allowed_wrong(target, len(labels))
    plan = plan_at_any_time(len(labels), allowed, risk_of_try(confidence, tries), OVERLOOKED)
    return PromiseOffer(target, labels, len(labels), plan, seed, tries, is_of_given=True)


def _offer_of_suggestions(
    project: Project, now: Circumstances, target: float, confidence: float, all_tries: Tries
) -> PromiseOffer:
    of_run = offer_of_run(project, now, target)
    if isinstance(of_run, tuple):
        labels, labelled, least = of_run
        seed = seed_of(project, labels, target, confidence)
        tries = number_of_try(all_tries, seed)
        alone = plan_of(len(labels), target, confidence, tries) if len(labels) else None
        if tries_in(project).keys() - {seed}:
            of_run = Message("run-promise-begun")
        elif alone and (plan := with_run(alone, target)):
            return PromiseOffer(target, labels, labelled, plan, seed, tries, least)
        else:
            of_run = Message("run-promise-few", {"labels": len(labels)})
    mine = _open_rows(project)
    sets, concepts = project.labels.sets, project.concepts
    codes, probability = proposed(now.suggestions, mine, project.settings, concepts, sets)
    has_label = (codes != NO_LABEL) & ~np.isnan(probability)
    if not has_label.any():
        raise UsageError("promise-nothing-suggested")
    places = surest(np.where(has_label, probability, np.float32(np.nan)), target)
    if not len(places):
        raise UsageError("promise-none-sure", percent=percent_of(target), left=int(has_label.sum()))
    ids = project.images.ids[mine[places]]
    shown = np.clip(probability[places], 0, 1).astype(np.float32)
    labels = PromisedLabels(ids, codes[places], shown)
    seed = seed_of(project, labels, target, confidence)
    tries, count = number_of_try(all_tries, seed), int(has_label.sum())
    plan = plan_of(len(labels), target, confidence, tries)
    return PromiseOffer(target, labels, count, plan, seed, tries, why_not_run=of_run)


def _open_rows(project: Project) -> Rows:
    """Return the rows of images that no person decided.

    Raises:
        UsageError: There are none.
    """
    is_there = ~project.images.is_removed & (project.images.states != ImageState.UNREADABLE)
    decided_by = project.labels.decided_by
    rows = np.flatnonzero(is_there & ~np.isin(decided_by, LASTING))
    if len(rows):
        return rows
    if not is_there.any():
        raise UsageError("promise-no-images")
    raise UsageError("promise-all-decided", count=int(is_there.sum()))


def begin(
    project: Project,
    now: Circumstances,
    target: float,
    confidence: float = 0.95,
    *,
    before: Tries = NO_TRIES,
) -> PromiseStep:
    """Return the step that freezes what `offer` gives, and with it the order of its checks.

    It is a try from now on: who has seen a page and begins another would else begin until the page
    is a good one.

    Raises:
        UsageError: As in `offer`.
    """
    offered = offer(project, now, target, confidence, before)
    classifier = now.suggestions.classifier
    made_from = repr(classifier.made_from) if classifier else ""
    decider = classifier.decider if classifier else DecidedBy.AUTO
    basis = Basis(
        now.model, decider, digest(made_from), names_digest(project), sentences_digest(project)
    )
    if offered.is_of_given:
        sentences = sentences_of(project, DecidedBy.GIVEN)
        basis = replace(
            basis, model="", decider=DecidedBy.GIVEN, classifier="", sentences=sentences
        )
    promise = Promise(
        target,
        confidence,
        offered.seed,
        offered.labels,
        basis,
        offered.plan,
        now.at,
        offered.tries,
        len(offered.labels),
        pictures=pictures_digest(project, offered.labels.ids),
        run_least=offered.run_least,
    )
    title = Title("begin-promise", {"count": len(offered.labels)})
    return PromiseStep(change_to(project, promise), title, promise)


def end(project: Project) -> PromiseStep:
    """Return the step that gives a promise up.

    One with checks is kept as ended, so that its certificate or its failure is not forgotten.
    """
    promise = promise_in(project)
    is_kept = promise is not None and (promise.checks or promise.applied_at)
    ended = replace(promise, is_ended=True) if promise and is_kept else None
    return PromiseStep(change_to(project, ended), Title("end-promise"), ended)


def change_to(project: Project, promise: Promise | None) -> Several:
    """Return the change to another promise, or another state of one; it counts among the tries."""
    new = {promise.seed: promise.tries} if promise else NO_TRIES
    return Several(
        (
            GrowFact(TRIES, joined_tries(tries_in(project), new)),
            SetFact(PROMISE, promise),
            SetFact(CHECKS, promise.checks if promise else ()),
        )
    )


def seed_of(project: Project, labels: PromisedLabels, target: float, confidence: float) -> int:
    """Return the seed of a promise about some labels, in [1, 2**53).

    The same promise has the same one whenever it is begun, in a copy of the project, too; for any
    other it is another, as good as drawn: it follows from the identity of the project, a random
    number, and so nobody can have chosen the labels for it.
    """
    codes, places = np.unique(labels.concepts, return_inverse=True)
    members = [repr(sorted(project.labels.sets.members(code))) for code in codes.tolist()]
    order = np.argsort(members)  # the codes are those of one session
    ranks = np.empty(len(order), "<i4")
    ranks[order] = np.arange(len(order))
    text = repr((project.identity, target, confidence, sorted(members)))
    hashed = hashlib.blake2b(text.encode(), digest_size=8)
    hashed.update(labels.ids.astype("<i8").tobytes())
    hashed.update(ranks[places].tobytes())
    return int.from_bytes(hashed.digest()) % (_SEEDS - 1) + 1


def plan_of(size: int, target: float, confidence: float, tries: int) -> Plan:
    """Return when checks of a set are enough, for the try of this number."""
    allowed, risk = allowed_wrong(target, size), risk_of_try(confidence, tries)
    return make_plan(size, allowed, risk, overlooked=OVERLOOKED)
