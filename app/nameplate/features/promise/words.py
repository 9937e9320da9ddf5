"""What is said of a promise, in sentences for people who know no statistics."""

from collections.abc import Callable, Sequence
from typing import Final

from nameplate.domain.errors import UsageError
from nameplate.domain.messages import Message
from nameplate.features.promise.rules.beginning import PromiseOffer, percent_of
from nameplate.features.promise.rules.certificate import certificate_of
from nameplate.features.promise.rules.giving import PartialPromise
from nameplate.features.promise.rules.promises import Anchoring, Promise
from nameplate.features.promise.rules.state import PromiseStage, PromiseState
from nameplate.wording.numbers import counted
from nameplate.wording.texts import remedy_of, text_of, what_of

_NEARLY_ALL: Final = 0.7
"""Where more of them have to be checked, a promise hardly saves work."""

CHOOSE_MODEL: Final = "Choose the model…"
NO_PROMISE: Final = "Nothing is promised."
WHAT_IT_IS: Final = (
    "A promise is about the labels that nobody has looked at: so many of them are right, at least. "
    "It is kept by checks of pictures that were drawn at random, so that nobody can choose the "
    "easy ones. After each page it is worked out anew whether the checks are enough."
)
WHAT_FREEZES: Final = (
    "From the beginning to the end the labels, the names and the model stay as they are; another "
    "model or another name makes the promise void. You can stop at any time and go on later."
)


def share_text(share: float) -> str:
    """Return a share in percent.

    >>> share_text(0.98), share_text(0.995)
    ('98%', '99.5%')
    """
    return f"{percent_of(share):g}%"


def claim_text(promise: Promise) -> str:
    """Return what is promised, in short."""
    return f"{counted(promise.labelled, 'label')} at least {share_text(promise.target)} right"


def wrong_text(wrong: int) -> str:
    """Return how many wrong ones were found."""
    return f"{wrong:,} wrong found" if wrong else "none wrong so far"


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


def is_worth_it(offer: PromiseOffer) -> bool:
    """Whether it saves work, if only a little where most pictures are sure enough."""
    labels = len(offer.labels)
    is_most = offer.undecided <= 2 * labels and _least_checks(offer) < labels
    return saves_work(offer) or is_most


def offer_text(offer: PromiseOffer) -> tuple[str, str]:
    """Return what can be promised now, and what may be different in the end."""
    labels, looks, undecided = len(offer.labels), offer.plan.looks, offer.undecided
    first, rest = _least_checks(offer), undecided - labels
    are_left = f"The other {rest:,} are not sure enough yet." if rest else ""
    pictures = counted(undecided, "undecided picture")
    if not is_worth_it(offer):
        which = "all of these" if first >= labels else f"{first:,} of these"
        none_needed = f"Where all {undecided:,} are checked no promise is needed."
        if not rest:
            all_of_them = f"all {pictures}" if labels > 1 else "the one undecided picture"
            advice = "Check page by page: what a person decided needs no promise."
            return f"Too few: {all_of_them} would have to be checked.", advice
        is_one = labels == 1
        title = f"Too early: only {labels:,} of {pictures} {'is' if is_one else 'are'} sure enough"
        advice = f"Check page by page first, since learning may make the rest surer. {none_needed}"
        which = "that one" if is_one else which
        return f"{title}, and {which} would have to be checked.", advice
    title = f"{labels:,} of {pictures} can be promised. It takes {counted(first, 'check')}"
    more = (
        f"{looks[1]:,} if one is wrong, and some more for each further one. " if looks[1:] else ""
    )
    text = f"{more}What you find wrong is corrected at once. {are_left}"
    return f"{title} if nothing is wrong.", text.strip()


def run_offer_text(offer: PromiseOffer) -> str:
    """Return whether a promise about a sample would hold for its run; empty without a sample."""
    if offer.run_least is not None:
        least = f"{100 * offer.run_least:.4f}".rstrip("0").rstrip(".")
        return (
            f"It will hold for the whole run, too: for each label that is at least {least}% "
            "probable. A quarter of the pictures has decided that, and is left out."
        )
    if offer.why_not_run is not None:
        why = _sentence(what_of(offer.why_not_run))
        return f"It will hold for these pictures alone, not for their run: {why}"
    return ""


def run_text(least: float | None) -> str:
    """Return from which probability on a promise about a sample is about its run; None for none."""
    if least is None:
        return "It holds for these pictures alone, and says nothing of their run."
    shown = f"{100 * least:.4f}".rstrip("0").rstrip(".")
    return (
        f"It holds for the whole run, too: for each label that is at least {shown}% probable. "
        "Label the run again with this project, which reads no picture, to keep only these."
    )


def less_text(less: PromiseOffer | None, lower: Sequence[float]) -> str:
    """Return which smaller share would be worth its checks; empty where none was looked for."""
    if less is not None:
        labels, share = len(less.labels), share_text(less.target)
        return (
            f"At {share}, {counted(labels, 'picture')} could be promised now, with "
            f"{counted(_least_checks(less), 'check')} if nothing is wrong."
        )
    if lower:
        least = share_text(min(lower))
        return f"Down to {least}, no smaller share would save many checks now."
    return ""


