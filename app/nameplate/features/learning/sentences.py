"""Describes in words what was learned from a person's labels."""

from typing import Final

from nameplate.domain.messages import Message
from nameplate.features.learning.guard import LEAST_DECISIONS, Evidence
from nameplate.wording.numbers import counted
from nameplate.wording.texts import what_of

_NOT_YET: Final = Message("nothing-learned-yet")


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
        return "Learning is off"
    if evidence is None and unread:
        labels, pictures = counted(unread, "label"), "picture is" if unread == 1 else "pictures are"
        return f"Learns from your {labels} once their {pictures} read"
    evidence = evidence or Evidence(0, missing=LEAST_DECISIONS)
    labels = counted(evidence.decisions, "label")
    if evidence.is_used and is_in_force is False:
        return f"Learning from {labels}…"
    if evidence.is_used:
        return f"Learned from {labels}{_worth(evidence)}"
    if evidence.missing:
        return f"Learns after {counted(evidence.missing, 'more label')}"
    why = what_of(evidence.why or _NOT_YET)
    return why[:1].upper() + why[1:]


def suggested_from(evidence: Evidence) -> str:
    """Return for the command line what suggestions are based on.

    >>> suggested_from(Evidence(46, is_used=True, gain=0.058))
    'names + your 46 decisions: about 6 of 100 more right'
    >>> suggested_from(Evidence(8, missing=12))
    'names only: 12 more decisions needed'
    """
    if evidence.is_used:
        return f"names + your {counted(evidence.decisions, 'decision')}{_worth(evidence)}"
    missing = f"{counted(evidence.missing, 'more decision')} needed" if evidence.missing else ""
    return f"names only: {missing or what_of(evidence.why or _NOT_YET)}"


def _worth(evidence: Evidence) -> str:
    gain = evidence.more_right
    return f": {_about(evidence)} {gain} of 100 more right" if gain >= 1 else ""


def _about(evidence: Evidence) -> str:
    is_shown = evidence.interval is None or evidence.interval[0] > 0
    return "about" if is_shown else "perhaps about"  # it may be chance


def more_of(evidence: Evidence | None, *, learns: bool) -> str:
    """Return details as sentences for a tool tip."""
    if not learns:
        return "Suggestions come from the names alone."
    off = "Turn it off in the Auto-label menu."
    if evidence is None or not evidence.is_used:
        passed = ""
        if evidence is not None and evidence.passed_over:
            passed = " It waits for labels of names that are often suggested and rarely labelled."
        return (
            "Nameplate learns from your labels. It uses that only if more pictures get right than"
            f" with the names alone. Checks to certify don't count.{passed} {off}"
        )
    parts = ["Pictures that look like ones you labelled get the same suggestion."]
    if evidence.gain is not None:
        gain = evidence.more_right
        right = f"{_about(evidence)} {abs(gain)} {'more' if gain >= 0 else 'fewer'} of 100"
        parts.append(
            "To test this, Nameplate hides some of your labels, learns from the others and guesses"
            f" the hidden ones: {right} are right than with the names alone."
        )
    return " ".join([*parts, off])
