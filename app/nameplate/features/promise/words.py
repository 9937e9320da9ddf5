"""What is said of a promise (to certify, in the window), for people who know no statistics."""

from collections.abc import Callable, Sequence
from typing import Final

from nameplate.domain.errors import UsageError
from nameplate.domain.messages import Message
from nameplate.domain.text import deferred
from nameplate.features.promise.rules.applying import PartialPromise
from nameplate.features.promise.rules.beginning import PromiseOffer, percent_of, plan_of
from nameplate.features.promise.rules.certificate import certificate_of
from nameplate.features.promise.rules.promises import Anchoring, Promise
from nameplate.features.promise.rules.state import PromiseStage, PromiseState
from nameplate.wording.numbers import format_number
from nameplate.wording.texts import (
    listed,
    remedy_of,
    sentence,
    sentences,
    text_of,
    tr,
    trn,
    what_of,
)

_NEARLY_ALL: Final = 0.7
"""Where more of them have to be checked, a promise hardly saves work."""

CHOOSE_MODEL: Final = deferred("Choose the model…")
NO_PROMISE: Final = deferred("Nothing is certified yet.")
PAGES_HELP: Final = deferred("Check pages first: learning can make more of them sure.")
WHAT_IT_IS: Final = deferred(
    "You check some pictures, drawn at random, and correct the wrong ones. If enough are right, "
    "you get a certificate for all the labels, to hand on with them."
)
WHAT_FREEZES: Final = deferred(
    "Pause whenever you like. Changing a name, the model or another label stops certifying."
)


def certainty_text(confidence: float) -> str:
    """Return what it means to be so sure.

    >>> certainty_text(0.95)
    '95% certainty: of 100 projects with too many wrong labels, at least 95 fail the checks.'
    """
    return tr(
        "{share} certainty: of 100 projects with too many wrong labels, "
        "at least {number:g} fail the checks.",
        share=share_text(confidence),
        number=100 * confidence,
    )


def share_text(share: float) -> str:
    """Return a share in percent.

    >>> share_text(0.98), share_text(0.995)
    ('98%', '99.5%')
    """
    return tr("{percent}%", percent=format_number(percent_of(share), "g"))


def claim_text(promise: Promise) -> str:
    """Return what is promised, in short."""
    return trn(
        "{count:,} label, at least {share} right",
        "{count:,} labels, at least {share} right",
        promise.labelled,
        share=share_text(promise.target),
    )


def apply_text(promise: Promise) -> str:
    """Return the button that applies what is promised."""
    return trn("Apply {count:,} label", "Apply {count:,} labels", len(promise.labels))


def checks_text(count: int) -> str:
    """Return a number of checks."""
    # translators: a check is the look of a person at one label that was drawn at random
    return trn("{count:,} check", "{count:,} checks", count)


def wrong_text(wrong: int) -> str:
    """Return how many wrong ones were found."""
    return trn("{count:,} wrong", "{count:,} wrong", wrong, zero=tr("none wrong so far"))


def checked_text(promise: Promise) -> str:
    """Return how many were checked, and what became of the wrong ones."""
    corrected, nameless = promise.wrong - promise.nameless, promise.nameless
    parts = (
        trn("{count:,} corrected", "{count:,} corrected", corrected, zero=""),
        trn("{count:,} without a name", "{count:,} without a name", nameless, zero=""),
    )
    found = listed(parts) or tr("none wrong")
    return tr("{checks:,} checked, {found}.", checks=len(promise.checks), found=found)


def progress_text(state: PromiseState) -> str:
    """Return how far the checks are."""
    found = wrong_text(state.wrong)
    if state.at_least is None:
        return listed((checks_text(state.checks), found))
    total = state.checks + state.at_least
    done = tr("{done:,} of at least {total:,} checks", done=state.checks, total=total)
    return listed((done, found))


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
    return trn(
        "{count:,} suggestion is too few to certify {share}.",
        "{count:,} suggestions are too few to certify {share}.",
        suggestions,
        share=share_text(target),
    ), trn(
        "Check it: labels that you check need no certificate.",
        "Check them all: labels that you check need no certificate.",
        suggestions,
    )


