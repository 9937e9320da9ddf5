"""What each figure shows, with the numbers of a run: one sentence under each chart."""

import math
from collections.abc import Mapping
from typing import Final

from nameplate.domain.messages import Message
from nameplate.features.evaluation.figures.certainty import LEAST_LABELLED, Coverage, Reliability
from nameplate.features.evaluation.figures.judged import (
    LEAST_OF_A_NAME,
    AnyJudged,
    Judged,
    JudgedSets,
)
from nameplate.features.evaluation.figures.shares import (
    Interval,
    Share,
    difference_of,
)
from nameplate.features.evaluation.judging import Figures
from nameplate.pipeline.learning.guard import Evidence

WANTED_PRECISION: Final = 0.95
"""The precision for which a sentence says how much could be labelled."""

TOP: Final = (3, 5)
"""For these numbers of names it is said whether the right one is among the first."""

_FITS: Final = 0.03
"""Probabilities that are off by less, on the whole, are neither too high nor too low."""

_EVEN: Final = 0.08
"""Bins that are off by less, on average, are well calibrated."""

_EXAMPLE: Final = 60
"""The percentage in the sentence by which it is said how far percentages are off."""


def share_sentence(found: AnyJudged) -> Message:
    """Return how many images are labelled rightly, and how far that can be relied on."""
    share = found.share
    if share.value is None:
        return Message("nothing-compared")
    between = _range(share.interval)
    return Message(
        "exact" if isinstance(found, JudgedSets) else "accuracy",
        {"right": share.count, "count": share.of, "share": share.value, "range": between},
    )


def delivered_sentences(counts: Mapping[str, int]) -> list[Message]:
    """Return by whom the images are labelled; nothing where a person decided none."""
    if not counts.get("checked"):
        return []
    if counts["checked"] == counts["images"]:
        return [Message("delivered-checked", {"count": counts["images"]})]
    parts = (
        Message("delivered-by-you", {"count": counts["checked"]}),
        Message("delivered-skipped", {"count": counts["skipped"]}),
        Message("delivered-automatic", {"count": counts["automatic"]}),
        Message("delivered-suggested", {"count": counts["suggested"]}),
        Message("delivered-unreadable", {"count": counts["unreadable"]}),
        Message("delivered-waiting", {"count": counts["waiting"]}),
    )
    said = tuple(part for part in parts if part.parameters["count"])
    return [Message("delivered", {"count": counts["images"], "parts": said})]


def balanced_sentence(found: Judged) -> Message:
    """Return the accuracy if each name counted alike."""
    if not any(one.images for one in found.per_concept()):
        return Message("nothing-compared")
    if found.balanced is None:
        count = found.missing_for_balance
        return Message("balanced-not-enough", {"count": count, "least": LEAST_OF_A_NAME})
    share, interval = found.balanced
    return Message("balanced", {"share": share, "range": _range(interval)})


def among_first_sentences(found: Judged) -> list[Message]:
    """Return how often the right name is among the first few; nothing where all names are."""
    shares = {k: found.among_first(k) for k in TOP if k < len(found.names) - 1}
    return [
        Message("among-first", {"k": k, "share": share.value, "range": _range(share.interval)})
        for k, share in shares.items()
        if share.value is not None
    ]


def names_sentence(found: AnyJudged) -> Message:
    """Return which name is found best and worst."""
    known = [(one.found.value, one.name) for one in found.per_concept()]
    enough = [(value, name) for value, name in known if value is not None]
    if len(enough) < 2:
        return Message("names-not-enough", {"least": LEAST_OF_A_NAME})
    (low, worst), (high, best) = min(enough), max(enough)
    if low == high:
        return Message("names-alike", {"low": low})
    return Message("names-found", {"best": best, "high": high, "worst": worst, "low": low})


def confusion_sentence(found: Judged) -> Message:
    """Return the most frequent mistake."""
    confusions = found.confusions
    if not confusions:
        return Message("no-mistake") if len(found) else Message("nothing-compared")
    truth, label, count = confusions[0]
    true_name, name = found.names[truth], found.names[label]
    if not true_name:
        return Message("most-given-to-none", {"count": count, "label": name})
    if not name:
        return Message("most-without-label", {"count": count, "truth": true_name})
    return Message("most-confused", {"count": count, "truth": true_name, "label": name})


def reliability_sentence(found: Reliability) -> Message:
    """Return whether percentages are what they say."""
    error, too_sure, right, mean = found.error, found.too_sure, found.right.value, found.mean
    if error is None or too_sure is None or right is None or mean is None:
        return Message("calibration-not-enough", {"count": found.right.missing})
    if abs(too_sure) >= _FITS:
        return Message(
            "too-sure" if too_sure > 0 else "too-modest",
            {"mean": mean, "right": right, "points": 100 * abs(too_sure)},
        )
    return Message(
        "well-calibrated" if error < _EVEN else "unevenly-calibrated",
        {
            "mean": mean,
            "right": right,
            "error": 100 * error,
            "low": max(0.0, _EXAMPLE - 100 * error),
            "high": min(100.0, _EXAMPLE + 100 * error),
        },
    )


