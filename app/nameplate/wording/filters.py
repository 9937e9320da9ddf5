"""Describes conditions and orders of the pictures in words."""

import datetime as dt
from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

from nameplate.domain.concepts import Concept
from nameplate.domain.filtering.filters import (
    Condition,
    DatedWithin,
    DecidedIs,
    HasConcept,
    InFolder,
    InState,
    Like,
    LooksOdd,
    NumberWithin,
    Oddity,
    OneOf,
    PathHas,
    Quantity,
    State,
    Term,
)
from nameplate.domain.filtering.views import Sort
from nameplate.domain.labels import DecidedBy
from nameplate.system.failures import printable
from nameplate.wording.numbers import counted, format_bytes

_LONGEST: Final = 32

STATES: Final = {
    State.UNDECIDED: "Undecided",
    State.UNLABELLED: "Without a label",
    State.TO_CHECK: "Labelled, not checked",
    State.CHECKED: "Checked by a person",
    State.ACCEPTED: "Accepted",
    State.CORRECTED: "Corrected",
    State.SKIPPED: "Skipped",
    State.UNREADABLE: "Unreadable",
    State.PROBLEM: "With a problem",
    State.CHANGED: "Changed since decided",
    State.UNREAD: "Not read yet",
    State.COPY: "With an exact copy",
}
ODDITIES: Final = {
    Oddity.MISTAKE: "Decided, perhaps wrongly",
    Oddity.MISFIT: "Fits the names least",
    Oddity.DUPLICATE: "Nearly a copy, labelled differently",
}
DECIDERS: Final = {
    DecidedBy.NOBODY: "Decided by nobody",
    DecidedBy.AUTO: "Labelled automatically",
    DecidedBy.PERSON: "Decided by a person",
    DecidedBy.PROBE: "Labelled from your decisions",
}
DIRECTIONS: Final = {
    Sort.ADDED: ("First added first", "Last added first"),
    Sort.NAME: ("A to Z", "Z to A"),
    Sort.FOLDER: ("A to Z", "Z to A"),
    Sort.DATE: ("Oldest first", "Newest first"),
    Sort.SIZE: ("Smallest first", "Largest first"),
    Sort.PROBABILITY: ("Least sure first", "Surest first"),
    Sort.MARGIN: ("Closest to the next name first", "Farthest from the next name first"),
    Sort.CONCEPT: ("First name first", "Last name first"),
    Sort.LIKENESS: ("Least like it first", "Most like it first"),
}
"""What comes first, rising and falling."""

_NUMBERS: Final = {
    Quantity.PROBABILITY: "Probability",
    Quantity.MARGIN: "Margin",
    Quantity.SIZE: "Size",
}


def term_text(term: Term, concepts: Sequence[Concept]) -> str:
    """Return a term of a filter in a few words."""
    text = condition_text(term.condition, concepts)
    if isinstance(term.condition, Like):
        return text.replace("Like", "Less like", 1) if term.is_not else text
    return f"Not: {text}" if term.is_not else text


def condition_text(  # noqa: C901, PLR0911 - a case each
    condition: Condition, concepts: Sequence[Concept]
) -> str:
    """Return a condition in a few words."""
    match condition:
        case HasConcept():
            names = (one.name for one in concepts if one.key == condition.concept)
            return f"Name: {_short(next(names, 'one that was deleted'))}"
        case InState():
            return STATES[condition.state]
        case LooksOdd():
            return ODDITIES[condition.oddity]
        case DecidedIs():
            return DECIDERS[condition.who]
        case NumberWithin():
            return _number_text(condition)
        case DatedWithin():
            return f"Date: {_days_text(condition.first, condition.last)}"
        case PathHas():
            return f"Path: “{_short(condition.text)}”"
        case InFolder():
            return f"Folder: {_short_end(condition.folder)}"
        case OneOf():
            return f"{counted(condition.count, 'chosen picture')}"
        case Like():
            return f"Like {_likeness_text(condition.what)}"


def _likeness_text(what: str | OneOf | PurePath) -> str:
    match what:
        case str():
            return f"“{_short(what)}”"
        case OneOf():
            return counted(what.count, "picture")
        case PurePath():
            return f"the file “{_short(printable(what.name))}”"


def _number_text(condition: NumberWithin) -> str:
    name = _NUMBERS[condition.quantity]
    least, most = (
        None if bound is None else _amount(condition.quantity, bound)
        for bound in (condition.least, condition.most)
    )
    if least and most:
        return f"{name} {least} to {most}" if least != most else f"{name} {least}"
    if condition.is_strict:
        return f"{name} above {least}" if least else f"{name} below {most}"
    return f"{name} {least} or more" if least else f"{name} {most} or less"


def _amount(quantity: Quantity, bound: float) -> str:
    return format_bytes(bound) if quantity is Quantity.SIZE else f"{100 * bound:.4g}%"


def _days_text(first: dt.date | None, last: dt.date | None) -> str:
    begin, end = (f"{day.day} {day:%b} {day.year}" if day else "" for day in (first, last))
    if not end:
        return f"from {begin}"
    if not begin:
        return f"until {end}"
    return begin if first == last else f"{begin} to {end}"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _short_end(text: str) -> str:
    return text if len(text) <= _LONGEST else f"…{text[1 - _LONGEST :]}"