def refusal_text(error: UsageError) -> tuple[str, str]:
    """Return why nothing can be promised, and what to do about it."""
    what = what_of(error.message)
    return _sentence(f"{what[:1].upper()}{what[1:]}"), remedy_of(error.message)


def next_step_of(  # noqa: PLR0911 - a case each
    promise: Promise | None, state: PromiseState | None
) -> tuple[str, str]:
    """Return how far a promise is, in a few words, and what can be done next."""
    if promise is None or state is None:
        return NO_PROMISE, "Choose first what you want to promise."
    target, labels = share_text(promise.target), counted(len(promise.labels), "label")
    checks = counted(state.checks, "check")
    found = wrong_text(state.wrong) if state.wrong else "none was wrong"
    match state.stage:
        case PromiseStage.OPEN:
            return f"Checking {labels}.", f"{_sentence(progress_text(state))} Go on checking."
        case PromiseStage.PASSED:
            return (
                f"Kept: at least {target} of these {counted(promise.labelled, 'label')} are right.",
                f"{checks}, {found}. Give the labels to the pictures next.",
            )
        case PromiseStage.FAILED:
            return (
                f"Not kept: too many are wrong to promise {target} of all {labels}.",
                f"{checks}, {found}. A smaller part of them, the surest, may still be promised.",
            )
        case PromiseStage.VOID:
            was = (
                "The certificate does not hold any more"
                if promise.given_at
                else "The promise is void"
            )
            remedy = remedy_of(state.why) if state.why else ""
            return (
                f"{was}: {_why(state, what_of)}",
                remedy
                or "Undo what was changed (in the menu Edit) and it holds again, or begin anew.",
            )
        case PromiseStage.GIVEN:
            return f"Promised: {claim_text(promise)}.", f"{checks}, {found}. Export them next."
        case PromiseStage.ENDED:
            return "The last promise was given up.", "Choose what you want to promise instead."


def smaller_text(promise: Promise, smaller: PartialPromise) -> str:
    """Return what part of a promise that failed can be kept."""
    if smaller.step is not None:
        return (
            f"{counted(smaller.labels, 'label')} of these {len(promise.labels):,}, the surest, can "
            f"be promised by the checks that you made: at least {share_text(promise.target)} of "
            "them are right."
        )
    if smaller.missing:
        return (
            "No part of them can be promised yet. If no more wrong ones are found, about "
            f"{counted(smaller.missing, 'more check')} may be enough for one."
        )
    return (
        "No part of them can be promised. Decide about more pictures page by page, so that the "
        "suggestions get better, and begin anew; or promise less."
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
        "A shown label seems to be believed too easily: look twice."
    )


def status_text(promise: Promise | None, state: PromiseState | None) -> str:
    """Return how far a promise is, as short as a status line wants it; empty for nothing."""
    if promise is None or state is None:
        return ""
    labels = counted(len(promise.labels), "label")
    total = state.checks + (state.at_least or 0)
    return {
        PromiseStage.OPEN: f"Promise: {state.checks:,} of {total:,} checks",
        PromiseStage.PASSED: f"Promise kept: give {labels}",
        PromiseStage.FAILED: "Promise not kept",
        PromiseStage.VOID: "Promise void",
        PromiseStage.GIVEN: f"Promised: {claim_text(promise)}",
    }.get(state.stage, "")


def certificate_text(promise: Promise) -> str:
    """Return the certificate of a promise that was kept, a paragraph a line."""
    return "\n".join(f"{what_of(message).rstrip('.')}." for message in certificate_of(promise))


def void_text(state: PromiseState) -> str:
    """Return that a promise is void, and why."""
    return f"The promise is void: {_why(state, text_of)}"


def is_undone_by_model(state: PromiseState) -> bool:
    """Whether no step is to be undone for a promise to hold again, but another model to be used."""
    return state.why is not None and state.why.code == "promise-void-model"


def export_text(promise: Promise | None, state: PromiseState | None) -> str:
    """Return whether a certificate goes along with an export, and why not; empty for no promise."""
    if promise is None or state is None or state.stage is PromiseStage.ENDED:
        return ""
    if state.stage is PromiseStage.GIVEN:
        return f"The certificate goes along: {claim_text(promise)}."
    if state.stage is PromiseStage.VOID:
        return f"No certificate goes along, since the promise is void: {_why(state, text_of)}"
    return "No certificate goes along: the promised labels are not given yet."


def _sentence(text: str) -> str:
    return f"{text.rstrip('.')}."


def _why(state: PromiseState, words: Callable[[Message], str]) -> str:
    """Return why a promise is void, as the end of a sentence."""
    why = _sentence(words(state.why)) if state.why else ""
    return f"{why[:1].lower()}{why[1:]}"
