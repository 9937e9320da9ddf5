"""What is said of a promise (to certify, in the window), for people who know no statistics."""

from collections.abc import Callable, Sequence
from typing import Final

from nameplate.domain.errors import UsageError
from nameplate.domain.messages import Message
from nameplate.features.promise.rules.beginning import PromiseOffer, percent_of, plan_of
from nameplate.features.promise.rules.certificate import certificate_of
from nameplate.features.promise.rules.giving import PartialPromise
from nameplate.features.promise.rules.promises import Anchoring, Promise
from nameplate.features.promise.rules.state import PromiseStage, PromiseState
from nameplate.wording.numbers import counted
from nameplate.wording.texts import remedy_of, text_of, what_of

_NEARLY_ALL: Final = 0.7
"""Where more of them have to be checked, a promise hardly saves work."""

CHOOSE_MODEL: Final = "Choose the model…"
NO_PROMISE: Final = "Nothing is certified yet."
PAGES_HELP: Final = "Check pages first: learning can make more of them sure."
WHAT_IT_IS: Final = (
    "You check some pictures, drawn at random, and correct the wrong ones. If enough are right, "
    "you get a certificate for all the labels, to hand on with them."
)
WHAT_FREEZES: Final = (
    "Pause whenever you like. Changing a name, the model or another label stops certifying."
)


def certainty_text(confidence: float) -> str:
    """Return what it means to be so sure.

    >>> certainty_text(0.95)
    '95% certainty: of 100 projects with too many wrong labels, at least 95 fail the checks.'
    """
    sure = share_text(confidence)
    fail = f"at least {100 * confidence:g} fail the checks"
    return f"{sure} certainty: of 100 projects with too many wrong labels, {fail}."


def share_text(share: float) -> str:
    """Return a share in percent.

    >>> share_text(0.98), share_text(0.995)
    ('98%', '99.5%')
    """
    return f"{percent_of(share):g}%"


def claim_text(promise: Promise) -> str:
    """Return what is promised, in short."""
    return f"{counted(promise.labelled, 'label')}, at least {share_text(promise.target)} right"


def wrong_text(wrong: int) -> str:
    """Return how many wrong ones were found."""
    return f"{wrong:,} wrong" if wrong else "none wrong so far"


def checked_text(promise: Promise) -> str:
    """Return how many were checked, and what became of the wrong ones."""
    corrected, nameless = promise.wrong - promise.nameless, promise.nameless
    parts = ((corrected, "corrected"), (nameless, "without a name"))
    found = ", ".join(f"{count:,} {what}" for count, what in parts if count)
    return f"{len(promise.checks):,} checked, {found or 'none wrong'}."


def progress_text(state: PromiseState) -> str:
    """Return how far the checks are."""
    found = wrong_text(state.wrong)
    if state.at_least is None:
        return f"{counted(state.checks, 'check')}, {found}"
    total = state.checks + state.at_least
    return f"{state.checks:,} of at least {counted(total, 'check')}, {found}"


def _least_checks(offer: PromiseOffer) -> int:
    return offer.plan.looks[0] if offer.plan.looks else offer.plan.population


def saves_work(offer: PromiseOffer) -> bool:
    """Whether far fewer checks than labels may be enough."""
    return _least_checks(offer) <= _NEARLY_ALL * len(offer.labels)


def _are_too_few(suggestions: int, target: float, confidence: float) -> bool:
    """Whether nearly all of these would be checked even if the model were sure of each."""
    looks = plan_of(suggestions, target, confidence, tries=1).looks
    return not looks or looks[0] > _NEARLY_ALL * suggestions


def _few_text(suggestions: int, target: float) -> tuple[str, str]:
    are = "are" if suggestions > 1 else "is"
    them = "them all" if suggestions > 1 else "it"
    return (
        f"{counted(suggestions, 'suggestion')} {are} too few to certify {share_text(target)}.",
        f"Check {them}: labels that you check need no certificate.",
    )


