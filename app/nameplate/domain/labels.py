"""The labels of all images: which concepts, decided by whom and when."""

from enum import IntEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.arrays import grown
from nameplate.domain.label_sets import NO_LABEL, LabelSets

NO_CONCEPT: Final = -1


class DecidedBy(IntEnum):
    """Who decided a label."""

    NOBODY = 0
    AUTO = 1
    PERSON = 2
    PROBE = 3


class ReviewState(IntEnum):
    """The review state of an image."""

    UNLABELLED = 0
    SUGGESTED = 1
    ACCEPTED = 2
    CORRECTED = 3
    SKIPPED = 4


LATEST: Final = 253_402_300_799_999
"""Milliseconds since 1970 at the end of the year 9999, the last that calendars of programs have."""

LABEL: Final = np.dtype(
    [
        ("decided_at", "<i8"),
        ("concepts", "<i4"),
        ("probability", "<f4"),
        ("model", "<u2"),
        ("decided_by", "u1"),
        ("state", "u1"),
    ]
)
"""The label of one image.

`decided_at` is in milliseconds since 1970 (UTC), 0 for no decision; `concepts` the code of a
set; `probability` that of the label when it was decided, NaN for none; `model` an
index into `LabelTable.models`; `decided_by` and `state` values of the enumerations above.
"""

Labels = NDArray[Any]
"""An array of LABEL."""


def labels_of(
    concepts: NDArray[np.int32],
    decided_by: NDArray[np.uint8] | DecidedBy,
    state: NDArray[np.uint8] | ReviewState,
    *,
    decided_at: NDArray[np.int64] | int = 0,
    probability: NDArray[np.floating] | float = np.nan,
    model: int = 0,
) -> Labels:
    """Return labels of n images with these values; a single value is used for all.

    Without a decider, time, probability and model are empty too.
    """
    labels = np.zeros(len(concepts), dtype=LABEL)
    labels["concepts"], labels["decided_by"], labels["state"] = concepts, decided_by, state
    decided = labels["decided_by"] != DecidedBy.NOBODY
    labels["decided_at"] = np.where(decided, decided_at, 0)
    labels["probability"] = np.where(decided, probability, np.nan)
    labels["model"] = np.where(decided, model, 0)
    return labels


def unlabelled(count: int) -> Labels:
    """Return the labels of images that nobody decided about."""
    none = np.full(count, NO_LABEL, np.int32)
    return labels_of(none, DecidedBy.NOBODY, ReviewState.UNLABELLED)


class LabelTable:
    """The labels of all images, one per row.

    Attributes:
        sets: The sets that the codes in `concepts` refer to.
        models: Names of the models of the decisions; the first is empty, for no model.
    """

    def __init__(self, rows: int = 0) -> None:
        self.sets = LabelSets()
        self.models = [""]
        self._count = 0
        self._labels = np.empty(0, dtype=LABEL)
        self.grow(rows)

    def __len__(self) -> int:
        return self._count

    @property
    def all(self) -> Labels:
        """The labels of all rows; a view."""
        return self._labels[: self._count]

    @property
    def concepts(self) -> NDArray[np.int32]:
        """int32 codes of `sets`, NO_LABEL for none; a view."""
        return self.all["concepts"]

    @property
    def has_label(self) -> NDArray[np.bool_]:
        """Whether each image has a label."""
        return self.concepts != NO_LABEL

    @property
    def decided_by(self) -> NDArray[np.uint8]:
        """uint8 values of `DecidedBy`; a view."""
        return self.all["decided_by"]

    @property
    def states(self) -> NDArray[np.uint8]:
        """uint8 values of `ReviewState`; a view."""
        return self.all["state"]

    def members(self, row: int) -> tuple[int, ...]:
        """Return the ids of the concepts in the label of `row`."""
        return self.sets.members(int(self.concepts[row]))

    def model_index(self, name: str) -> int:
        """Return the index of a model's name in `models`, adding it if missing.

        A project has few; beyond 65,535 the label has no model.
        """
        if name not in self.models and len(self.models) <= np.iinfo(np.uint16).max:
            self.models.append(name)
        return self.models.index(name) if name in self.models else 0

    def grow(self, rows: int) -> None:
        """Append unlabelled rows until there are `rows`."""
        self._labels = grown(self._labels, rows, unlabelled(1)[0])
        self._count = max(rows, self._count)

    def replace(self, rows: NDArray[np.int64], labels: Labels) -> Labels:
        """Set the labels of `rows` and return the previous ones."""
        before = self.all.take(rows)
        np.put(self.all, rows, labels)  # a tenth of the time of an index: fields are not told apart
        return before

    def copy(self) -> "LabelTable":
        """Return an independent copy."""
        copy = LabelTable()
        copy.sets, copy.models = self.sets, self.models  # append-only, so they can be shared
        # As bytes: a fifth of the time, since the fields are not copied one by one.
        copy._labels = self.all.view(np.uint8).copy().view(LABEL)
        copy._count = len(self)
        return copy

    def rows_with(self, concepts: list[int] | set[int]) -> NDArray[np.int64]:
        """Return the rows labelled with any of the concepts."""
        return np.flatnonzero(np.isin(self.concepts, self.sets.with_any(concepts)))

    def counts(self) -> dict[int, int]:
        """Return the number of images labelled with each concept."""
        return self.sets.counts(self.concepts)
