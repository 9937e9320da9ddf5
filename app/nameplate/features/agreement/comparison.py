"""Compares two people's decisions about the same images, each in their own project."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import GrowFact, Ids
from nameplate.domain.concepts import Concept, ConceptId
from nameplate.domain.labels import DecidedBy, Labels, LabelSets, ReviewState
from nameplate.features.agreement.kappa import Agreement, agreement_of
from nameplate.features.agreement.matching import ImageMatch, Rows, merged_concepts
from nameplate.project.facts import declared
from nameplate.project.project import Project

_SKIPPED = 0
"""The number of the category of skipped images; the others are the code of a set, plus one."""


@dataclass(frozen=True, slots=True)
class Category:
    """A possible decision about an image: names of concepts, or skipped; none where none fits."""

    names: tuple[str, ...] = ()
    is_skipped: bool = False


@dataclass(frozen=True, slots=True)
class Decisions:
    """The decisions about N images in one project: their labels, and what these mean."""

    labels: Labels
    sets: LabelSets
    models: Sequence[str]
    concepts: tuple[Concept, ...]

    @classmethod
    def of(cls, project: Project, rows: Rows) -> "Decisions":
        """Return the current decisions about the images in `rows`."""
        labels = project.labels
        return cls(labels.all[rows], labels.sets, labels.models, project.concepts)

    @property
    def is_decided(self) -> NDArray[np.bool_]:
        """Whether a person decided about each image, not only a model."""
        return self.labels["decided_by"] == DecidedBy.PERSON

    def codes_in(
        self, sets: LabelSets, keys: Mapping[ConceptId, ConceptId], off: set[ConceptId]
    ) -> NDArray[np.int32]:
        """Return the codes of the labels in other sets, which may grow.

        `keys` has the id of each concept there, `off` ids that are left out of labels there.
        """
        codes, places = np.unique(self.labels["concepts"], return_inverse=True)
        members = [{keys[key] for key in self.sets.members(code)} for code in codes.tolist()]
        found = [sets.code_of(one - off) for one in members]
        return np.array(found, dtype=np.int32)[places]


@dataclass(frozen=True, slots=True)
class TwoSides:
    """The decisions of two people about the same N images.

    Attributes:
        ids: The ids of the images in the first project, ascending.
        mine: What was decided there.
        theirs: What was decided in the second project.
        keys: The id that each concept of the second project has, or would get, in the first.
        added: Concepts of the second project that the first one lacks, with those ids.
        grown: What is never taken back of what the second project keeps.
    """

    ids: Ids
    mine: Decisions
    theirs: Decisions
    keys: Mapping[ConceptId, ConceptId]
    added: tuple[Concept, ...]
    grown: tuple[GrowFact[Any], ...]

    @classmethod
    def of(cls, project: Project, other: Project, match: ImageMatch) -> "TwoSides":
        """Return the current decisions about the images that two projects share.

        Images that were removed from `project` since they were matched are left out.
        """
        rows = project.images.rows_of(match.ids)
        is_there = ~project.images.is_removed[rows]
        rows = rows[is_there]
        keys, added = merged_concepts(project.concepts, other.concepts, project.next_concept_id)
        mine = Decisions.of(project, rows)
        theirs = Decisions.of(other, match.rows[is_there])
        grown = tuple(
            GrowFact(fact, other.fact(fact))
            for fact, _ in declared().values()
            if fact.join and fact.is_stepped and fact.name in other.facts
        )
        return cls(match.ids[is_there], mine, theirs, keys, added, grown)

    @property
    def concepts(self) -> tuple[Concept, ...]:
        """All concepts, with the ids they would have in the first project."""
        return (*self.mine.concepts, *self.added)

    @property
    def rejects(self) -> set[ConceptId]:
        """The ids of reject concepts, according to the first project."""
        return {concept.key for concept in self.concepts if concept.is_reject}

    def codes(self, sets: LabelSets) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return the codes in `sets` of both people's decisions, N each."""
        same = {concept.key: concept.key for concept in self.concepts}
        off = self.rejects
        return self.mine.codes_in(sets, same, off), self.theirs.codes_in(sets, self.keys, off)

    def categories(self, sets: LabelSets) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return the category number of each image, for both people."""
        mine, theirs = (codes + 1 for codes in self.codes(sets))
        mine[self.mine.labels["state"] == ReviewState.SKIPPED] = _SKIPPED
        theirs[self.theirs.labels["state"] == ReviewState.SKIPPED] = _SKIPPED
        return mine, theirs


@dataclass(frozen=True, slots=True)
class Comparison:
    """The agreement of two people's decisions.

    A decision is what a person labelled, found to be none of the names, or skipped. Where an image
    may have several labels, it is the set of them.

    Attributes:
        agreement: Over the images that both decided.
        categories: What the category numbers of `agreement` mean.
        by_name: Whether an image has it, for each name; only where labels of several names occur.
        disagreed: Ids of D images that both decided, differently.
        mine_there: D category numbers, what the first person decided about those.
        theirs_there: D category numbers, what the second one did.
        theirs_newer: How many of the D the second person decided later.
        mine_alone: Ids of images that the first person alone decided.
        theirs_alone: Ids of images that the second one alone decided.
        undecided: How many images nobody decided.
        new_names: Names that the first project lacks.
    """

    agreement: Agreement
    categories: tuple[Category, ...]
    by_name: tuple[tuple[str, Agreement], ...]
    disagreed: Ids
    mine_there: NDArray[np.int32]
    theirs_there: NDArray[np.int32]
    theirs_newer: int
    mine_alone: Ids
    theirs_alone: Ids
    undecided: int
    new_names: tuple[str, ...]

    @property
    def confusions(self) -> list[tuple[int, int, int]]:
        """The cells of `agreement` where the two differ, the most frequent first."""
        apart = [cell for cell in self.agreement.cells if cell[0] != cell[1]]
        return sorted(apart, key=lambda cell: (-cell[2], cell[0], cell[1]))

    def disagreed_as(self, mine: int, theirs: int) -> Ids:
        """Return the ids of images decided as `mine` by one and as `theirs` by the other."""
        is_so = (self.mine_there == mine) & (self.theirs_there == theirs)
        return self.disagreed[is_so]


def compare(sides: TwoSides) -> Comparison:
    """Compare the decisions of two people."""
    sets = LabelSets()
    mine, theirs = sides.categories(sets)
    by_me, by_them = sides.mine.is_decided, sides.theirs.is_decided
    both = by_me & by_them
    agreement = agreement_of(mine[both], theirs[both])
    names = {concept.key: concept.name for concept in sides.concepts}
    differs = both & (mine != theirs)
    newer = sides.theirs.labels["decided_at"] > sides.mine.labels["decided_at"]
    members = [(), *map(sets.members, range(int(max(mine.max(initial=1), theirs.max(initial=1)))))]
    categories = [Category(is_skipped=True)]
    categories += [Category(tuple(names[key] for key in one)) for one in members[1:]]
    return Comparison(
        agreement,
        tuple(categories),
        _by_name(agreement, members, names),
        disagreed=sides.ids[differs],
        mine_there=mine[differs],
        theirs_there=theirs[differs],
        theirs_newer=int(np.count_nonzero(newer & differs)),
        mine_alone=sides.ids[by_me & ~by_them],
        theirs_alone=sides.ids[by_them & ~by_me],
        undecided=int(np.count_nonzero(~by_me & ~by_them)),
        new_names=tuple(concept.name for concept in sides.added),
    )


def _by_name(
    agreement: Agreement, members: Sequence[tuple[ConceptId, ...]], names: Mapping[ConceptId, str]
) -> tuple[tuple[str, Agreement], ...]:
    """Return the agreement on each name alone; nothing if there is only one name."""
    if all(len(one) <= 1 for one in members):
        return ()
    tables = dict[ConceptId, dict[tuple[bool, bool], int]]()
    for one, two, count in agreement.cells:
        mine, theirs = set(members[one]), set(members[two])
        for key in mine | theirs:
            table = tables.setdefault(key, {})
            cell = key in mine, key in theirs
            table[cell] = table.get(cell, 0) + count
    found = list[tuple[str, Agreement]]()
    for key, name in names.items():
        if table := tables.get(key):
            table[False, False] = agreement.images - sum(table.values())
            cells = [(*cell, count) for cell, count in sorted(table.items()) if count]
            found.append((name, Agreement(*np.array(cells, dtype=np.int64).T)))
    return tuple(found)