def offer_text(offer: PromiseOffer, confidence: float) -> tuple[str, str]:
    """Return what can be certified now, and what may be different in the end."""
    labels, looks, undecided = len(offer.labels), offer.plan.looks, offer.undecided
    first, rest, target = _least_checks(offer), undecided - labels, share_text(offer.target)
    if not saves_work(offer):
        if _are_too_few(undecided, offer.target, confidence):
            return _few_text(undecided, offer.target)
        return trn(
            "Only {count:,} of {all:,} suggestions is sure enough for {share}.",
            "Only {count:,} of {all:,} suggestions are sure enough for {share}.",
            labels,
            all=undecided,
            share=target,
        ), sentences(tr("You would check {checks:,} of these.", checks=first), tr(PAGES_HELP))
    title = tr(
        "Check {checks:,} of the {labels:,} surest suggestions."
        if rest
        else "Check {checks:,} of the {labels:,} suggestions.",
        checks=first,
        labels=labels,
    )
    then = tr(
        "If all {checks:,} are right, at least {share} of the {labels:,} are, "
        "with {certainty} certainty.",
        checks=first,
        share=target,
        labels=labels,
        certainty=share_text(confidence),
    )
    more = tr("If one is wrong, it takes {checks:,} checks.", checks=looks[1]) if looks[1:] else ""
    left = trn(
        "The other {count:,} picture can't be certified yet.",
        "The other {count:,} pictures can't be certified yet.",
        rest,
    )
    return sentences(title, then), sentences(more, left if rest else "")


def run_offer_text(offer: PromiseOffer) -> str:
    """Return whether a promise about a sample would hold for its run; empty without a sample."""
    if offer.run_least is not None:
        return tr(
            "It will hold for the whole run, too: for labels of at least {share} probability. "
            "A quarter of the pictures settled that figure and is left out.",
            share=share_text(offer.run_least),
        )
    if offer.why_not_run is not None:
        why = sentence(what_of(offer.why_not_run))
        return tr("It will hold for these pictures only, not for their run: {why}", why=why)
    return ""


def run_text(least: float | None) -> str:
    """Return from which probability on a promise about a sample is about its run; None for none."""
    if least is None:
        return tr("It holds for these pictures only, and says nothing of their run.")
    return tr(
        "It holds for the whole run, too: for labels of at least {share} probability. "
        "Label the run again with this project to keep only these; no picture is read.",
        share=share_text(least),
    )


def less_text(less: PromiseOffer) -> str:
    """Return what certifying a smaller share takes."""
    return tr(
        "To certify {share} of {labels:,} labels takes {checks:,} checks, if none is wrong.",
        share=share_text(less.target),
        checks=_least_checks(less),
        labels=len(less.labels),
    )


def refusal_text(error: UsageError, confidence: float) -> tuple[str, str]:
    """Return why nothing can be promised, and what to do about it."""
    values = error.message.parameters
    if error.message.code == "promise-none-sure":
        left, target = int(str(values["left"])), float(str(values["percent"])) / 100
        if _are_too_few(left, target, confidence):
            return _few_text(left, target)
    what = what_of(error.message)
    return sentence(f"{what[:1].upper()}{what[1:]}"), remedy_of(error.message)


def next_step_of(promise: Promise | None, state: PromiseState | None) -> tuple[str, str]:
    """Return how far a promise is, in a few words, and what can be done next."""
    if promise is None or state is None:
        return tr(NO_PROMISE), tr("Choose what to certify.")
    target, labels = share_text(promise.target), len(promise.labels)
    match state.stage:
        case PromiseStage.OPEN:
            what = trn("Checking {count:,} label.", "Checking {count:,} labels.", labels)
            then = sentence(progress_text(state))
        case PromiseStage.PASSED:
            what = trn(
                "Passed: at least {share} of {count:,} label is right.",
                "Passed: at least {share} of {count:,} labels are right.",
                promise.labelled,
                share=target,
            )
            then = sentences(checked_text(promise), tr("Apply the labels now."))
        case PromiseStage.FAILED:
            what = tr(
                "Not passed: too many checked labels are wrong to certify {share} of them all.",
                share=target,
            )
            then = sentences(failed_text(state), tr("The surest of them may still pass."))
        case PromiseStage.VOID:
            what = _void_text(promise, state, what_of)
            remedy = remedy_of(state.why) if state.why else ""
            then = remedy or tr("Undo that change (menu Edit) to restore it, or start again.")
        case PromiseStage.APPLIED:
            what = tr("Certified: {claim}.", claim=claim_text(promise))
            then = sentences(checked_text(promise), tr("Next: Export."))
        case PromiseStage.ENDED:
            what, then = tr("You stopped the last one."), tr("Choose what to certify instead.")
    return what, then