def coverage_sentence(found: Coverage) -> Message:
    """Return how much could be labelled at `WANTED_PRECISION`."""
    if not len(found.labelled):
        return Message("nothing-compared")
    place = found.widest(WANTED_PRECISION)
    if place is None:
        return Message("coverage-none", {"wanted": WANTED_PRECISION, "least": LEAST_LABELLED})
    precision = found.precision(place)
    share, between = precision.value or 0.0, _range(precision.interval)
    if precision.of == found.images:
        return Message(
            "coverage-all", {"wanted": WANTED_PRECISION, "share": share, "range": between}
        )
    threshold = math.floor(1000 * float(found.thresholds[place])) / 1000  # never above what it is
    return Message(
        "coverage",
        {"threshold": threshold, "labelled": found.share(place), "share": share, "range": between},
    )


def sets_sentence(found: JudgedSets) -> Message:
    """Return how right labels are one by one, however they come together."""
    given, wanted = found.given, found.found
    if given.value is None or wanted.value is None:
        return Message("nothing-given")
    return Message(
        "labels-given",
        {"given": given.of, "precision": given.value, "wanted": wanted.of, "recall": wanted.value},
    )


def order_sentence(found: JudgedSets) -> Message:
    """Return how well the percentages sort the images, name by name."""
    mean = found.mean_average_precision
    if mean is not None:
        return Message("mean-average-precision", {"mean": mean})
    if not found.truth.any():
        return Message("nothing-compared")
    count = found.missing_for_mean
    return Message("average-precision-not-enough", {"count": count, "least": LEAST_OF_A_NAME})


def sets_reliability_sentence(found: JudgedSets) -> Message:
    """Return whether percentages of names, each by itself, are what they say."""
    missing = math.ceil(found.reliability.right.missing / max(1, len(found.names)))
    if missing:
        return Message("calibration-not-enough", {"count": missing})
    return reliability_sentence(found.reliability)


def mistakes_sentence(found: JudgedSets) -> Message:
    """Return which name most mistakes are about."""
    mistakes = found.mistakes()
    if not mistakes:
        return Message("no-mistake") if len(found) else Message("nothing-compared")
    column, missed, wrong = mistakes[0]
    return Message("most-mistaken", {"name": found.names[column], "missed": missed, "wrong": wrong})


def learned_sentences(evidence: Evidence | None, unseen: int) -> list[Message]:
    """Return what is judged where something may have been learned; nothing for names alone.

    `unseen` is how many of the compared images were learned from.
    """
    found = [Message("judged-unseen", {"count": unseen})] if unseen else []
    if evidence is None:
        return found
    if not evidence.is_used:
        missing = Message("decisions-missing", {"count": evidence.missing})
        why = missing if evidence.missing else evidence.why or Message("nothing-learned-yet")
        return [Message("judged-by-names", {"why": why})]
    return [Message("judged-learned", {"count": evidence.decisions}), *found]


def gain_sentences(found: Figures) -> list[Message]:
    """Return how many more are right than by the names alone; nothing where nothing was learned.

    What learning is worth has one estimate where decisions are all that is known, the same
    everywhere; what was counted stands beside it.
    """
    if found.names_only is None:
        return []
    alone, evidence = found.names_only.share, found.evidence
    if found.is_by_decisions and evidence and evidence.is_used:
        gain = evidence.more_right
        return [Message("learned-gain", {"gain": gain, "count": alone.of, "right": alone.count})]
    return [Message("names-alone", {"count": alone.of, "right": alone.count})]


def copies_sentences(copies: int) -> list[Message]:
    """Return that copies count with the image that they are copies of; nothing for none."""
    return [Message("copies-count-once", {"count": copies})] if copies else []


def drop_sentence(name: str, share: Share, first_name: str, first: Share) -> Message:
    """Return how right a folder is beside the first one."""
    difference = difference_of(share, first)
    if difference is None:
        return Message("folder-not-enough", {"name": name, "first": first_name})
    value, interval = difference
    between, points = _points(interval), 100 * abs(value)
    if interval.low <= 0 <= interval.high:
        return Message("folder-alike", {"name": name, "first": first_name, "range": between})
    return Message(
        "folder-worse" if value < 0 else "folder-better",
        {"name": name, "first": first_name, "points": points, "range": between},
    )


def _range(interval: Interval | None) -> Message:
    low, high = interval or Interval(0.0, 1.0)
    return Message("between-shares", {"low": low, "high": high})


def _points(interval: Interval) -> Message:
    """Return the range of a difference, of 100 pictures."""
    low, high = (_more(100 * bound) for bound in (interval.low, interval.high))
    return Message("between-points", {"low": low, "high": high})


def _more(count: float) -> Message:
    if count < 0:
        return Message("fewer-right", {"count": -count})
    return Message("more-right", {"count": count})
