"""Compares the decisions of two people about the same images, each in their own project."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import GrowFact, Ids
from nameplate.domain.concepts import Concept, ConceptId
from nameplate.domain.labels import DecidedBy, Labels, LabelSets, ReviewState
from nameplate.features.quality.people.matching import ImageMatch, merged_concepts
from nameplate.features.quality.records import Codes, Records, Rows, Source
from nameplate.project.facts import declared
from nameplate.project.project import Project
from nameplate.wording.texts import tr

_SKIPPED: Final = -2
"""The key of skipped images among the names of records: a category of its own."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """The labels of N images in one project, with its sets, models and concepts."""

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
    ) -> Codes:
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
        mine: The decisions in the first project.
        theirs: The decisions in the second project.
        keys: The id that each concept of the second project has, or would get, in the first.
        added: Concepts of the second project that the first one lacks, with those ids.
        grown: Facts of the second project that are never taken back.
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
        keys, added = merged_concepts(project.concepts, other.concepts, project.next_concept_id)
        mine = Decisions.of(project, rows[is_there])
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

    def codes(self, sets: LabelSets) -> tuple[Codes, Codes]:
        """Return the codes in `sets` of both people's labels, N each."""
        same = {concept.key: concept.key for concept in self.concepts}
        off = {concept.key for concept in self.concepts if concept.is_reject}
        return self.mine.codes_in(sets, same, off), self.theirs.codes_in(sets, self.keys, off)

    def decisions(self, sets: LabelSets) -> tuple[Codes, Codes]:
        """Return these codes with one of their own for skipped images."""
        mine, theirs = self.codes(sets)
        skipped = sets.code_of([_SKIPPED])
        mine[self.mine.labels["state"] == ReviewState.SKIPPED] = skipped
        theirs[self.theirs.labels["state"] == ReviewState.SKIPPED] = skipped
        return mine, theirs


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two people's decisions side by side.

    A decision is a label, none of the names, or skipped. Where an image may have several labels, it
    is the set of them. Automatic labels are none: they would measure the model.

    Attributes:
        records: The images that both decided: my decision, and theirs as the other opinion.
        ids: The ids of these images.
        mine_alone: The number of images that the first person alone decided.
        theirs_alone: The number of images that the second one alone decided.
        new_names: Names that the first project lacks.
    """

    records: Records
    ids: Ids
    mine_alone: int
    theirs_alone: int
    new_names: tuple[str, ...]


def compare(sides: TwoSides) -> Comparison:
    """Compare the decisions of two people."""
    sets = LabelSets()
    mine, theirs = sides.decisions(sets)
    by_me, by_them = sides.mine.is_decided, sides.theirs.is_decided
    names = {concept.key: concept.name for concept in sides.concepts}
    names[_SKIPPED] = tr("(skipped)")
    both = by_me & by_them
    records = Records(names, sets, mine[both], theirs[both], Source.PERSON)
    _ = records.pairs, records.confusions  # here, not in the window's thread
    return Comparison(
        records,
        sides.ids[both],
        int(np.count_nonzero(by_me & ~by_them)),
        int(np.count_nonzero(by_them & ~by_me)),
        tuple(concept.name for concept in sides.added),
    )
