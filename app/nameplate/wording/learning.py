"""Describes in words what was learned from a person's labels."""

from typing import Final

from nameplate.domain.messages import Message
from nameplate.domain.text import deferred
from nameplate.pipeline.learning.guard import LEAST_DECISIONS, Evidence
from nameplate.wording.texts import sentences, tr, trn, what_of

NOT_YET: Final = Message("nothing-learned-yet")


def what_is_learned(
    evidence: Evidence | None, *, learns: bool, is_in_force: bool | None = None, unread: int = 0
) -> str:
    """Return what was learned and how much that helps, or what is missing for it.

    Args:
        evidence: What is known; None where there is no decision.
        learns: Whether it is to be learned from decisions.
        is_in_force: Whether what was learned is in use; by default as the evidence says.
        unread: How many decisions are about pictures that are not read, or cannot be.

    >>> what_is_learned(Evidence(46, is_used=True, gain=0.058), learns=True)
    'Learned from 46 labels: about 6 of 100 more right'
    >>> what_is_learned(Evidence(46, True, 0.058, interval=(-0.01, 0.13)), learns=True)
    'Learned from 46 labels: perhaps about 6 of 100 more right'
    >>> what_is_learned(None, learns=True)
    'Learns after 20 more labels'
    >>> what_is_learned(None, learns=True, unread=235)
    'Learns from your 235 labels once their pictures are read'
    >>> what_is_learned(Evidence(8, missing=12), learns=True)
    'Learns after 12 more labels'
    """
    if not learns:
        return tr("Learning is off")
    if evidence is None and unread:
        return trn(
            "Learns from your {count:,} label once their picture is read",
            "Learns from your {count:,} labels once their pictures are read",
            unread,
        )
    evidence = evidence or Evidence(0, missing=LEAST_DECISIONS)
    count = evidence.decisions
    if evidence.is_used and is_in_force is False:
        return trn("Learning from {count:,} label…", "Learning from {count:,} labels…", count)
    if evidence.is_used or _is_taught(evidence):
        return _learned_from(evidence)
    if evidence.missing:
        return trn(
            "Learns after {count:,} more label",
            "Learns after {count:,} more labels",
            evidence.missing,
        )
    why = what_of(evidence.why or NOT_YET)
    return why[:1].upper() + why[1:]


def _learned_from(evidence: Evidence) -> str:
    """Return for the window what suggestions come from besides names."""
    count, name = evidence.decisions, evidence.taught_in
    if not evidence.is_used:
        return tr("Taught in “{name:.30}”", name=name)
    learned = trn("Learned from {count:,} label", "Learned from {count:,} labels", count)
    if _is_taught(evidence):
        learned = trn(
            "Taught in “{name:.30}” and by {count:,} label here",
            "Taught in “{name:.30}” and by {count:,} labels here",
            count,
            name=name,
        )
    return with_gain(learned, evidence)


def _is_taught(evidence: Evidence) -> bool:
    """Whether something is in use that was taught elsewhere."""
    return bool(evidence.taught_in) and evidence.is_taught_used


def with_gain(text: str, evidence: Evidence) -> str:
    """Return a text with how much what was learned helps, if it does."""
    gain = evidence.more_right
    if gain < 1:
        return text
    if _is_sure(evidence):
        return tr("{what}: about {gain} of 100 more right", what=text, gain=gain)
    return tr("{what}: perhaps about {gain} of 100 more right", what=text, gain=gain)


def _is_sure(evidence: Evidence) -> bool:
    return evidence.interval is None or evidence.interval[0] > 0  # else it may be chance


def _tested(evidence: Evidence) -> str:
    """Return what came of it where labels were hidden."""
    gain = evidence.more_right
    texts = {
        (True, True): deferred("about {count} more of 100 are right than with the names alone"),
        (True, False): deferred("about {count} fewer of 100 are right than with the names alone"),
        (False, True): deferred(
            "perhaps about {count} more of 100 are right than with the names alone"
        ),
        (False, False): deferred(
            "perhaps about {count} fewer of 100 are right than with the names alone"
        ),
    }
    return tr(texts[_is_sure(evidence), gain >= 0], count=abs(gain))


def more_of(evidence: Evidence | None, *, learns: bool) -> str:
    """Return details as sentences for a tool tip."""
    if not learns:
        return tr("Suggestions come from the names alone.")
    off = sentences(_of_elsewhere(evidence), tr("Turn it off in the Auto-label menu."))
    if evidence is None or not evidence.is_used:
        about = tr(
            "Nameplate learns from your labels. It uses that only if more pictures get right than"
            " with the names alone."
        )
        passed = ""
        if evidence is not None and evidence.passed_over:
            passed = tr(
                "It waits for labels of names that are often suggested and rarely labelled."
            )
        return sentences(about, passed, off)
    learned = tr("Pictures that look like ones you labelled get the same suggestion.")
    test = ""
    if evidence.gain is not None:
        test = tr(
            "To test this, Nameplate hides some of your labels, learns from the others and guesses"
            " the hidden ones: {result}.",
            result=_tested(evidence),
        )
    return sentences(learned, test, off)


def _of_elsewhere(evidence: Evidence | None) -> str:
    """Return whether what was taught elsewhere is in use, and why; empty where there is none."""
    if evidence is None or not evidence.taught_in:
        return ""
    if evidence.is_taught_used:
        return tr(
            "What was taught in “{name}” is in use as long as it gets as many of your labels right "
            "as the names alone.",
            name=evidence.taught_in,
        )
    return tr(
        "What was taught in “{name}” is not in use: the names alone get more of your labels right.",
        name=evidence.taught_in,
    )
