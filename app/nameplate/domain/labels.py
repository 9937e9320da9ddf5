"""Labels: what is decided for every image, by whom, and how to take it back."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

NO_CONCEPT: Final = -1


class DecidedBy(IntEnum):
    """Who decided a label."""

    NOBODY = 0
    AUTO = 1
    PERSON = 2
    PROBE = 3


class ReviewState(IntEnum):
    """How far a person has looked at an image."""

    UNLABELLED = 0
    SUGGESTED = 1
    ACCEPTED = 2
    CORRECTED = 3
    SKIPPED = 4


@dataclass(frozen=True, slots=True)
class LabelDelta:
    """New values for some rows; applying one gives the delta that takes it back.

    Attributes:
        rows: int64 rows, each at most once.
        concepts: int32 concept keys, or NO_CONCEPT; as long as `rows`.
        decided_by: uint8 values of `DecidedBy`.
        states: uint8 values of `ReviewState`.
    """

    rows: NDArray[np.int64]
    concepts: NDArray[np.int32]
    decided_by: NDArray[np.uint8]
    states: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.rows)


class LabelTable:
    """The labels of all images, as arrays of one length."""

    def __init__(self, rows: int = 0) -> None:
        self._count = rows
        self._concepts = np.full(rows, NO_CONCEPT, dtype=np.int32)
        self._decided_by = np.zeros(rows, dtype=np.uint8)
        self._states = np.zeros(rows, dtype=np.uint8)

    def __len__(self) -> int:
        return self._count

    @property
    def concepts(self) -> NDArray[np.int32]:
        """int32 concept keys, NO_CONCEPT where there is no label; a view."""
        return self._concepts[: self._count]

    @property
    def decided_by(self) -> NDArray[np.uint8]:
        """uint8 values of `DecidedBy`; a view."""
        return self._decided_by[: self._count]

    @property
    def states(self) -> NDArray[np.uint8]:
        """uint8 values of `ReviewState`; a view."""
        return self._states[: self._count]

    def grow(self, rows: int) -> None:
        """Add unlabelled rows at the end until there are `rows`."""
        if rows > len(self._concepts):
            # Twice the room, so that a million images in small batches are copied once or twice.
            more = LabelTable(max(rows, 2 * len(self._concepts)) - len(self._concepts))
            self._concepts = np.concatenate([self._concepts, more.concepts])
            self._decided_by = np.concatenate([self._decided_by, more.decided_by])
            self._states = np.concatenate([self._states, more.states])
        self._count = max(rows, self._count)

    def apply(self, delta: LabelDelta) -> LabelDelta:
        """Apply `delta` and return the delta that restores what was there."""
        inverse = self.current(delta.rows)
        self.concepts[delta.rows] = delta.concepts
        self.decided_by[delta.rows] = delta.decided_by
        self.states[delta.rows] = delta.states
        return inverse

    def current(self, rows: NDArray[np.int64]) -> LabelDelta:
        """Return the delta that sets `rows` to what they are now."""
        return LabelDelta(rows, self.concepts[rows], self.decided_by[rows], self.states[rows])

    def copy(self) -> "LabelTable":
        """Return a table of its own with the same labels."""
        copy = LabelTable(len(self))
        copy.apply(LabelDelta(np.arange(len(self)), self.concepts, self.decided_by, self.states))
        return copy

    def counts(self) -> dict[int, int]:
        """Return the number of images labelled with each concept key."""
        keys, counts = np.unique(self.concepts[self.concepts >= 0], return_counts=True)
        return dict(zip(keys.tolist(), counts.tolist(), strict=True))


def auto_delta(
    labels: LabelTable, rows: NDArray[np.int64], concepts: NDArray[np.int32]
) -> LabelDelta:
    """Return what auto-labelling `rows` with `concepts` changes.

    A person's label always wins: rows decided by a person, or skipped by one, are left out. A row
    whose concept is NO_CONCEPT loses an earlier automatic label.
    """
    free = labels.decided_by[rows] != DecidedBy.PERSON
    rows, concepts = rows[free], concepts[free]
    has_label = concepts != NO_CONCEPT
    states = np.where(has_label, ReviewState.SUGGESTED, ReviewState.UNLABELLED).astype(np.uint8)
    decided_by = np.where(has_label, DecidedBy.AUTO, DecidedBy.NOBODY).astype(np.uint8)
    changed = (labels.concepts[rows] != concepts) | (labels.decided_by[rows] != decided_by)
    return LabelDelta(
        rows[changed],
        concepts[changed].astype(np.int32),
        decided_by[changed],
        states[changed],
    )


def person_delta(rows: NDArray[np.int64], concept: int, suggested: NDArray[np.int32]) -> LabelDelta:
    """Return what a person's choice of `concept` for `rows` changes.

    Args:
        rows: The images.
        concept: The key of the concept that the person chose.
        suggested: int32 keys that the model suggests for `rows`; agreeing with it is `accepted`,
            anything else `corrected`.
    """
    count = len(rows)
    states = np.where(suggested == concept, ReviewState.ACCEPTED, ReviewState.CORRECTED)
    return LabelDelta(
        rows,
        np.full(count, concept, dtype=np.int32),
        np.full(count, DecidedBy.PERSON, dtype=np.uint8),
        states.astype(np.uint8),
    )


def accept_delta(rows: NDArray[np.int64], suggested: NDArray[np.int32]) -> LabelDelta:
    """Return what a person's acceptance of the suggestion for each of `rows` changes.

    Rows without a suggestion are left out.
    """
    has_one = suggested != NO_CONCEPT
    rows, suggested = rows[has_one], suggested[has_one]
    count = len(rows)
    return LabelDelta(
        rows,
        suggested.astype(np.int32),
        np.full(count, DecidedBy.PERSON, dtype=np.uint8),
        np.full(count, ReviewState.ACCEPTED, dtype=np.uint8),
    )


def clear_delta(rows: NDArray[np.int64], *, skipped: bool = False) -> LabelDelta:
    """Return what taking the labels off `rows` changes; `skipped` says a person will not label."""
    count = len(rows)
    state = ReviewState.SKIPPED if skipped else ReviewState.UNLABELLED
    by = DecidedBy.PERSON if skipped else DecidedBy.NOBODY
    return LabelDelta(
        rows,
        np.full(count, NO_CONCEPT, dtype=np.int32),
        np.full(count, by, dtype=np.uint8),
        np.full(count, state, dtype=np.uint8),
    )
