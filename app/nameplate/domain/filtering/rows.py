"""Which images a filter shows: pure functions over the columns of a collection."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.contents import same_contents
from nameplate.domain.filtering.filters import (
    Condition,
    DatedWithin,
    DecidedIs,
    Filter,
    HasConcept,
    InFolder,
    InState,
    LooksOdd,
    NumberWithin,
    Oddity,
    OneOf,
    PathHas,
    Quantity,
    State,
    Term,
)
from nameplate.domain.filtering.path_index import PathIndex
from nameplate.domain.images import ImageState, ImageTable
from nameplate.domain.label_sets import NO_LABEL, LabelSets
from nameplate.domain.labels import NO_CONCEPT, DecidedBy, LabelTable, ReviewState

Flags = NDArray[np.bool_]


_NOTHING_ODD: Final = np.empty(0, np.uint8)
_NO_ROWS: Final = np.empty(0, np.int64)


def odd_bit(oddity: Oddity) -> int:
    """Return the bit of a reason for another look in `Columns.odd`."""
    return 1 << list(Oddity).index(oddity)


@dataclass(frozen=True, slots=True)
class Columns:
    """The data of N images that filters read: arrays with one row per image.

    Attributes:
        ids: int64.
        is_removed: bool.
        image_states: uint8 values of `ImageState`.
        codes: int32 codes of `sets`: their labels.
        decided_by: uint8 values of `DecidedBy`.
        review_states: uint8 values of `ReviewState`.
        suggested: int32 ids of concepts, NO_CONCEPT for none.
        probability: float32 of the suggestion, NaN for none.
        margin: float32, by how much it is more probable than the next, NaN for none.
        file_sizes: int64 bytes as reading saw them, -1 where they are not known.
        changed_at: int64 milliseconds since 1970 when the file was changed, -1 likewise.
        content_sizes: int64 bytes as the contents have them, -1 likewise.
        contents: CONTENT records.
        noted: int64 rows of files with something odd about them.
        changed: int64 rows of files that are others than a person decided about.
        odd: uint8, see `odd_bit`: why the first images deserve another look, as far as is known.
        stacks: int64 numbers of the stacks of the first images, -1 for none, as far as is known.
        opened: int64 rows of images whose stacks are shown one by one.
        sets: What the codes stand for.
        paths: Of the first images at least.
    """

    ids: NDArray[np.int64]
    is_removed: Flags
    image_states: NDArray[np.uint8]
    codes: NDArray[np.int32]
    decided_by: NDArray[np.uint8]
    review_states: NDArray[np.uint8]
    suggested: NDArray[np.int32]
    probability: NDArray[np.float32]
    margin: NDArray[np.float32]
    file_sizes: NDArray[np.int64]
    changed_at: NDArray[np.int64]
    content_sizes: NDArray[np.int64]
    contents: NDArray[Any]
    noted: NDArray[np.int64]
    changed: NDArray[np.int64]
    odd: NDArray[np.uint8]
    stacks: NDArray[np.int64]
    opened: NDArray[np.int64]
    sets: LabelSets
    paths: PathIndex

    @classmethod
    def of(
        cls,
        images: ImageTable,
        labels: LabelTable,
        suggested: NDArray[np.int32],
        probability: NDArray[np.float32],
        margin: NDArray[np.float32],
        odd: NDArray[np.uint8] = _NOTHING_ODD,
    ) -> "Columns":
        """Return views of the tables' columns, without an index of the paths and without stacks."""
        return cls(
            images.ids,
            images.is_removed,
            images.states,
            labels.concepts,
            labels.decided_by,
            labels.states,
            suggested,
            probability,
            margin,
            images.files["size"],
            images.files["changed_at"],
            images.contents["size"],
            images.contents,
            np.fromiter(images.notes, np.int64, len(images.notes)),
            np.fromiter(images.changed, np.int64, len(images.changed)),
            odd,
            _NO_ROWS,
            _NO_ROWS,
            labels.sets,
            PathIndex.of(()),
        )

    def __len__(self) -> int:
        return len(self.ids)

    def copied(self, names: frozenset[str]) -> "Columns":
        """Return a copy of the columns of these names, for another thread; the others are empty."""
        arrays: dict[str, Any] = {}
        for field in fields(self):
            values = getattr(self, field.name)
            if isinstance(values, np.ndarray):
                is_needed = field.name in names
                arrays[field.name] = values.copy() if is_needed else values[:0]
        return replace(self, **arrays)

    def sizes(self) -> NDArray[np.int64]:
        """Return the sizes of the files in bytes, -1 where one is not known."""
        return np.where(self.file_sizes >= 0, self.file_sizes, self.content_sizes)


