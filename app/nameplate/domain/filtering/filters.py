"""Filters that say which images are shown, as values that can be compared and saved."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePath
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.concepts import ConceptId
from nameplate.domain.labels import DecidedBy


class State(Enum):
    """What can be true of an image; the value is its word in a typed filter."""

    UNDECIDED = "undecided"
    """No person decided about it, and it can be read."""
    UNLABELLED = "unlabelled"
    """Without a label, and not skipped."""
    TO_CHECK = "to-check"
    """Labelled, and not checked by a person."""
    CHECKED = "checked"
    """A person decided about it; skipping decides, too."""
    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    SKIPPED = "skipped"
    UNREADABLE = "unreadable"
    PROBLEM = "problem"
    """It cannot be read, or something about its file is odd."""
    CHANGED = "changed"
    """The file is another than a person decided about."""
    UNREAD = "unread"
    """It waits to be read."""
    COPY = "copy"
    """Another image of the project has the same content."""


class Quantity(Enum):
    """A number that every image has or may have; the value is its word in a typed filter."""

    PROBABILITY = "p"
    MARGIN = "margin"
    SIZE = "size"
    """Of the file, in bytes."""


class Oddity(Enum):
    """Why an image deserves another look; the value is its word in a typed filter."""

    MISTAKE = "mistake"
    """A person's decision that the rest speaks against."""
    MISFIT = "misfit"
    """It is undecided, and fits no name."""
    DUPLICATE = "duplicate"
    """It is nearly the same picture as another one that has another label."""


@dataclass(frozen=True, slots=True)
class HasConcept:
    """Matches images labelled with a concept, or unlabelled ones it is suggested for."""

    concept: ConceptId


@dataclass(frozen=True, slots=True)
class InState:
    """Matches images in a state."""

    state: State


@dataclass(frozen=True, slots=True)
class LooksOdd:
    """Found to deserve another look for this reason, when that was looked for last."""

    oddity: Oddity


@dataclass(frozen=True, slots=True)
class DecidedIs:
    """Matches images whose label was decided by someone."""

    who: DecidedBy


@dataclass(frozen=True, slots=True)
class NumberWithin:
    """Matches images whose number is within bounds; not those whose number is unknown.

    Attributes:
        quantity: Which number.
        least: The lower bound; None for none. One bound at least is there.
        most: The upper bound; None for none.
        is_strict: Whether the bound itself is left out; only where there is one bound.
    """

    quantity: Quantity
    least: float | None = None
    most: float | None = None
    is_strict: bool = False

    def __post_init__(self) -> None:
        bounds = (self.least is not None) + (self.most is not None)
        if not bounds or (self.is_strict and bounds > 1):
            raise ValueError("no bounds")


@dataclass(frozen=True, slots=True)
class DatedWithin:
    """Matches files last changed between two days, both included."""

    first: dt.date | None = None
    last: dt.date | None = None

    def __post_init__(self) -> None:
        if self.first is None and self.last is None:
            raise ValueError("no days")


@dataclass(frozen=True, slots=True)
class PathHas:
    """Matches paths, from the common folder on, that contain a text, ignoring case."""

    text: str


@dataclass(frozen=True, slots=True)
class InFolder:
    """Matches images in a folder or below it.

    Attributes:
        folder: `/`-separated: whole, or from the folder of all images on, or what it ends with.
    """

    folder: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """Matches the images with these ids.

    Attributes:
        runs: The first and the last id of each run of ids, ascending.
    """

    runs: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, ids: NDArray[np.int64]) -> "OneOf":
        """Return the condition for `ids`, in any order."""
        found = np.unique(ids)
        if not len(found):
            return cls(())
        ends = np.flatnonzero(np.diff(found) > 1)
        firsts = found[np.concatenate([[0], ends + 1])].tolist()
        lasts = found[np.concatenate([ends, [len(found) - 1]])].tolist()
        return cls(tuple(zip(firsts, lasts, strict=True)))

    @property
    def count(self) -> int:
        """The number of images."""
        return sum(last - first + 1 for first, last in self.runs)

    def has(self, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return whether each of `ids` is among them."""
        firsts = np.array([first for first, _ in self.runs], dtype=np.int64)
        lasts = np.array([last for _, last in self.runs], dtype=np.int64)
        runs = np.searchsorted(firsts, ids, side="right") - 1
        found = runs >= 0
        found[found] = ids[found] <= lasts[runs[found]]
        return found


@dataclass(frozen=True, slots=True)
class Like:
    """Matches all images, and says in which order they are: those first that are most like this.

    Its opposite is to be less like this.

    Attributes:
        what: A sentence that is neither blank nor longer than `LONGEST_TEXT`, at most `MOST_LIKE`
            images, or the whole path of a picture, which need not be an image of the project.
    """

    what: str | OneOf | PurePath


LONGEST_TEXT: Final = 500
"""Characters of a sentence; no model reads as many."""

MOST_LIKE: Final = 1000
"""Images that others are to be like, in one condition."""

Condition = (
    HasConcept
    | InState
    | LooksOdd
    | DecidedIs
    | NumberWithin
    | DatedWithin
    | PathHas
    | InFolder
    | OneOf
    | Like
)


@dataclass(frozen=True, slots=True)
class Term:
    """A condition, or its opposite."""

    condition: Condition
    is_not: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """Shows the images for which all terms hold; without any, all images."""

    terms: tuple[Term, ...] = ()

    @classmethod
    def of(cls, *conditions: Condition) -> "Filter":
        """Return the filter by `conditions`."""
        return cls(tuple(map(Term, conditions)))

    @property
    def asks_what_is_odd(self) -> bool:
        """Whether it takes knowing which images deserve another look."""
        return any(isinstance(term.condition, LooksOdd) for term in self.terms)

    @property
    def likeness(self) -> tuple[Term, ...]:
        """The terms that say what the images are to be like, or less like."""
        return tuple(term for term in self.terms if isinstance(term.condition, Like))

    def without(self, term: Term) -> "Filter":
        """Return this filter without a term."""
        return Filter(tuple(one for one in self.terms if one != term))

    def of_known(self, concepts: Iterable[ConceptId]) -> "Filter":
        """Return this filter without terms about concepts that no longer exist."""
        known = set(concepts)
        return Filter(
            tuple(
                term
                for term in self.terms
                if not isinstance(term.condition, HasConcept) or term.condition.concept in known
            )
        )


EVERYTHING: Final = Filter()
"""The filter that shows all images."""
