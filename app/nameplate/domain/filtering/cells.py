"""Cells of a view in which each stack is one cell that can be opened."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.filtering.columns import Columns, Flags, Rows
from nameplate.domain.images import ImageState
from nameplate.domain.labels import NO_CONCEPT, NO_LABEL, DecidedBy, ReviewState
from nameplate.domain.stacks import Stacks, agreeing, differing, tops

_SEVERAL: Final = 2**40
"""More than the id of any concept; marks a label with no concept or several."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a view: a closed stack is one cell, at the place of its first image.

    Attributes:
        order: n int64 rows of all images of the view, in its order.
        shown: int64 rows of the visible images, in display order: the first image of a closed
            stack, all images of an open one, side by side.
        stacks: Of the project's first images: only stacks with two or more images of the view.
        is_open: For each number of a stack, whether its images are shown one by one.
        grouped: int64 rows of the images in stacks, stack by stack, each in the view's order.
        starts: int64, the index in `grouped` of each stack, and of the end.
    """

    order: Rows
    shown: Rows
    stacks: Stacks
    is_open: Flags
    grouped: Rows
    starts: Rows

    @property
    def has_stacks(self) -> bool:
        """Whether there are any stacks, closed or open."""
        return len(self.grouped) > 0

    def first_of(self, rows: Rows) -> Rows:
        """Return the visible image for each of `rows`: itself, or the first of its closed stack."""
        numbers, found = self._closed(rows), rows.copy()
        is_in = numbers >= 0
        found[is_in] = self.grouped[self.starts[numbers[is_in]]]
        return found

    def images_of(self, rows: Rows) -> Rows:
        """Return the distinct rows of all images in the cells of `rows`, cell by cell."""
        if not self.has_stacks:
            return rows
        numbers = self._closed(rows)
        counts = np.where(numbers >= 0, self.starts[numbers + 1] - self.starts[numbers], 1)
        ends = np.cumsum(counts)
        inside = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - counts, counts)
        numbers = np.repeat(numbers, counts)
        found, is_in = np.repeat(rows, counts), numbers >= 0
        found[is_in] = self.grouped[self.starts[numbers[is_in]] + inside[is_in]]
        return found

    def count(self, row: int) -> int:
        """Return the number of images in the cell of `row`."""
        number = self._number(row)
        is_closed = number >= 0 and not self.is_open[number]
        return len(self.members_of(number)) if is_closed else 1

    def are_closed(self, rows: Rows) -> Flags:
        """Return whether each of `rows` is in a closed stack."""
        return self._closed(rows) >= 0

    def members_of(self, number: int) -> Rows:
        """Return the images of a stack, in the order of the view."""
        return self.grouped[self.starts[number] : self.starts[number + 1]]

    def place_in_open(self, row: int) -> tuple[int, int]:
        """Return the place of an image in its open stack, and the stack's size; (0, 1) if none."""
        number = self._number(row)
        if number < 0 or not self.is_open[number]:
            return 0, 1
        inside = self.members_of(number)
        return int(np.flatnonzero(inside == row)[0]), len(inside)

    def _number(self, row: int) -> int:
        return int(self.stacks.numbers[row]) if 0 <= row < len(self.stacks) else -1

    def _closed(self, rows: Rows) -> Rows:
        """Return the numbers of the closed stacks of `rows`, -1 for none."""
        numbers = self.stacks.of(rows)
        is_open = np.append(self.is_open, False)  # the last is for -1, no stack
        return np.where(is_open[numbers], -1, numbers)


def cells_of(order: Rows, stacks: Stacks, opened: Rows) -> Cells:
    """Return the cells of an order.

    Args:
        order: The rows of a view.
        stacks: The stacks of these rows, see `stacks_shown`.
        opened: Rows of images whose stacks are open.
    """
    of_order, is_open = stacks.of(order), stacks.having(opened)
    is_top, among = tops(stacks, order), np.flatnonzero(of_order >= 0)
    numbers = of_order[among]
    by_stack = among[np.argsort(numbers, kind="stable")]
    starts = np.zeros(stacks.count + 1, np.int64)
    np.cumsum(np.bincount(numbers, minlength=stacks.count), out=starts[1:])
    shown = order[is_top]
    if is_open.any():
        place = np.arange(len(order))
        place[among] = by_stack[starts[numbers]]  # the place of the stack's first image
        is_seen = is_top.copy()
        is_seen[among] |= is_open[numbers]
        shown = order[is_seen][np.argsort(place[is_seen], kind="stable")]
    return Cells(order, shown, stacks, is_open, order[by_stack], starts)


def stacks_shown(order: Rows, columns: Columns) -> Stacks:
    """Return the stacks of images that can share one decision; images outside `order` are left out.

    Cells and pages both use this rule (docs/adr/0037-stacks.md). A stack with different labels or
    suggestions is split into single images, even if a filter hides the difference. The others keep
    only shown images, because a key must not label hidden ones; if a person decided a part of
    these, they are split, too. An opened stack may have differences, because all of them are
    visible. The skipped images of a stack make a stack of their own, such as the rest of a burst
    whose best picture was labelled.
    """
    count = len(columns.stacks)
    is_out = columns.is_removed[:count] | (columns.image_states[:count] == ImageState.UNREADABLE)
    stacks = Stacks(columns.stacks, np.zeros(count, np.uint8)).without(is_out)
    among = np.flatnonzero(stacks.numbers >= 0)
    of_open = stacks.having(columns.opened)[stacks.numbers[among]]
    is_skipped = columns.review_states[among] == ReviewState.SKIPPED
    decisions, names = np.full(count, -1, np.int64), np.full(count, -1, np.int64)
    decisions[among] = np.where(of_open, -1, _decisions(among, columns))
    names[among] = np.where(is_skipped, -1, decisions[among] // 2)
    split = np.full(count, -1, np.int64)
    split[among] = 2 * stacks.numbers[among] + (is_skipped & ~of_open)
    is_hidden = np.ones(count, np.bool_)
    is_hidden[order[order < count]] = False
    is_hidden |= agreeing(stacks, names).numbers < 0
    return agreeing(Stacks(split, stacks.kinds).without(is_hidden), decisions)


def _decisions(rows: Rows, columns: Columns) -> NDArray[np.int64]:
    """Return a number for the label or suggestion of each image; -1 for none.

    The number is twice the id of the concept, plus 1 if a person decided.
    """
    codes, suggested = columns.codes[rows], columns.suggested[rows].astype(np.int64)
    sets = columns.sets
    members = map(sets.members, range(len(sets)))
    alone = [some[0] if len(some) == 1 else _SEVERAL + code for code, some in enumerate(members)]
    labels = np.array(alone, np.int64)
    names = np.where(codes != NO_LABEL, labels[codes], suggested)
    by_person = columns.decided_by[rows] == DecidedBy.PERSON
    names = np.where(by_person & (codes == NO_LABEL), _SEVERAL, names)
    return np.where(by_person | (names != NO_CONCEPT), 2 * names + by_person, -1)


def disagreeing(cells: Cells, rows: Rows, columns: Columns) -> Rows:
    """Return those of `rows` in closed stacks whose images no longer agree."""
    closed = np.unique(cells.first_of(rows[cells.are_closed(rows)]))
    images = cells.images_of(closed)
    numbers = cells.stacks.of(images)
    decisions = 2 * _decisions(images, columns)
    decisions += columns.review_states[images] == ReviewState.SKIPPED
    apart = images[differing(numbers, decisions)[numbers]]
    return rows[np.isin(cells.first_of(rows), cells.first_of(apart))]
