"""Filter and sort order of the shown images, as an array of rows."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.images import ImageState, ImageTable
from nameplate.domain.labels import NO_CONCEPT, DecidedBy, LabelTable, ReviewState
from nameplate.domain.messages import Message


class Sort(Enum):
    """The sort key; the value is its title."""

    ADDED = Message("sort-as-added")
    LEAST_SURE = Message("sort-least-sure")
    MOST_SURE = Message("sort-most-sure")
    CONCEPT = Message("sort-by-name")


class Show(Enum):
    """The filter; the value is its title."""

    ALL = Message("show-all")
    UNLABELLED = Message("show-unlabelled")
    TO_CHECK = Message("show-to-check")
    CHECKED = Message("show-checked")
    UNREADABLE = Message("show-unreadable")
    CHANGED = Message("show-changed")


_LAST: Final = np.uint32(0xFFFFFFFF)
_INFINITY: Final = np.float32("inf").view(np.uint32)


@dataclass(frozen=True, slots=True)
class View:
    """A filter and a sort order.

    Attributes:
        sort: The sort key.
        show: The filter by state.
        concept: Only images labelled with this concept, or with it suggested and no label;
            NO_CONCEPT for all.
    """

    sort: Sort = Sort.ADDED
    show: Show = Show.ALL
    concept: int = NO_CONCEPT


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person is in a project.

    Attributes:
        image: Id of the image that is looked at; 0 for none.
        view: Which images are shown, in which order.
    """

    image: int = 0
    view: View = View()


def order_of(
    view: View,
    images: ImageTable,
    labels: LabelTable,
    suggested: NDArray[np.int32],
    probability: NDArray[np.float32],
) -> NDArray[np.int64]:
    """Return the rows that `view` shows, stably sorted, without removed ones.

    Args:
        view: Filter and sort order.
        images: Of length N.
        labels: Of length N.
        suggested: N int32 ids of concepts that the model suggests, NO_CONCEPT for none.
        probability: N float32 of the suggestion, NaN for none.
    """
    rows = np.flatnonzero(_is_shown(view, images, labels, suggested) & ~images.is_removed)
    if view.sort is Sort.ADDED:
        return rows
    # The bits of non-negative floats have the order of the floats. Rows without a suggestion come
    # last in both directions.
    bits = probability[rows].view(np.uint32)
    falling = np.where(np.isnan(probability[rows]), _LAST, _INFINITY - bits)
    match view.sort:
        case Sort.LEAST_SURE:
            rising = np.where(np.isnan(probability[rows]), _LAST, bits)
            return rows[_sorted_by(rising)]
        case Sort.MOST_SURE:
            return rows[_sorted_by(falling)]
        case Sort.CONCEPT:
            keys = _effective(labels, suggested)[rows].view(np.uint32)  # NO_CONCEPT is the highest
            return rows[_sorted_by(keys, _sorted_by(falling))]


def _sorted_by(
    keys: NDArray[np.uint32], order: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """Return the stable sort order of `keys`, ties as in `order`.

    By 16-bit halves: numpy sorts those by radix sort, a million in a third of the time of a
    comparison sort.
    """
    low, high = keys.astype(np.uint16), (keys >> np.uint32(16)).astype(np.uint16)
    if order is None:
        order = np.argsort(low, kind="stable")
    else:
        order = order[np.argsort(low[order], kind="stable")]
    return order[np.argsort(high[order], kind="stable")]


def _effective(labels: LabelTable, suggested: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the concept that each image shows: its first label, or what the model suggests."""
    first = labels.sets.first_concepts()[labels.concepts]
    return np.where(labels.has_label, first, suggested)


def _is_shown(
    view: View, images: ImageTable, labels: LabelTable, suggested: NDArray[np.int32]
) -> NDArray[np.bool_]:
    readable = images.states != ImageState.UNREADABLE
    match view.show:
        case Show.ALL:
            shown = np.ones(len(images), dtype=bool)
        case Show.UNLABELLED:
            untouched = labels.states != ReviewState.SKIPPED
            shown = readable & untouched & ~labels.has_label
        case Show.TO_CHECK:
            shown = labels.states == ReviewState.SUGGESTED
        case Show.CHECKED:
            shown = labels.decided_by == DecidedBy.PERSON
        case Show.UNREADABLE:
            shown = ~readable
        case Show.CHANGED:
            shown = np.zeros(len(images), dtype=bool)
            shown[list(images.changed)] = True
    if view.concept == NO_CONCEPT:
        return shown
    has_it = np.isin(labels.concepts, labels.sets.with_any([view.concept]))
    return shown & (has_it | (~labels.has_label & (suggested == view.concept)))
