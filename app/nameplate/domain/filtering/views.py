"""Views (a filter and a sort order) as values, and their application to the rows of images."""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.filtering.cells import Cells, cells_of, stacks_shown
from nameplate.domain.filtering.columns import (
    Columns,
    columns_read,
    numbers_found,
    sizes_of,
    suggested_as,
)
from nameplate.domain.filtering.filters import EVERYTHING, Filter, Term
from nameplate.domain.labels import NO_LABEL
from nameplate.domain.messages import Message


class Sort(Enum):
    """The sort key; the value is its title."""

    ADDED = Message("sort-as-added")
    NAME = Message("sort-file-name")
    FOLDER = Message("sort-folder")
    DATE = Message("sort-date")
    SIZE = Message("sort-size")
    PROBABILITY = Message("sort-probability")
    MARGIN = Message("sort-margin")
    CONCEPT = Message("sort-by-name")
    LIKENESS = Message("sort-likeness")
    """By the `Like` terms of the filter; no order without one."""


_LAST: Final = np.uint32(0xFFFFFFFF)

LONGEST_VIEW_NAME: Final = 100
"""Characters of the name of a saved view."""

MOST_VIEWS: Final = 200
"""Saved views of a project."""


@dataclass(frozen=True, slots=True)
class View:
    """The selection and order of the shown images.

    Attributes:
        sort: A sort key, or the key of a finding of a feature, such as `taken`.
        is_falling: Whether the largest comes first.
        is_stacked: Whether each stack is shown as one cell.
    """

    sort: Sort | str = Sort.ADDED
    is_falling: bool = False
    filter: Filter = EVERYTHING
    is_stacked: bool = False

    @property
    def is_default(self) -> bool:
        """Whether it shows all images in the order they were added."""
        return self == View()

    @property
    def findings(self) -> frozenset[str]:
        """The keys of the findings that it needs."""
        sort = frozenset((self.sort,) if isinstance(self.sort, str) else ())
        return self.filter.findings | sort

    def with_filter(self, of: Filter, before: "View | None" = None) -> "View":
        """Return this view with another filter.

        A filter with a new `Like` term sorts by similarity; after the last one is removed, the
        order is that of `before`, or as added.
        """
        view = replace(self, filter=of)
        if set(of.similarity) - set(self.filter.similarity):
            return replace(view, sort=Sort.LIKENESS, is_falling=True)
        if view.sort is Sort.LIKENESS and not of.similarity:
            before = before or View()
            return replace(view, sort=before.sort, is_falling=before.is_falling)
        return view


@dataclass(frozen=True, slots=True)
class SavedView:
    """A view that a person gave a name."""

    name: str
    view: View


@dataclass(frozen=True, slots=True)
class Place:
    """The current image and view of a project.

    Attributes:
        image: Id of the current image; 0 for none.
    """

    image: int = 0
    view: View = View()


def view_needs_paths(view: View) -> bool:
    """Return whether `arrange` reads paths for this view."""
    return "paths" in _columns_read(view)


def snapshot_of(view: View, columns: Columns) -> Columns:
    """Return a copy of the columns that `arrange` reads for a view, for another thread."""
    return columns.copied(_columns_read(view))


def _columns_read(view: View) -> frozenset[str]:
    def read(columns: Columns) -> None:
        order = order_of(view, columns)
        if view.is_stacked:
            stacks_shown(order, columns)

    return columns_read(read) | {"ids"}


def order_of(view: View, columns: Columns) -> NDArray[np.int64]:
    """Return the rows that `view` shows, stably sorted, without removed ones.

    Images whose sort key is unknown come last, rising or falling.
    """
    rows = np.flatnonzero(view.filter.shown(columns))
    if view.sort is Sort.ADDED:
        return rows[::-1] if view.is_falling else rows
    if view.sort is Sort.CONCEPT:
        return rows[_by_concept(columns, rows, is_falling=view.is_falling)]
    if isinstance(view.sort, str):
        numbers = numbers_found(columns, view.sort)
        return rows[_by_whole_numbers(numbers[rows], is_falling=view.is_falling)]
    if view.sort in (Sort.DATE, Sort.SIZE):
        numbers = columns.changed_at if view.sort is Sort.DATE else sizes_of(columns)
        return rows[_by_whole_numbers(numbers[rows], is_falling=view.is_falling)]
    keys = _keys(view.sort, columns, rows)
    if view.sort is Sort.FOLDER:  # within a folder by name
        by_name = _sorted_by(columns.paths.name_ranks[rows])
        return rows[_sorted_by(_directed(keys, is_falling=view.is_falling), by_name)]
    return rows[_sorted_by(_directed(keys, is_falling=view.is_falling))]


