"""What is said of labels that can be certified, and what that takes."""

from typing import Final

from nameplate.domain.errors import UsageError
from nameplate.domain.text import deferred
from nameplate.features.promise.rules.beginning import NEARLY_ALL, PromiseOffer, plan_of
from nameplate.features.promise.words import share_text
from nameplate.wording.texts import remedy_of, sentence, sentences, tr, trn, what_of

PAGES_HELP: Final = deferred("Check pages first: learning can make more of them sure.")


def _are_too_few(suggestions: int, target: float, confidence: float) -> bool:
    """Whether nearly all of these would be checked even if the model were sure of each."""
    looks = plan_of(suggestions, target, confidence, tries=1).looks
    return not looks or looks[0] > NEARLY_ALL * suggestions


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


def _if_right(offer: PromiseOffer, confidence: float) -> tuple[str, str]:
    """Return what is known if all labels that are checked are right, and if one is wrong."""
    first, looks = offer.least_checks, offer.plan.looks
    then = tr(
        "If all {checks:,} are right, at least {share} of the {labels:,} are, "
        "with {certainty} certainty.",
        checks=first,
        share=share_text(offer.target),
        labels=len(offer.labels),
        certainty=share_text(confidence),
    )
    more = tr("If one is wrong, it takes {checks:,} checks.", checks=looks[1]) if looks[1:] else ""
    return then, more


def _given_text(offer: PromiseOffer, confidence: float) -> tuple[str, str]:
    """Return what can be certified of labels that came with the pictures."""
    labels, first = len(offer.labels), offer.least_checks
    target = share_text(offer.target)
    if not offer.saves_work:
        return trn(
            "{count:,} label is too few to certify {share}.",
            "{count:,} labels are too few to certify {share}.",
            labels,
            share=target,
        ), tr("You would check {checks:,} of these.", checks=first)
    title = trn(
        "Check {checks:,} of the {count:,} given label that nobody checked.",
        "Check {checks:,} of the {count:,} given labels that nobody checked.",
        labels,
        checks=first,
    )
    then, more = _if_right(offer, confidence)
    return sentences(title, then), more


def offer_text(offer: PromiseOffer, confidence: float) -> tuple[str, str]:
    """Return what can be certified now, and what may be different in the end."""
    if offer.is_of_given:
        return _given_text(offer, confidence)
    labels, undecided = len(offer.labels), offer.undecided
    first, rest, target = offer.least_checks, undecided - labels, share_text(offer.target)
    if not offer.saves_work:
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
    then, more = _if_right(offer, confidence)
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


def less_text(less: PromiseOffer) -> str:
    """Return what certifying a smaller share takes."""
    return tr(
        "To certify {share} of {labels:,} labels takes {checks:,} checks, if none is wrong.",
        share=share_text(less.target),
        checks=less.least_checks,
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
