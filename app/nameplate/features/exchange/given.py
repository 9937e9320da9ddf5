"""The labels that came with the pictures, also where a person changed them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import Ids
from nameplate.domain.labels import NO_LABEL, LabelTable
from nameplate.features.exchange.facts import GIVEN
from nameplate.formats.csv import joined
from nameplate.formats.export_format import Column
from nameplate.project.file.values import LARGEST_CONCEPT_ID, checked_id
from nameplate.project.project import Project


@dataclass(frozen=True, slots=True, eq=False)
class GivenLabels:
    """Labels as they were given.

    Attributes:
        ids: Of n images, int64, ascending.
        concepts: n int32 codes of the label sets of the project's `LabelTable`.
    """

    ids: Ids
    concepts: NDArray[np.int32]

    def with_more(self, ids: Ids, concepts: NDArray[np.int32]) -> "GivenLabels":
        """Return these and further ones, which replace those of the same images."""
        is_other = ~np.isin(self.ids, ids)
        all_ids = np.concatenate([self.ids[is_other], ids])
        codes = np.concatenate([self.concepts[is_other], concepts])
        order = np.argsort(all_ids, kind="stable")
        return GivenLabels(all_ids[order], codes[order])

    def of(self, ids: Ids) -> NDArray[np.int32]:
        """Return the codes for images, `NO_LABEL` for those that came without a label."""
        places = np.searchsorted(self.ids, ids)
        found = np.append(self.concepts, np.int32(NO_LABEL))
        is_there = np.append(self.ids, -1)[places] == ids
        return np.where(is_there, found[places], np.int32(NO_LABEL))


NO_LABELS: Final = GivenLabels(np.empty(0, np.int64), np.empty(0, np.int32))


def given_in(project: Project) -> GivenLabels:
    """Return the labels that came with the pictures of a project."""
    return project.fact(GIVEN) or NO_LABELS


def given_json(given: GivenLabels | None, labels: LabelTable) -> list[Any] | None:
    """Return given labels as JSON values: pairs of a set of concepts and its images.

    The id of an image is told by its distance from the one before.
    """
    if given is None:
        return None
    pairs = list[Any]()
    for code in np.unique(given.concepts).tolist():
        ids = given.ids[given.concepts == code]
        pairs.append([list(labels.sets.members(code)), np.diff(ids, prepend=0).tolist()])
    return pairs


def given_of(value: Any, project: Project) -> GivenLabels | None:
    """Return given labels from JSON values.

    Raises:
        ValueError, TypeError, IndexError: They are none.
    """
    if value is None:
        return None
    found = NO_LABELS
    for concepts, distances in value:
        if not all(0 <= checked_id(key) < LARGEST_CONCEPT_ID for key in concepts):
            raise ValueError("a concept's id out of range")
        ids = np.cumsum(np.array([*map(checked_id, distances)], np.int64))
        if len(ids) and (ids[0] < 0 or (np.diff(ids) <= 0).any() or checked_id(int(ids[-1])) < 0):
            raise ValueError("ids out of order")
        code = project.labels.sets.code_of(concepts)
        found = found.with_more(ids, np.full(len(ids), code, np.int32))
    return found


def _cells(project: Project) -> Callable[[NDArray[np.int64]], list[str]]:
    given, ids = given_in(project), project.images.ids
    names = {concept.key: concept.name for concept in project.concepts}
    sets = project.labels.sets

    def cells(rows: NDArray[np.int64]) -> list[str]:
        found = map(sets.members, given.of(ids[rows]).tolist())
        return [joined([names[key] for key in keys if key in names]) for keys in found]

    return cells


COLUMN: Final = Column(
    "given",
    "the label that each picture came with",
    "The label each picture came with",
    _cells,
)
