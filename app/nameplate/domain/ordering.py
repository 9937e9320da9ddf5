"""Which images are shown, and in what order: filter and sort to an order array."""

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.images import ImageState, ImageTable
from nameplate.domain.labels import NO_CONCEPT, DecidedBy, LabelTable, ReviewState


class Sort(Enum):
    """What the images are sorted by; the value is what the window says."""

    ADDED = "As added"
    LEAST_SURE = "Least sure first"
    MOST_SURE = "Surest first"
    CONCEPT = "By name, surest first"


class Show(Enum):
    """Which images are shown; the value is what the window says."""

    ALL = "All pictures"
    UNLABELLED = "Without a label"
    TO_CHECK = "Labelled, not checked"
    CHECKED = "Decided by a person"
    UNREADABLE = "Unreadable"


@dataclass(frozen=True, slots=True)
class View:
    """A choice of images and their order.

    Attributes:
        sort: What they are sorted by.
        show: Which states are shown.
        concept: Only images labelled with this key, or suggested it where they have no label;
            NO_CONCEPT for all.
    """

    sort: Sort = Sort.ADDED
    show: Show = Show.ALL
    concept: int = NO_CONCEPT


def order_of(
    view: View,
    images: ImageTable,
    labels: LabelTable,
    suggested: NDArray[np.int32],
    probability: NDArray[np.float32],
) -> NDArray[np.int64]:
    """Return the rows that `view` shows, in its order; equal rows stay as added.

    Args:
        view: What is asked for.
        images: Of length N.
        labels: Of length N.
        suggested: N int32 concept keys that the model suggests, NO_CONCEPT where none.
        probability: N float32 of the suggestion, NaN where none.
    """
    effective = np.where(labels.concepts != NO_CONCEPT, labels.concepts, suggested)
    rows = np.flatnonzero(_is_shown(view, images, labels, effective))
    unsure = np.where(np.isnan(probability[rows]), np.float32(2.0), probability[rows])
    sure = np.where(np.isnan(probability[rows]), np.float32(-1.0), probability[rows])
    match view.sort:
        case Sort.ADDED:
            return rows
        case Sort.LEAST_SURE:
            return rows[np.argsort(unsure, kind="stable")]
        case Sort.MOST_SURE:
            return rows[np.argsort(-sure, kind="stable")]
        case Sort.CONCEPT:
            keys = effective[rows]
            last = np.iinfo(np.int32).max
            return rows[np.lexsort((-sure, np.where(keys == NO_CONCEPT, last, keys)))]


def _is_shown(
    view: View, images: ImageTable, labels: LabelTable, effective: NDArray[np.int32]
) -> NDArray[np.bool_]:
    readable = images.states != ImageState.UNREADABLE
    match view.show:
        case Show.ALL:
            shown = np.ones(len(images), dtype=bool)
        case Show.UNLABELLED:
            untouched = labels.states != ReviewState.SKIPPED
            shown = readable & untouched & (labels.concepts == NO_CONCEPT)
        case Show.TO_CHECK:
            shown = labels.states == ReviewState.SUGGESTED
        case Show.CHECKED:
            shown = labels.decided_by == DecidedBy.PERSON
        case Show.UNREADABLE:
            shown = ~readable
    return shown if view.concept == NO_CONCEPT else shown & (effective == view.concept)
