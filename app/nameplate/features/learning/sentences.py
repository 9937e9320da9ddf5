"""Describes in words what was learned from a person's decisions."""

from nameplate.features.learning.guard import LEAST_DECISIONS, Evidence
from nameplate.wording.numbers import counted
from nameplate.wording.texts import what_of


def suggested_from(
    evidence: Evidence | None, *, learns: bool, is_in_force: bool | None = None, unread: int = 0
) -> str:
    """Return what suggestions are based on, and how good that is or why only on names.

    Args:
        evidence: What is known; None where there is no decision.
        learns: Whether it is to be learned from decisions.
        is_in_force: Whether what was learned is in use; by default as the evidence says.
        unread: How many decisions are about pictures that are not read, or cannot be.

    >>> suggested_from(Evidence(46, is_used=True, gain=0.058), learns=True)
    'names + your 46 decisions: about 6 of 100 more right'
    >>> suggested_from(Evidence(46, True, 0.058, interval=(-0.01, 0.13)), learns=True)
    'names + your 46 decisions: perhaps about 6 of 100 more right'
    >>> suggested_from(None, learns=True)
    'names only: 20 decisions needed to learn from'
    >>> suggested_from(None, learns=True, unread=235)
    'names only: your 235 decisions count once the pictures are read'
    >>> suggested_from(Evidence(8, missing=12), learns=True)
    'names only: 12 more decisions needed'
    """
    decisions = counted(evidence.decisions, "decision") if evidence else ""
    if not learns:
        why = "learning is off"
    elif evidence is None and unread:
        verb = "counts" if unread == 1 else "count"
        why = f"your {counted(unread, 'decision')} {verb} once the pictures are read"
    elif evidence is None:
        why = f"{LEAST_DECISIONS} decisions needed to learn from"
    elif evidence.is_used and is_in_force is False:
        why = f"learning from your {decisions}…"
    elif evidence.is_used:
        gain = evidence.more_right
        is_shown = evidence.interval is None or evidence.interval[0] > 0
        about = "about" if is_shown else "perhaps about"  # it may be chance
        worth = f": {about} {gain} of 100 more right" if gain >= 1 else ""
        return f"names + your {decisions}{worth}"
    elif evidence.missing:
        why = f"{counted(evidence.missing, 'more decision')} needed"
    elif evidence.why is not None:
        why = what_of(evidence.why)
    else:
        why = "your decisions do not show that learning helps"
    return f"names only: {why}"


def more_of(evidence: Evidence | None, *, learns: bool) -> str:
    """Return details as sentences for a tool tip."""
    switch = "Switch it off to go back to the names alone." if learns else ""
    if not learns or evidence is None or not evidence.is_used:
        what = (
            "After some decisions, what you accepted, named and rejected is learned from, as soon "
            "as it shows that more suggestions are right then than by the names alone. What was "
            "checked for a promise is not learned from unless that fails or is given up."
        )
        return f"{what} {switch}".strip()
    parts = ["Pictures that look like those you decided about are suggested likewise."]
    if evidence.gain is not None:
        gain = evidence.more_right
        right = f"{abs(gain)} of 100 {'more' if gain >= 0 else 'fewer'}"
        parts.append(
            "Tried on your own decisions, each time on pages that were left out of learning: "
            f"about {right} right than by the names alone."
        )
    return " ".join([*parts, switch])
