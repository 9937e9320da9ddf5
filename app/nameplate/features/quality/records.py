"""Images with a label and another opinion about each: share, table by name, confusions."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.concepts import ConceptId
from nameplate.domain.labels import NO_CONCEPT, NO_LABEL, LabelSets
from nameplate.features.quality.shares import Mean, Share, mean_of

LEAST_OF_A_NAME: Final = 5
"""Images of one name before its share may be called one, rather than counted."""

Codes = NDArray[np.int32]
Flags = NDArray[np.bool_]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class NameFigures:
    """Precision and recall of one name.

    Attributes:
        key: Its key in `Records.names`.
        images: Images that have it by the other opinion (true positives and false negatives).
        right: Those of them that are labelled with it (true positives).
        labelled: Images that are labelled with it (true and false positives).
    """

    key: ConceptId
    name: str
    images: int
    right: int
    labelled: int

    @property
    def found(self) -> Share:
        """Recall, a share from `LEAST_OF_A_NAME` images on."""
        return Share(self.right, self.images, LEAST_OF_A_NAME)

    @property
    def fitting(self) -> Share:
        """Precision, a share from `LEAST_OF_A_NAME` images on."""
        return Share(self.right, self.labelled, LEAST_OF_A_NAME)


@dataclass(frozen=True)
class Records:
    """N images, each with its label and another opinion about it.

    Label and opinion are sets of names, so that images with one label and with several are
    compared alike. The empty set, none of the names, is a label, too.

    Attributes:
        names: The names by key, in the order of tables.
        sets: The sets of keys that codes stand for.
        labels: N codes of `sets`.
        opinions: N codes of `sets`.
    """

    names: Mapping[ConceptId, str]
    sets: LabelSets
    labels: Codes
    opinions: Codes

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def is_right(self) -> Flags:
        """Whether each label (N) equals the opinion."""
        return self.labels == self.opinions

    @property
    def share(self) -> Share:
        """The share of equal pairs."""
        return Share(int(np.count_nonzero(self.is_right)), len(self))

    @cached_property
    def pairs(self) -> tuple[Codes, Codes, Rows]:
        """The P pairs that occur: codes of labels, codes of opinions, numbers of images."""
        width = len(self.sets)
        both = self.labels.astype(np.int64) * width + self.opinions
        found, counts = np.unique(both, return_counts=True)
        labels, opinions = (found // width).astype(np.int32), (found % width).astype(np.int32)
        return labels, opinions, counts.astype(np.int64)

    @cached_property
    def by_name(self) -> tuple[NameFigures, ...]:
        """The figures of each name, in order."""
        images, right, labelled = Counter[int](), Counter[int](), Counter[int]()
        for label, opinion, count in self._listed_pairs():
            given, wanted = self.sets.members(label), self.sets.members(opinion)
            for key in given:
                labelled[key] += count
            for key in wanted:
                images[key] += count
                right[key] += count * (key in given)
        return tuple(
            NameFigures(key, name, images[key], right[key], labelled[key])
            for key, name in self.names.items()
        )

    @property
    def none(self) -> NameFigures:
        """The figures of none of the names."""
        is_it, is_labelled = self.rows_with(NO_CONCEPT)
        counts = (int(np.count_nonzero(one)) for one in (is_it, is_it & is_labelled, is_labelled))
        return NameFigures(NO_CONCEPT, "", *counts)

    @property
    def balanced(self) -> Mean | None:
        """The mean recall of the names that images have; None where one has too few images."""
        return mean_of([one.found for one in self.by_name if one.images])

    @cached_property
    def confusions(self) -> list[tuple[int, int, int]]:
        """Opinion, label and number of images of each kind of difference, most frequent first."""
        apart = [(o, label, count) for label, o, count in self._listed_pairs() if label != o]
        places = {key: at for at, key in enumerate(self.names)}

        def place(code: int) -> tuple[int, ...]:  # none of the names comes last
            return tuple(places[key] for key in self.sets.members(code)) or (len(places),)

        return sorted(apart, key=lambda one: (-one[2], place(one[0]), place(one[1])))

    @cached_property
    def mistaken_for(self) -> Mapping[int, list[tuple[int, int]]]:
        """By the code of an opinion the labels in its place with their images, most first."""
        found = dict[int, list[tuple[int, int]]]()
        for opinion, label, count in self.confusions:
            found.setdefault(opinion, []).append((label, count))
        return found

    def mistakes(self, key: ConceptId) -> list[tuple[int, int]]:
        """Return the labels that a name is mistaken for with their images, most first."""
        return self.mistaken_for.get(self.code_of(key), [])

    def code_of(self, key: ConceptId) -> int:
        """Return the code of one name alone; that of none of the names for NO_CONCEPT."""
        return self.sets.code_of(() if key == NO_CONCEPT else [key])

    def rows_with(self, key: ConceptId) -> tuple[Flags, Flags]:
        """Return which images (N) have a name by the opinion, and which are labelled with it."""
        codes = self.sets.with_any([key]) if key != NO_CONCEPT else [NO_LABEL]
        return np.isin(self.opinions, codes), np.isin(self.labels, codes)

    def rows_of(self, opinion: int, label: int) -> Rows:
        """Return the images of a pair of codes."""
        return np.flatnonzero((self.opinions == opinion) & (self.labels == label))

    def names_of(self, code: int) -> tuple[str, ...]:
        """Return the names of a set; empty for none of them."""
        return tuple(self.names[key] for key in self.sets.members(code))

    def _listed_pairs(self) -> list[tuple[int, int, int]]:
        return list(zip(*(column.tolist() for column in self.pairs), strict=True))
