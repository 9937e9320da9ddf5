"""What the panel of a promise shows at each of its steps, and what its buttons are for."""

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Final

from nameplate.domain.errors import UsageError
from nameplate.domain.text import deferred
from nameplate.features.promise.jobs import JobResult, Offers
from nameplate.features.promise.offer_words import (
    less_text,
    offer_text,
    refusal_text,
    run_offer_text,
)
from nameplate.features.promise.rules.applying import PartialPromise
from nameplate.features.promise.rules.promises import Promise
from nameplate.features.promise.rules.state import PromiseStage, PromiseState
from nameplate.features.promise.words import (
    CHOOSE_MODEL,
    anchoring_text,
    apply_text,
    certificate_parts,
    failed_text,
    is_undone_by_model,
    next_step_of,
    run_text,
    share_text,
    smaller_text,
)
from nameplate.wording.texts import sentences, tr, trn


class Next(StrEnum):
    """What a button is for."""

    BEGIN = "begin"
    GO_ON = "go on"
    APPLY = "apply"
    SMALLER = "smaller"
    BACK = "back"
    GIVE_UP = "give up"
    ANEW = "anew"
    LESS = "less"
    MODELS = "models"
    KEEP = "keep"
    COPY = "copy"
    COMMAND = "command"
    PAGES = "pages"
    EXPORT = "export"


Button = tuple[Next, str]


@dataclass(frozen=True, slots=True)
class PanelText:
    """What the panel says and offers.

    Attributes:
        title: What there is to know.
        text: More of it, and what to do next.
        note: What else was found.
        certificate: What is promised, a paragraph a line.
        method: How to verify that, likewise.
        main: What comes next, and the text of its button; None for nothing.
        is_ready: Whether that can be done now.
        others: What else can be done, likewise.
        done: How many checks were made, and how many it takes; None where none are made.
        has_choice: Whether a person chooses what to promise.
    """

    title: str
    text: str = ""
    note: str = ""
    certificate: str = ""
    method: str = ""
    main: Button | None = None
    is_ready: bool = True
    others: tuple[Button, ...] = ()
    done: tuple[int, int] | None = None
    has_choice: bool = False


def _button(what: Next, text: str) -> Button:
    return what, tr(text)


_GO_ON: Final = partial(_button, Next.GO_ON, deferred("Continue checking"))
BEGIN: Final = partial(_button, Next.BEGIN, deferred("Start checking"))
_ANYWAY: Final = partial(_button, Next.BEGIN, deferred("Certify anyway"))
_PAGE_BEFORE: Final = partial(_button, Next.BACK, deferred("Undo the last page"))
_DECIDE_FIRST: Final = partial(_button, Next.PAGES, deferred("Check pages"))
_NAME_FIRST: Final = partial(_button, Next.PAGES, deferred("Name pictures"))
_GIVE_UP: Final = partial(_button, Next.GIVE_UP, deferred("Stop certifying"))
_DISCARD: Final = partial(_button, Next.GIVE_UP, deferred("Discard result"))
_MODELS: Final = partial(_button, Next.MODELS, CHOOSE_MODEL)
_ANEW: Final = partial(_button, Next.ANEW, deferred("New certificate…"))
_BEGIN_ANEW: Final = partial(_button, Next.ANEW, deferred("Start again…"))
_EXPORT: Final = partial(_button, Next.EXPORT, deferred("Export…"))
_FIRST: Final = {"promise-all-decided": _EXPORT, "promise-nothing-suggested": _NAME_FIRST}


def choice_text(
    before: Promise | None,
    state: PromiseState | None,
    found: JobResult | None,
    confidence: float,
) -> PanelText:
    """Return what is shown while a person chooses what to promise.

    `found` is what can be promised with this `confidence`, or why nothing can; None while it is
    worked out.
    """
    title, text, main = tr("Finding what can be certified…"), "", BEGIN()
    note, others = "", tuple[Button, ...]()
    if isinstance(found, UsageError):
        (title, text), main = refusal_text(found, confidence), _DECIDE_FIRST()
    elif isinstance(found, Offers):
        title, text, main, others = _offered_text(found, confidence)
    if before is not None and state is not None:
        note = next_step_of(before, state)[0]
        if state.stage is not PromiseStage.ENDED:
            note = sentences(note, tr("A new one takes its place."))
            others = (*others, (Next.KEEP, tr("Keep the last one")))
        note = sentences(note, tr("Each new try takes more checks, so none passes by luck."))
    is_ready, has_choice = found is not None, main[0] is not Next.EXPORT
    return PanelText(
        title, text, note, main=main, is_ready=is_ready, others=others, has_choice=has_choice
    )