def offer_text(offer: PromiseOffer, confidence: float) -> tuple[str, str]:
    """Return what can be certified now, and what may be different in the end."""
    labels, looks, undecided = len(offer.labels), offer.plan.looks, offer.undecided
    first, rest, target = _least_checks(offer), undecided - labels, share_text(offer.target)
    surest = "surest " if rest else ""
    if not saves_work(offer):
        if _are_too_few(undecided, offer.target, confidence):
            return _few_text(undecided, offer.target)
        are = "are" if labels > 1 else "is"
        return (
            f"Only {labels:,} of {undecided:,} suggestions {are} sure enough for {target}.",
            f"You would check {first:,} of these. {PAGES_HELP}",
        )
    title = (
        f"Check {first:,} of the {labels:,} {surest}suggestions. If all {first:,} are right, "
        f"at least {target} of the {labels:,} are, with {share_text(confidence)} certainty."
    )
    more = f"If one is wrong, it takes {looks[1]:,} checks." if looks[1:] else ""
    are_left = f"The other {counted(rest, 'picture')} can't be certified yet." if rest else ""
    return title, " ".join(part for part in (more, are_left) if part)


def run_offer_text(offer: PromiseOffer) -> str:
    """Return whether a promise about a sample would hold for its run; empty without a sample."""
    if offer.run_least is not None:
        least = f"{100 * offer.run_least:.4f}".rstrip("0").rstrip(".")
        return (
            f"It will hold for the whole run, too: for labels of at least {least}% probability. "
            "A quarter of the pictures settled that figure and is left out."
        )
    if offer.why_not_run is not None:
        why = _sentence(what_of(offer.why_not_run))
        return f"It will hold for these pictures only, not for their run: {why}"
    return ""


def run_text(least: float | None) -> str:
    """Return from which probability on a promise about a sample is about its run; None for none."""
    if least is None:
        return "It holds for these pictures only, and says nothing of their run."
    shown = f"{100 * least:.4f}".rstrip("0").rstrip(".")
    return (
        f"It holds for the whole run, too: for labels of at least {shown}% probability. "
        "Label the run again with this project to keep only these; no picture is read."
    )


def less_text(less: PromiseOffer) -> str:
    """Return what certifying a smaller share takes."""
    checks, labels = counted(_least_checks(less), "check"), counted(len(less.labels), "label")
    return f"{share_text(less.target)} takes {checks} for {labels}, if none is wrong."


def refusal_text(error: UsageError, confidence: float) -> tuple[str, str]:
    """Return why nothing can be promised, and what to do about it."""
    values = error.message.parameters
    if error.message.code == "promise-none-sure":
        left, target = int(str(values["left"])), float(str(values["percent"])) / 100
        if _are_too_few(left, target, confidence):
            return _few_text(left, target)
    what = what_of(error.message)
    return _sentence(f"{what[:1].upper()}{what[1:]}"), remedy_of(error.message)


def next_step_of(  # noqa: PLR0911 - a case each
    promise: Promise | None, state: PromiseState | None
) -> tuple[str, str]:
    """Return how far a promise is, in a few words, and what can be done next."""
    if promise is None or state is None:
        return NO_PROMISE, "Choose what to certify."
    target, labels = share_text(promise.target), counted(len(promise.labels), "label")
    match state.stage:
        case PromiseStage.OPEN:
            return f"Checking {labels}.", f"{_sentence(progress_text(state))}"
        case PromiseStage.PASSED:
            are = "is" if promise.labelled == 1 else "are"
            return (
                f"Passed: at least {target} of {counted(promise.labelled, 'label')} {are} right.",
                f"{checked_text(promise)} Apply the labels now.",
            )
        case PromiseStage.FAILED:
            checks = counted(state.checks, "check")
            return (
                f"Not passed: too many checked labels are wrong to certify {target} of {labels}.",
                f"{checks}, {wrong_text(state.wrong)}. The surest of them may still pass.",
            )
        case PromiseStage.VOID:
            remedy = remedy_of(state.why) if state.why else ""
            return (
                f"{_ended(promise)}: {_why(state, what_of)}",
                remedy or "Undo that change (menu Edit) to restore it, or start again.",
            )
        case PromiseStage.GIVEN:
            return f"Certified: {claim_text(promise)}.", f"{checked_text(promise)} Next: Export."
        case PromiseStage.ENDED:
            return "You stopped the last one.", "Choose what to certify instead."


