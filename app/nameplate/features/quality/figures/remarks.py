"""Sentences and small tables of an evaluation that window, web page and command line share."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from nameplate.domain.messages import Message
from nameplate.features.quality.figures.judging import Figures, Judged
from nameplate.features.quality.records import NameFigures, Records
from nameplate.features.quality.shares import Share
from nameplate.wording.texts import sentence, sentences, tr, what_of

_MINIMUMS: Final = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


def weakest_first(records: Records) -> list[NameFigures]:
    """Return the figures of the names that occur, the lowest recall first.

    Names of too few images for a share come last.
    """
    used = [one for one in records.by_name if one.images or one.labelled]

    def order(one: NameFigures) -> tuple[bool, float]:
        return one.found.value is None, one.right / one.images if one.images else 2.0

    return sorted(used, key=order)


def thresholds(judged: Judged) -> list[tuple[float, Share, Share]]:
    """Return for some minimums the share of images labelled, and of these labels the right ones.

    Empty where an image may have several labels.
    """
    found, rows = judged.coverage, list[tuple[float, Share, Share]]()
    if found is None:
        return rows
    for least in _MINIMUMS:
        place = int(np.count_nonzero(found.thresholds >= least)) - 1
        if place >= 0:
            given = Share(int(found.labelled[place]), found.images)
            rows.append((least, given, found.precision(place)))
    return rows


def share_sentence(judged: Judged) -> Message:
    """Return the share of right labels with its range."""
    share = judged.records.share
    if share.value is None or share.interval is None:
        return Message("nothing-compared")
    low, high = share.interval
    between = Message("between-shares", {"low": low, "high": high})
    return Message(
        "exact" if judged.is_several else "accuracy",
        {"right": share.count, "count": share.of, "share": share.value, "range": between},
    )


def delivered_sentence(counts: Mapping[str, int]) -> Message:
    """Return how many images have a label from which source."""
    if counts["checked"] == counts["images"] and not counts["skipped"]:
        return Message("delivered-checked", {"count": counts["images"]})
    parts = (
        Message("delivered-by-you", {"count": counts["checked"]}),
        Message("delivered-skipped", {"count": counts["skipped"]}),
        Message("delivered-given", {"count": counts["given"]}),
        Message("delivered-automatic", {"count": counts["automatic"]}),
        Message("delivered-suggested", {"count": counts["suggested"]}),
        Message("delivered-unreadable", {"count": counts["unreadable"]}),
        Message("delivered-waiting", {"count": counts["waiting"]}),
    )
    said = tuple(part for part in parts if part.parameters["count"])
    return Message("delivered", {"count": counts["images"], "parts": said})


def remarks(found: Figures) -> list[Message]:
    """Return the limits of the figures, and the evidence for learning."""
    said = [Message("decisions-not-random")] if found.is_by_decisions else []
    said += [Message("copies-count-once", {"count": found.copies})] if found.copies else []
    evidence, unseen = found.evidence, len(found.unseen)
    if evidence is not None and not evidence.is_used:
        missing = Message("decisions-missing", {"count": evidence.missing})
        why = missing if evidence.missing else evidence.why or Message("nothing-learned-yet")
        return [*said, Message("judged-by-names", {"why": why})]
    said += [Message("judged-learned", {"count": evidence.decisions})] if evidence else []
    said += [Message("judged-unseen", {"count": unseen})] if unseen else []
    if evidence is not None and found.names_only is not None:
        right, count = int(np.count_nonzero(found.names_only)), len(found.names_only)
        # What learning is worth has one estimate where decisions are all that is known.
        said.append(
            Message("learned-gain", {"gain": evidence.more_right, "count": count, "right": right})
            if found.is_by_decisions
            else Message("names-alone", {"count": count, "right": right})
        )
    return said


def counted_names(found: Figures) -> list[str]:
    """Return the true names that are none of the concepts, with the number of their images."""
    return [
        tr("{text} ({count:,})", text=name, count=count)
        for name, count in found.known.unknown.items()
    ]


def sources(found: Figures) -> str:
    """Return how many labels have which source, and how many copies count as one."""
    messages = [delivered_sentence(found.delivered)]
    messages += [Message("copies-count-once", {"count": found.copies})] if found.copies else []
    return sentences(*(sentence(what_of(message)) for message in messages))