def _offered_text(found: Offers, confidence: float) -> tuple[str, str, Button, tuple[Button, ...]]:
    """Return title, text, the main button and the others for what can be promised."""
    offer, less = found.offer, found.less
    more = less_text(less) if less else ""
    share = share_text(less.target) if less else ""
    instead = ((Next.LESS, tr("Certify {share} instead", share=share)),) if less else ()
    if isinstance(offer, UsageError):
        title, text = refusal_text(offer, confidence)
        if first := _FIRST.get(offer.message.code):
            return title, text, first(), ()
        return title, sentences(text, more), _DECIDE_FIRST(), instead
    title, text = offer_text(offer, confidence)
    if not offer.saves_work:
        return title, sentences(text, more), _DECIDE_FIRST(), (*instead, _ANYWAY())
    others = (_DECIDE_FIRST(),) if len(offer.labels) < offer.undecided else ()
    return title, sentences(text, run_offer_text(offer)), BEGIN(), others


def stage_text(
    promise: Promise,
    state: PromiseState,
    found: JobResult | None,
    *,
    has_page_before: bool,
    without_label: int = 0,
    run: tuple[float | None] | None = None,
) -> PanelText:
    """Return what is shown of a promise that was begun.

    Args:
        promise: The promise.
        state: Its state.
        found: Where it failed, which part of it can be kept; None while that is worked out.
        has_page_before: Whether the last page of checks can be taken back.
        without_label: How many pictures that can be read have no label yet.
        run: Where the pictures are a sample of a run, from which probability on the promise is
            about it, too; None for no sample.
    """
    title, text = next_step_of(promise, state)
    note = anchoring_text(state.anchoring)
    back = (_PAGE_BEFORE(),) if has_page_before else ()
    match state.stage:
        case PromiseStage.OPEN:
            done = (state.checks, state.checks + (state.at_least or 0))
            return PanelText(title, text, note, main=_GO_ON(), others=(_GIVE_UP(),), done=done)
        case PromiseStage.PASSED:
            give = Next.APPLY, apply_text(promise)
            return PanelText(title, text, note, main=give, others=(*back, _DISCARD()))
        case PromiseStage.FAILED:
            shown = PanelText(title, failed_text(state), note, others=(*back, _GIVE_UP()))
            return _failed(promise, state, shown, found)
        case PromiseStage.APPLIED:
            others = ((Next.COPY, tr("Copy certificate")), _ANEW())
            if run is not None:
                text = sentences(text, run_text(*run))
                others = ((Next.COMMAND, tr("Copy the run's command")), *others)
            if without_label:
                left = trn(
                    "{count:,} picture has no label and no part in the certificate: "
                    "check them first, or export without them.",
                    "{count:,} pictures have no label and no part in the certificate: "
                    "check them first, or export without them.",
                    without_label,
                )
                text = sentences(text, left)
                others = (*others, (Next.PAGES, tr("Check the others")))
            words = certificate_parts(promise)
            return PanelText(title, text, note, *words, _EXPORT(), others=others)
        case PromiseStage.VOID | PromiseStage.ENDED:
            stop = (Next.GIVE_UP, tr("Discard certificate")) if promise.applied_at else _GIVE_UP()
            others = (_MODELS(), stop) if is_undone_by_model(state) else (stop,)
            return PanelText(title, text, note, main=_BEGIN_ANEW(), others=others)


def _failed(
    promise: Promise, state: PromiseState, shown: PanelText, found: JobResult | None
) -> PanelText:
    if not isinstance(found, PartialPromise):
        return PanelText(shown.title, sentences(shown.text, tr("Looking for a part that passes…")))
    main = _BEGIN_ANEW()
    if found.step is not None:
        main = (
            Next.SMALLER,
            trn("Certify {count:,} label", "Certify {count:,} labels", found.labels),
        )
    elif found.missing:
        main = _GO_ON()
    others = shown.others if main[0] is Next.GO_ON else (_GO_ON(), *shown.others)
    text = sentences(shown.text, smaller_text(promise, state, found))
    return replace(shown, text=text, main=main, others=others)
