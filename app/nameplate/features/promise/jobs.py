"""What of a promise takes more than a few milliseconds, as jobs on copies of the project."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from nameplate.domain.errors import UsageError
from nameplate.domain.messages import Message
from nameplate.features.promise.counting import begin_counted, counted_tries
from nameplate.features.promise.rules.applying import PartialPromise
from nameplate.features.promise.rules.beginning import PromiseOffer, PromiseStep, change_to, offer
from nameplate.project.labelling import Circumstances
from nameplate.project.project import Project


@dataclass(frozen=True, slots=True)
class NewPromise:
    """A promise that can begin.

    Attributes:
        step: Which freezes it; its codes are those of `copy`.
        copy: The copy of the project that it was made with.
        note: Why its try is not counted everywhere; None where it is.
    """

    step: PromiseStep
    copy: Project
    note: Message | None


@dataclass(frozen=True, slots=True)
class Offers:
    """What can be promised.

    Attributes:
        offer: At the share that was asked for; an error is why nothing can be promised at it.
        less: At the largest smaller share that is worth its checks, where this one is not; None for
            none.
    """

    offer: PromiseOffer | UsageError
    less: PromiseOffer | None = None


JobResult = Offers | UsageError | NewPromise | PartialPromise
"""What jobs find; an error is why a promise cannot begin."""


def offer_job(
    copy: Project, now: Circumstances, target: float, confidence: float, targets: Sequence[float]
) -> Iterator[JobResult]:
    """Yield what can be promised; where it is not worth its checks, which of `targets` is.

    Where there is nothing to promise, as without names, no smaller share is looked for.
    """
    asked = _offer(copy, now, target, confidence)
    is_about_share = isinstance(asked, PromiseOffer) or asked.message.code == "promise-none-sure"
    if not is_about_share or (isinstance(asked, PromiseOffer) and asked.saves_work):
        yield Offers(asked)
        return
    lower = sorted((one for one in targets if one < target), reverse=True)
    offers = (_offer(copy, now, less, confidence) for less in lower)
    is_found = (one for one in offers if isinstance(one, PromiseOffer) and one.saves_work)
    yield Offers(asked, next(is_found, None))


def _offer(
    copy: Project, now: Circumstances, target: float, confidence: float
) -> PromiseOffer | UsageError:
    try:
        return offer(copy, now, target, confidence, before=counted_tries(copy))
    except UsageError as error:
        return error


def begin_job(
    copy: Project, now: Circumstances, target: float, confidence: float
) -> Iterator[JobResult]:
    """Yield the promise that begins, or why none can."""
    try:
        step, note = begin_counted(copy, now, target, confidence)
    except UsageError as error:
        yield error
    else:
        yield NewPromise(step, copy, note)


def step_in(project: Project, begun: NewPromise) -> PromiseStep:
    """Return the step by which a promise begins, with the codes of the project itself."""
    promise = begun.step.promise
    assert promise is not None  # noqa: S101 - what `begin` returns
    codes, places = np.unique(promise.labels.concepts, return_inverse=True)
    of = [
        project.labels.sets.code_of(begun.copy.labels.sets.members(code)) for code in codes.tolist()
    ]
    labels = replace(promise.labels, concepts=np.array(of, np.int32)[places])
    promise = replace(promise, labels=labels)
    return PromiseStep(change_to(project, promise), begun.step.title, promise)