SHOWN_NAMES: Final = ("codes", "decided_by", "suggested")
"""The columns that say under which name an image is shown."""

_ALWAYS: Final = frozenset(("ids", "is_removed"))
_NEEDS: Final[Mapping[type, frozenset[str]]] = {
    HasConcept: frozenset(SHOWN_NAMES),
    InState: frozenset(
        ("image_states", "codes", "decided_by", "review_states", "noted", "changed")
    ),
    LooksOdd: frozenset(("odd",)),
    DecidedIs: frozenset(("decided_by",)),
    NumberWithin: frozenset(),
    DatedWithin: frozenset(("changed_at",)),
    PathHas: frozenset(),
    InFolder: frozenset(),
    OneOf: frozenset(),
}
NUMBERS: Final[Mapping[Quantity, frozenset[str]]] = {
    Quantity.PROBABILITY: frozenset(("probability",)),
    Quantity.MARGIN: frozenset(("margin",)),
    Quantity.SIZE: frozenset(("file_sizes", "content_sizes")),
}
"""The columns that the numbers are in."""

_OF_PATHS: Final = (PathHas, InFolder)


def needs_paths(of: Filter) -> bool:
    """Whether a filter searches paths, so that `Columns.paths` has to be complete."""
    return any(isinstance(term.condition, _OF_PATHS) for term in of.terms)


def needed_columns(of: Filter) -> frozenset[str]:
    """Return the names of the columns that `shown` reads for a filter."""
    names = set(_ALWAYS)
    for term in of.terms:
        names |= _NEEDS[type(term.condition)]
        if isinstance(term.condition, NumberWithin):
            names |= NUMBERS[term.condition.quantity]
        elif term.condition == InState(State.COPY):
            names.add("contents")
    return frozenset(names)


def shown(of: Filter, columns: Columns) -> Flags:
    """Return whether a filter shows each of N images; removed ones are never shown."""
    found = ~columns.is_removed
    for term in of.terms:
        found &= _holds(term, columns)
    return found


def hiding_terms(of: Filter, columns: Columns) -> tuple[Term, ...]:
    """Return the terms that match no image, even on their own."""
    there = ~columns.is_removed
    return tuple(term for term in of.terms if not (there & _holds(term, columns)).any())


def _holds(term: Term, columns: Columns) -> Flags:
    return _matching(term.condition, columns) ^ np.bool_(term.is_not)


def _matching(condition: Condition, columns: Columns) -> Flags:  # noqa: PLR0911 - a case each
    match condition:
        case HasConcept():
            has_it = columns.sets.flags_with(condition.concept)[columns.codes]
            return has_it | (suggested_as(columns) == condition.concept)
        case InState():
            return _STATES[condition.state](columns)
        case LooksOdd():
            rows = np.flatnonzero(columns.odd & odd_bit(condition.oddity))
            return _at(rows, len(columns))
        case DecidedIs():
            return columns.decided_by == condition.who
        case NumberWithin():
            return _within(condition, columns)
        case DatedWithin():
            return _dated(condition, columns.changed_at)
        case PathHas():
            return columns.paths.having(condition.text)
        case InFolder():
            return columns.paths.in_folder(condition.folder)
        case OneOf():
            return _one_of(condition, columns.ids)