@dataclass(frozen=True, slots=True)
class Arranged:
    """The result of applying a view.

    Attributes:
        order: int64 rows.
        hiding: If nothing is shown, the terms that match no image on their own.
        cells: The cells if each stack is shown as one; None if not, or if stacks are unknown yet.
    """

    view: View
    order: NDArray[np.int64]
    hiding: tuple[Term, ...] = ()
    cells: Cells | None = None


def arrange(view: View, columns: Columns) -> Arranged:
    """Apply a view; if it shows nothing, find the terms that hide all images."""
    order, cells = order_of(view, columns), None
    if view.is_stacked and len(columns.stacks):
        cells = cells_of(order, stacks_shown(order, columns), columns.opened)
    hiding = () if len(order) else view.filter.hiding(columns)
    return Arranged(view, order, hiding, cells)


def _keys(sort: Sort, columns: Columns, rows: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Return the sort key of each row; `_LAST` where it is unknown."""
    match sort:
        case Sort.NAME:
            return columns.paths.name_ranks[rows]
        case Sort.FOLDER:
            return columns.paths.folder_ranks[rows]
        case Sort.MARGIN:
            return _bits(columns.margin[rows])
        case Sort.LIKENESS:
            similarity = np.full(len(columns), np.nan, np.float32)  # NaN where unknown
            similarity[: len(columns.similarity)] = columns.similarity[: len(columns)]
            return _bits(similarity[rows])
        case _:
            return _bits(columns.probability[rows])


def _bits(numbers: NDArray[np.float32]) -> NDArray[np.uint32]:
    """Return integers with the order of numbers of either sign; `_LAST` for NaN."""
    bits = (numbers + np.float32(0)).view(np.uint32)  # turns -0.0 into 0.0
    flipped = np.where(bits >> np.uint32(31), ~bits, bits | np.uint32(1 << 31))
    return np.where(np.isnan(numbers), _LAST, flipped)


def _by_whole_numbers(numbers: NDArray[np.int64], *, is_falling: bool) -> NDArray[np.int64]:
    """Return the sort order of numbers; negative ones, which mean unknown, come last."""
    keys = np.where(numbers >= 0, -numbers if is_falling else numbers, np.iinfo(np.int64).max)
    return np.argsort(keys, kind="stable")


def _directed(keys: NDArray[np.uint32], *, is_falling: bool) -> NDArray[np.uint32]:
    """Return sort keys for rising or falling order; unknown ones stay last."""
    return np.where(keys == _LAST, _LAST, (_LAST - np.uint32(1)) - keys) if is_falling else keys


def _by_concept(
    columns: Columns, rows: NDArray[np.int64], *, is_falling: bool
) -> NDArray[np.int64]:
    """Return the order by concept, then by falling probability."""
    codes = columns.codes[rows]
    first = columns.sets.first_concepts()[codes]
    shown_as = np.where(codes != NO_LABEL, first, suggested_as(columns)[rows])
    keys = _directed(shown_as.view(np.uint32), is_falling=is_falling)  # NO_CONCEPT is the highest
    surest = _sorted_by(_directed(_bits(columns.probability[rows]), is_falling=True))
    return _sorted_by(keys, surest)


def _sorted_by(
    keys: NDArray[np.uint32], order: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """Return the stable sort order of `keys`, with ties as in `order`.

    It sorts by 16-bit halves, for which numpy uses radix sort: a million keys take a third of the
    time of a comparison sort.
    """
    low, high = keys.astype(np.uint16), (keys >> np.uint32(16)).astype(np.uint16)
    if order is None:
        order = np.argsort(low, kind="stable")
    else:
        order = order[np.argsort(low[order], kind="stable")]
    return order[np.argsort(high[order], kind="stable")]
