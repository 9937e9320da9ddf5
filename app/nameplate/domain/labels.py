"""The labels of all images: concepts, decider, time and review state."""

from collections.abc import Iterable
from enum import IntEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.arrays import grown, places_among
from nameplate.domain.concepts import ConceptId

NO_CONCEPT: Final = -1


class DecidedBy(IntEnum):
    """The origin of a label."""

    NOBODY = 0
    AUTO = 1
    PERSON = 2
    PROBE = 3
    GIVEN = 4
    """It came with the pictures, and nobody has checked it here."""


LASTING: Final = (DecidedBy.PERSON, DecidedBy.GIVEN)
"""Deciders whose labels no bulk action replaces."""


class ReviewState(IntEnum):
    """The review state of an image."""

    UNLABELLED = 0
    SUGGESTED = 1
    ACCEPTED = 2
    CORRECTED = 3
    SKIPPED = 4


LATEST: Final = 253_402_300_799_999
"""The end of the year 9999 in milliseconds since 1970; the last year that `datetime` has."""

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

`decided_at` is in milliseconds since 1970 (UTC), 0 for no decision; `concepts` is a code of
`LabelTable.sets`; `probability` is the label's when it was decided, NaN for none; `model` is an
index into `LabelTable.models`; `decided_by` and `state` are values of the enumerations above.
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
        np.put(self.all, rows, labels)  # ten times as fast as indexing, which copies field by field
        return before

    def copy(self) -> "LabelTable":
        """Return an independent copy."""
        copy = LabelTable()
        copy.sets, copy.models = self.sets, self.models  # append-only, so they can be shared
        # As bytes: five times as fast, since the fields are not copied one by one.
        copy._labels = self.all.view(np.uint8).copy().view(LABEL)
        copy._count = len(self)
        return copy

    def rows_with(self, concepts: list[int] | set[int]) -> NDArray[np.int64]:
        """Return the rows labelled with any of the concepts."""
        return np.flatnonzero(np.isin(self.concepts, self.sets.with_any(concepts)))


NO_LABEL: Final = 0
"""The code of the empty set."""


class LabelSets:
    """Sets of concept ids and their codes. Codes are never changed or removed.

    Most projects have one more set than concepts. Codes are valid for this object only: files and
    exports name the concepts themselves.
    """

    def __init__(self) -> None:
        self._members: list[tuple[ConceptId, ...]] = [()]
        self._codes: dict[tuple[ConceptId, ...], int] = {(): NO_LABEL}

    def __len__(self) -> int:
        return len(self._members)

    def code_of(self, concepts: Iterable[ConceptId]) -> int:
        """Return the code of a set of concepts, given in any order."""
        members = tuple(sorted(set(concepts)))
        code = self._codes.setdefault(members, len(self._members))
        if code == len(self._members):
            self._members.append(members)
        return code

    def codes_of(self, concepts: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the code of the one-concept set of each concept id; NO_LABEL for negative ids."""
        alone = {
            members[0]: code for code, members in enumerate(self._members) if len(members) == 1
        }
        places = places_among(concepts, np.array([*alone], np.int32))
        is_new = (places < 0) & (concepts >= 0)
        if is_new.any():
            for concept in np.unique(concepts[is_new]).tolist():
                self.code_of([concept])
            return self.codes_of(concepts)
        return np.array([*alone.values(), NO_LABEL], np.int32)[places]  # index -1 is NO_LABEL

    def members(self, code: int) -> tuple[ConceptId, ...]:
        """Return the concepts of a set, ordered by id."""
        return self._members[code]

    def has_several(self, codes: NDArray[np.int32]) -> bool:
        """Return whether any of `codes` is that of a set of several concepts."""
        return any(len(self.members(code)) > 1 for code in np.unique(codes).tolist())

    def with_any(self, concepts: Iterable[ConceptId]) -> NDArray[np.int32]:
        """Return the codes of the sets that contain any of `concepts`."""
        wanted = set(concepts)
        codes = [code for code, members in enumerate(self._members) if wanted & set(members)]
        return np.array(codes, dtype=np.int32)

    def flags_with(self, concept: ConceptId) -> NDArray[np.bool_]:
        """Return whether each set contains `concept`, indexed by code."""
        return np.array([concept in members for members in self._members], np.bool_)

    def flags_of(self, concepts: Iterable[ConceptId]) -> NDArray[np.bool_]:
        """Return whether each set contains each of K concepts, C x K."""
        flags = [self.flags_with(concept) for concept in concepts]
        return np.stack(flags, axis=1) if flags else np.zeros((len(self), 0), np.bool_)

    def with_added(self, codes: NDArray[np.int32], concept: ConceptId) -> NDArray[np.int32]:
        """Return for each of `codes` the code of its set with `concept` added."""
        found, places = np.unique(codes, return_inverse=True)
        more = [self.code_of((*self.members(code), concept)) for code in found.tolist()]
        return np.array(more, dtype=np.int32)[places]

    def without(self, codes: NDArray[np.int32], concepts: Iterable[ConceptId]) -> NDArray[np.int32]:
        """Return for each of `codes` the code of its set without `concepts`."""
        gone = set(concepts)
        found, places = np.unique(codes, return_inverse=True)
        left = [self.code_of(set(self.members(code)) - gone) for code in found.tolist()]
        return np.array(left, dtype=np.int32)[places]

    def first_concepts(self) -> NDArray[np.int32]:
        """Return the first concept of each set, indexed by code; NO_CONCEPT for the empty one."""
        return np.array([members[0] if members else -1 for members in self._members], np.int32)

    def counts(self, codes: NDArray[np.int32]) -> dict[ConceptId, int]:
        """Return how many of `codes` contain each concept, without zero counts."""
        return self.counts_by(np.bincount(codes))

    def counts_by(self, by_code: NDArray[np.int64]) -> dict[ConceptId, int]:
        """Return the same as `counts` from the number of occurrences of each code."""
        counts: dict[ConceptId, int] = {}
        for code, count in enumerate(by_code.tolist()):
            for concept in self.members(code) if count else ():
                counts[concept] = counts.get(concept, 0) + count
        return counts