def suggested_as(columns: Columns) -> NDArray[np.int32]:
    """Return the suggestions of images that nothing is decided about."""
    is_open = (columns.codes == NO_LABEL) & ~_checked(columns)
    return np.where(is_open, columns.suggested, np.int32(NO_CONCEPT))


def _within(condition: NumberWithin, columns: Columns) -> Flags:
    match condition.quantity:
        case Quantity.PROBABILITY:
            numbers, found = columns.probability, ~np.isnan(columns.probability)
        case Quantity.MARGIN:
            numbers, found = columns.margin, ~np.isnan(columns.margin)
        case Quantity.SIZE:
            numbers = columns.sizes()
            found = numbers >= 0
    if condition.least is not None:
        found &= numbers > condition.least if condition.is_strict else numbers >= condition.least
    if condition.most is not None:
        found &= numbers < condition.most if condition.is_strict else numbers <= condition.most
    return found


def _dated(condition: DatedWithin, changed_at: NDArray[np.int64]) -> Flags:
    found = changed_at >= 0
    if condition.first is not None:
        found &= changed_at >= _midnight(condition.first)
    if condition.last is not None and condition.last < dt.date.max:
        found &= changed_at < _midnight(condition.last + dt.timedelta(1))
    return found


def _midnight(day: dt.date) -> float:
    """Return the start of a day in local time, in milliseconds since 1970."""
    try:
        return 1000 * dt.datetime.combine(day, dt.time()).timestamp()
    except (OverflowError, OSError, ValueError):  # before what this system has a clock for
        return 1000 * 86_400 * float((day - dt.date(1970, 1, 1)).days)


def _one_of(condition: OneOf, ids: NDArray[np.int64]) -> Flags:
    firsts = np.array([first for first, _ in condition.runs], dtype=np.int64)
    lasts = np.array([last for _, last in condition.runs], dtype=np.int64)
    runs = np.searchsorted(firsts, ids, side="right") - 1
    found = runs >= 0
    found[found] = ids[found] <= lasts[runs[found]]
    return found


def _at(rows: NDArray[np.int64], count: int) -> Flags:
    flags = np.zeros(count, dtype=np.bool_)
    flags[rows[rows < count]] = True
    return flags


def _copies(columns: Columns) -> Flags:
    """Return whether each image has the same content as another present one."""
    rows = np.flatnonzero(~columns.is_removed)
    found = np.zeros(len(columns), dtype=np.bool_)
    found[rows[same_contents(columns.contents[rows])]] = True
    return found


def _review(state: ReviewState) -> Callable[[Columns], Flags]:
    return lambda columns: columns.review_states == state


def _unreadable(columns: Columns) -> Flags:
    return columns.image_states == ImageState.UNREADABLE


def _checked(columns: Columns) -> Flags:
    return columns.decided_by == DecidedBy.PERSON


def _unlabelled(columns: Columns) -> Flags:
    is_open = (columns.codes == NO_LABEL) & (columns.review_states != ReviewState.SKIPPED)
    return is_open & ~_unreadable(columns)


_STATES: Final[Mapping[State, Callable[[Columns], Flags]]] = {
    State.UNDECIDED: lambda columns: ~_checked(columns) & ~_unreadable(columns),
    State.UNLABELLED: _unlabelled,
    State.TO_CHECK: _review(ReviewState.SUGGESTED),
    State.CHECKED: _checked,
    State.ACCEPTED: _review(ReviewState.ACCEPTED),
    State.CORRECTED: _review(ReviewState.CORRECTED),
    State.SKIPPED: _review(ReviewState.SKIPPED),
    State.UNREADABLE: _unreadable,
    State.PROBLEM: lambda columns: _unreadable(columns) | _at(columns.noted, len(columns)),
    State.CHANGED: lambda columns: _at(columns.changed, len(columns)),
    State.UNREAD: lambda columns: columns.image_states == ImageState.WAITING,
    State.COPY: _copies,
}