def smaller_text(promise: Promise, state: PromiseState, smaller: PartialPromise) -> str:
    """Return what part of a promise that failed can be kept."""
    if smaller.step is not None:
        return (
            f"Your checks are enough for the surest {smaller.labels:,} of {len(promise.labels):,} "
            f"labels: at least {share_text(promise.target)} of them are right."
        )
    if smaller.missing:
        some = "the next one is right"
        if smaller.missing > 1:
            some = f"none of the next {smaller.missing:,} or so is wrong"
        whole = ""
        if state.at_least is not None:
            total = counted(state.checks + state.at_least, "check")
            whole = f"; all of them need {total} or more"
        return f"If {some}, part of the labels can pass{whole}."
    return (
        "No part of them passes. Check more pictures page by page to improve the suggestions, then "
        "start again; or choose a smaller share."
    )


def anchoring_text(anchoring: Anchoring) -> str:
    """Return that a label that is shown is believed too easily; empty where nothing shows it.

    That it is not takes far more checks than are made, so that is never said.
    """
    if not anchoring.is_believed_too_easily:
        return ""
    return (
        f"Where the label was hidden, {anchoring.blind_wrong:,} of {anchoring.blind:,} were wrong; "
        f"where it was shown, {anchoring.shown_wrong:,} of {anchoring.shown:,}. "
        "Labels that are shown seem to be believed too easily: look twice."
    )


def status_text(promise: Promise | None, state: PromiseState | None) -> str:
    """Return how far a promise is, as short as a status line wants it; empty for nothing."""
    if promise is None or state is None:
        return ""
    labels = counted(len(promise.labels), "label")
    total = state.checks + (state.at_least or 0)
    return {
        PromiseStage.OPEN: f"Certifying: {state.checks:,} of at least {total:,} checks",
        PromiseStage.PASSED: f"Passed: apply {labels}",
        PromiseStage.FAILED: "Not passed",
        PromiseStage.VOID: _ended(promise),
        PromiseStage.GIVEN: f"Certified: {claim_text(promise)}",
    }.get(state.stage, "")


def certificate_text(promise: Promise) -> str:
    """Return the certificate of a promise that was kept, a paragraph a line."""
    return _paragraphs(certificate_of(promise))


def certificate_parts(promise: Promise) -> tuple[str, str]:
    """Return what a certificate says, and how to verify it, as `certificate_text`."""
    messages = certificate_of(promise)
    at = [message.code for message in messages].index("certificate-to-check")
    return _paragraphs(messages[:at]), _paragraphs(messages[at + 1 :])


def _paragraphs(messages: Sequence[Message]) -> str:
    return "\n".join(f"{what_of(message).rstrip('.')}." for message in messages)


def given_up_text(promise: Promise | None, stage: PromiseStage | None) -> str:
    """Return what a person gave up who was at this stage, and what stays."""
    said = "Result discarded" if stage is PromiseStage.PASSED else "Certifying stopped"
    if promise is not None and promise.given_at:
        said = "Certificate discarded"
    return f"{said}. What you checked stays checked."


def void_text(promise: Promise, state: PromiseState) -> str:
    """Return that a promise is void, and why."""
    return f"{_ended(promise)}: {_why(state, text_of)}"


def _ended(promise: Promise) -> str:
    return "The certificate no longer holds" if promise.given_at else "Certifying stopped"


def is_undone_by_model(state: PromiseState) -> bool:
    """Whether no step is to be undone for a promise to hold again, but another model to be used."""
    return state.why is not None and state.why.code == "promise-void-model"


def export_text(promise: Promise | None, state: PromiseState | None) -> str:
    """Return whether a certificate goes along with an export, and why not; empty for no promise."""
    if promise is None or state is None or state.stage is PromiseStage.ENDED:
        return ""
    if state.stage is PromiseStage.GIVEN:
        return f"With a certificate: {claim_text(promise)}."
    if state.stage is PromiseStage.VOID:
        return f"Without the certificate, which no longer holds: {_why(state, text_of)}"
    return "Without a certificate: the checked labels aren't applied yet."


def _sentence(text: str) -> str:
    return f"{text.rstrip('.')}."


def _why(state: PromiseState, words: Callable[[Message], str]) -> str:
    """Return why a promise is void, as the end of a sentence."""
    why = _sentence(words(state.why)) if state.why else ""
    return f"{why[:1].lower()}{why[1:]}"
