"""Sets of concepts with integer codes, so that the labels of all images fit into an array."""

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.arrays import places_among
from nameplate.domain.concepts import ConceptId

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
        """Return for each concept id the code of the set of only it; NO_LABEL below zero."""
        alone = {
            members[0]: code for code, members in enumerate(self._members) if len(members) == 1
        }
        places = places_among(concepts, np.array([*alone], np.int32))
        is_new = (places < 0) & (concepts >= 0)
        if is_new.any():
            for concept in np.unique(concepts[is_new]).tolist():
                self.code_of([concept])
            return self.codes_of(concepts)
        return np.array([*alone.values(), NO_LABEL], np.int32)[places]  # -1 is the last of them

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
        counts: dict[ConceptId, int] = {}
        for code, count in enumerate(np.bincount(codes, minlength=1).tolist()):
            for concept in self.members(code) if count else ():
                counts[concept] = counts.get(concept, 0) + count
        return counts
