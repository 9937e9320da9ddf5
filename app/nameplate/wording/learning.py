"""The texts about learning from a person's labels."""

from typing import Final

from nameplate.domain.text import deferred
from nameplate.pipeline.learning.guard import Evidence
from nameplate.wording.texts import sentence, sentences, tr

_LEAST_CHECKED: Final = 40
"""Before so many were checked nothing is said of how right a probability is."""


def what_is_learned(
    evidence: Evidence | None, *, learns: bool, is_in_force: bool | None = None
) -> str:
    """Describe the learned classifier and its gain; empty where none is in use.

    Args:
        evidence: What is known; None where there is no decision.
        learns: Whether it is to be learned from decisions.
        is_in_force: Whether what was learned is in use; by default as the evidence says.

    >>> what_is_learned(Evidence(46, is_used=True, gain=0.26), learns=True)
    'It has learned from you: about 3 in 10 more are right'
    >>> what_is_learned(Evidence(46, True, 0.26, interval=(-0.01, 0.4)), learns=True)
    'It has learned from you'
    >>> what_is_learned(Evidence(8, missing=12), learns=True)
    ''
    """
    if not learns:
        return tr("Learning is off")
    is_used = evidence is not None and evidence.is_used and is_in_force is not False
    if evidence is None or not (is_used or _is_taught(evidence)):
        return ""
    taught = tr("Taught in “{name:.30}”", name=evidence.taught_in) if _is_taught(evidence) else ""
    if not (taught and is_used):
        return taught or _learned(evidence)
    return sentences(sentence(taught), _learned(evidence))


def how_right_above(evidence: Evidence | None, percentage: int) -> str:
    """Return how right suggestions are from a probability on, of those that were checked.

    >>> how_right_above(None, 90)
    'Percentages can be too high until you have checked 40 pictures.'
    """
    found = evidence.checked if evidence else None
    if found is None or found.images[0] < _LEAST_CHECKED:
        return tr(
            "Percentages can be too high until you have checked {count} pictures.",
            count=_LEAST_CHECKED,
        )
    count, right = found.images[percentage], found.right[percentage]
    if not count:
        return tr("You checked none above {percent}%.", percent=percentage)
    if not percentage:
        return tr(
            "{right:,} of {count:,} suggestions that you checked are right.",
            right=right,
            count=count,
        )
    return tr(
        "Above {percent}%: {right:,} of {count:,} that you checked are right.",
        percent=percentage,
        right=right,
        count=count,
    )


def _learned(evidence: Evidence) -> str:
    """Describe the gain for the window, unless it may be chance."""
    more = round(10 * (evidence.gain or 0))
    if more < 1 or not _is_sure(evidence):
        return tr("It has learned from you")
    return tr("It has learned from you: about {count} in 10 more are right", count=more)


def _is_taught(evidence: Evidence) -> bool:
    """Whether something is in use that was taught elsewhere."""
    return bool(evidence.taught_in) and evidence.is_taught_used


def _is_sure(evidence: Evidence) -> bool:
    return evidence.interval is None or evidence.interval[0] > 0  # else it may be chance


def _tested(evidence: Evidence) -> str:
    """Describe the result of the test with hidden labels."""
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
    """Say whether the imported classifier is in use, and why; empty without one."""
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