def failed_text(state: PromiseState) -> str:
    """Return the checks of a promise that failed."""
    return sentence(listed((checks_text(state.checks), wrong_text(state.wrong))))


def smaller_text(promise: Promise, state: PromiseState, smaller: PartialPromise) -> str:
    """Return what part of a promise that failed can be kept."""
    if smaller.step is not None:
        return tr(
            "Your checks are enough for the surest {labels:,} of {all:,} labels: "
            "at least {share} of them are right.",
            labels=smaller.labels,
            all=len(promise.labels),
            share=share_text(promise.target),
        )
    if smaller.missing and state.at_least is None:
        return trn(
            "If the next one is right, part of the labels can pass.",
            "If none of the next {count:,} or so is wrong, part of the labels can pass.",
            smaller.missing,
        )
    if smaller.missing:
        return trn(
            "If the next one is right, part of the labels can pass; "
            "all of them need {checks:,} checks or more.",
            "If none of the next {count:,} or so is wrong, part of the labels can pass; "
            "all of them need {checks:,} checks or more.",
            smaller.missing,
            checks=state.checks + (state.at_least or 0),
        )
    return tr(
        "No part of them passes. Check more pictures page by page to improve the suggestions, then "
        "start again; or choose a smaller share."
    )


def anchoring_text(anchoring: Anchoring) -> str:
    """Return that a label that is shown is believed too easily; empty where nothing shows it.

    That it is not takes far more checks than are made, so that is never said.
    """
    if not anchoring.is_believed_too_easily:
        return ""
    return tr(
        "Where the label was hidden, {hidden_wrong:,} of {hidden:,} were wrong; "
        "where it was shown, {shown_wrong:,} of {shown:,}. "
        "Labels that are shown seem to be believed too easily: look twice.",
        hidden_wrong=anchoring.blind_wrong,
        hidden=anchoring.blind,
        shown_wrong=anchoring.shown_wrong,
        shown=anchoring.shown,
    )


def status_text(promise: Promise | None, state: PromiseState | None) -> str:
    """Return how far a promise is, as short as a status line wants it; empty for nothing."""
    if promise is None or state is None:
        return ""
    total = state.checks + (state.at_least or 0)
    return {
        PromiseStage.OPEN: tr(
            "Certifying: {done:,} of at least {total:,} checks", done=state.checks, total=total
        ),
        PromiseStage.PASSED: tr("Passed: apply the labels"),
        PromiseStage.FAILED: tr("Not passed"),
        PromiseStage.VOID: tr("The certificate no longer holds")
        if promise.applied_at
        else tr("Certifying stopped"),
        PromiseStage.APPLIED: tr("Certified: {claim}", claim=claim_text(promise)),
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
    return "\n".join(sentence(what_of(message)) for message in messages)


def given_up_text(promise: Promise | None, stage: PromiseStage | None) -> str:
    """Return what a person gave up who was at this stage, and what stays."""
    if promise is not None and promise.applied_at:
        said = tr("Certificate discarded.")
    elif stage is PromiseStage.PASSED:
        said = tr("Result discarded.")
    else:
        said = tr("Certifying stopped.")
    return sentences(said, tr("What you checked stays checked."))


def void_text(promise: Promise, state: PromiseState) -> str:
    """Return that a promise is void, and why."""
    return _void_text(promise, state, text_of)


def _void_text(promise: Promise, state: PromiseState, words: Callable[[Message], str]) -> str:
    why = _why(state, words)
    if promise.applied_at:
        return tr("The certificate no longer holds: {why}", why=why)
    return tr("Certifying stopped: {why}", why=why)


def is_undone_by_model(state: PromiseState) -> bool:
    """Whether no step is to be undone for a promise to hold again, but another model to be used."""
    return state.why is not None and state.why.code == "promise-void-model"


def export_text(promise: Promise | None, state: PromiseState | None) -> str:
    """Return whether a certificate goes along with an export, and why not; empty for no promise."""
    if promise is None or state is None or state.stage is PromiseStage.ENDED:
        return ""
    if state.stage is PromiseStage.APPLIED:
        return tr("With a certificate: {claim}.", claim=claim_text(promise))
    if state.stage is PromiseStage.VOID:
        why = _why(state, text_of)
        return tr("Without the certificate, which no longer holds: {why}", why=why)
    return tr("Without a certificate: the checked labels aren't applied yet.")


def _why(state: PromiseState, words: Callable[[Message], str]) -> str:
    """Return why a promise is void, as the end of a sentence."""
    return sentence(words(state.why)) if state.why else ""
