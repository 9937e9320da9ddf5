"""What is said of a promise (to certify, in the window), for people who know no statistics."""

import math
from collections.abc import Callable, Sequence
from typing import Final

from nameplate.domain.messages import Message
from nameplate.domain.text import deferred
from nameplate.features.promise.rules.applying import PartialPromise
from nameplate.features.promise.rules.at_any_time import checks_to_say, rest_of
from nameplate.features.promise.rules.certificate import certificate_of, percent_of
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

CHOOSE_MODEL: Final = deferred("Choose the model…")
NO_PROMISE: Final = deferred("Nothing is certified yet.")
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


def share_so_far(promise: Promise) -> str:
    """Return what the checks say by now of labels that came with the pictures, or will say.

    It holds with the certainty of the promise, whenever one asks.
    """
    plan, checks, found = promise.plan, len(promise.checks), promise.wrong
    if more := checks_to_say(plan.population, checks):
        return trn(
            "Check {count:,} more to see how many are right.",
            "Check {count:,} more to see how many are right.",
            more,
        )
    rest = rest_of(plan.population, checks, found, plan.risk, plan.overlooked)
    least = math.floor(1000 * (1 - rest.most / max(1, promise.labelled))) / 1000
    if least <= 0:
        return ""
    about = tr(
        "Of the {left:,} unchecked ones about {wrong:,} are wrong ({low:,} to {high:,}).",
        left=plan.population - checks,
        wrong=rest.wrong,
        low=rest.least,
        high=rest.most,
    )
    at_least = tr(
        "So far, at least {share} of the {labels:,} labels are right, with {certainty} certainty.",
        share=share_text(least),
        labels=promise.labelled,
        certainty=share_text(promise.confidence),
    )
    return sentences(at_least, about if found else "")


def run_text(least: float | None) -> str:
    """Return from which probability on a promise about a sample is about its run; None for none."""
    if least is None:
        return tr("It holds for these pictures only, and says nothing of their run.")
    return tr(
        "It holds for the whole run, too: for labels of at least {share} probability. "
        "Label the run again with this project to keep only these; no picture is read.",
        share=share_text(least),
    )


def next_step_of(promise: Promise | None, state: PromiseState | None) -> tuple[str, str]:
    """Return how far a promise is, in a few words, and what can be done next."""
    if promise is None or state is None:
        return tr(NO_PROMISE), tr("Choose what to certify.")
    target, labels = share_text(promise.target), len(promise.labels)
    match state.stage:
        case PromiseStage.OPEN:
            what = trn("Checking {count:,} label.", "Checking {count:,} labels.", labels)
            so_far = share_so_far(promise) if promise.is_of_given else ""
            then = sentences(sentence(progress_text(state)), so_far)
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
            surest = tr("The surest of them may still pass.")
            rest = share_so_far(promise) if promise.is_of_given else surest
            then = sentences(failed_text(state), rest)
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
    if promise.is_of_given:
        return sentences(share_so_far(promise), tr("Correct the doubtful ones, then start again."))
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
    return tr("Without a certificate: certifying isn't finished.")


def _why(state: PromiseState, words: Callable[[Message], str]) -> str:
    """Return why a promise is void, as the end of a sentence."""
    return sentence(words(state.why)) if state.why else ""
