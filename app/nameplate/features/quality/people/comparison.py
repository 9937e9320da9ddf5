"""Two people's decisions about the same images, each in a project: compared and merged."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from statistics import NormalDist
from typing import Final, NamedTuple

import numpy as np

from nameplate.domain.changes import Change, GrowFact, Ids, SetConcepts, SetFact, SetLabels, Several
from nameplate.domain.concepts import Concept, ConceptId
from nameplate.domain.labels import DecidedBy, Labels, LabelSets, ReviewState, unlabelled
from nameplate.features.quality.people.matching import ImageMatch, merged_concepts
from nameplate.features.quality.records import Codes, Flags, Records
from nameplate.project.facts import SETTINGS, declared
from nameplate.project.project import Project
from nameplate.wording.texts import tr

_SKIPPED: Final = -2
"""The key of skipped images among the names of records: a category of its own."""

_LEAST_IMAGES: Final = 100
_LEAST_APART: Final = 20  # decided differently; ADR 28 has how often the interval holds the truth


@dataclass(frozen=True, slots=True)
class TwoSides:
    """The labels of two people for the same N images.

    Attributes:
        ids: The ids of the images in the first project, ascending.
        keys: The id that each concept of the second project has, or would get, in the first.
        added: Concepts of the second project that the first one lacks, with those ids.
    """

    project: Project
    other: Project
    ids: Ids
    mine: Labels
    theirs: Labels
    keys: Mapping[ConceptId, ConceptId]
    added: tuple[Concept, ...]

    @classmethod
    def of(cls, project: Project, other: Project, match: ImageMatch) -> "TwoSides":
        """Return the current labels of the images that two projects share.

        Images that were removed from `project` since they were matched are left out.
        """
        rows = project.images.rows_of(match.ids)
        is_there = ~project.images.is_removed[rows]
        mine, theirs = project.labels.all[rows[is_there]], other.labels.all[match.rows[is_there]]
        keys, added = merged_concepts(project.concepts, other.concepts, project.next_concept_id)
        return cls(project, other, match.ids[is_there], mine, theirs, keys, added)

    @property
    def concepts(self) -> tuple[Concept, ...]:
        """All concepts, with the ids they would have in the first project."""
        return (*self.project.concepts, *self.added)

    @property
    def is_decided(self) -> tuple[Flags, Flags]:
        """Whether each of the two decided about each image, not only a model."""
        person = DecidedBy.PERSON
        return self.mine["decided_by"] == person, self.theirs["decided_by"] == person

    def codes(self, sets: LabelSets) -> tuple[Codes, Codes]:
        """Return the codes in `sets`, which may grow, of both people's labels, N each."""
        same = {concept.key: concept.key for concept in self.concepts}
        off = {concept.key for concept in self.concepts if concept.is_reject}

        def codes(labels: Labels, of: Project, keys: Mapping[ConceptId, ConceptId]) -> Codes:
            found, places = np.unique(labels["concepts"], return_inverse=True)
            members = map(of.labels.sets.members, found.tolist())
            there = [sets.code_of({keys[key] for key in one} - off) for one in members]
            return np.array(there, dtype=np.int32)[places]

        return codes(self.mine, self.project, same), codes(self.theirs, self.other, self.keys)

    def decisions(self, sets: LabelSets) -> tuple[Codes, Codes]:
        """Return these codes with one of their own for skipped images."""
        mine, theirs = self.codes(sets)
        skipped = sets.code_of([_SKIPPED])
        mine[self.mine["state"] == ReviewState.SKIPPED] = skipped
        theirs[self.theirs["state"] == ReviewState.SKIPPED] = skipped
        return mine, theirs


class Kappa(NamedTuple):
    """Cohen's kappa.

    Attributes:
        value: In [-1, 1]; None, since undefined, where both used one and the same category alone.
        interval: Its 95% interval; None without a value, or where all agree: a width of zero would
            claim certainty.
        is_rough: Whether it rests on too few images, or too few that differ, for its interval.
    """

    value: float | None
    interval: tuple[float, float] | None
    is_rough: bool


def kappa_of(records: Records) -> Kappa:
    """Return the agreement of labels and opinions beyond chance, as a share of the possible one.

    (observed - expected) / (1 - expected), of J. Cohen, “A Coefficient of Agreement for Nominal
    Scales”, Educational and Psychological Measurement 20 (1960), 37-46. The interval is that of the
    large-sample standard error of J. L. Fleiss, J. Cohen and B. S. Everitt, “Large Sample Standard
    Errors of Kappa and Weighted Kappa”, Psychological Bulletin 72 (1969), 323-327. Sets of several
    names are categories.
    """
    mine, theirs, counts = records.pairs
    images, agreed = len(records), records.share.count
    is_rough = images < _LEAST_IMAGES or images - agreed < _LEAST_APART
    rows, columns = (np.zeros(len(records.sets), np.int64) for _ in range(2))
    np.add.at(rows, mine, counts)
    np.add.at(columns, theirs, counts)
    by_chance = int(np.sum(rows * columns))  # of all pairs of both people's decisions; exact
    if not images or by_chance == images**2:
        return Kappa(None, None, is_rough)
    expected = by_chance / images**2
    kappa = (agreed / images - expected) / (1 - expected)
    shares, row_shares, column_shares = counts / images, rows / images, columns / images
    is_same = mine == theirs
    own = (row_shares + column_shares)[mine[is_same]]
    cross = column_shares[mine[~is_same]] + row_shares[theirs[~is_same]]
    alike = float(np.sum(shares[is_same] * (1 - own * (1 - kappa)) ** 2))
    apart = (1 - kappa) ** 2 * float(np.sum(shares[~is_same] * cross**2))
    centre = (kappa - expected * (1 - kappa)) ** 2
    variance = (alike + apart - centre) / (images * (1 - expected) ** 2)
    if variance <= 1e-12:
        return Kappa(kappa, None, is_rough)
    half = NormalDist().inv_cdf(0.975) * math.sqrt(variance)
    return Kappa(kappa, (max(-1.0, kappa - half), min(1.0, kappa + half)), is_rough)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two people's decisions side by side.

    A decision is a label, none of the names, or skipped. Where an image may have several labels, it
    is the set of them. Automatic labels are none: they would measure the model. A decision that was
    taken over, or was made before one project became a copy of the other, is that of one person.

    Attributes:
        match: The images that both have.
        records: The images that both decided: my decision, and theirs as the other opinion.
        kappa: Their agreement beyond chance.
        ids: The ids of these images.
        mine_alone: The number of images that the first person alone decided.
        theirs_alone: The number of images that the second one alone decided.
        taken_over: The number of images for which one has the very decision of the other; they are
            not among the records.
        new_names: Names that the first project lacks.
    """

    match: ImageMatch
    records: Records
    kappa: Kappa
    ids: Ids
    mine_alone: int
    theirs_alone: int
    taken_over: int
    new_names: tuple[str, ...]


def compare(project: Project, other: Project, match: ImageMatch) -> Comparison:
    """Compare the decisions of two people."""
    sides, sets = TwoSides.of(project, other, match), LabelSets()
    mine, theirs = sides.decisions(sets)
    by_me, by_them = sides.is_decided
    names = {concept.key: concept.name for concept in sides.concepts}
    names[_SKIPPED] = tr("(skipped)")
    is_one = (sides.mine["decided_at"] == sides.theirs["decided_at"]) & (mine == theirs)
    both = by_me & by_them & ~is_one
    records = Records(names, sets, mine[both], theirs[both])
    _ = records.confusions  # here, not in the window's thread
    return Comparison(
        match,
        records,
        kappa_of(records),
        sides.ids[both],
        int(np.count_nonzero(by_me & ~by_them)),
        int(np.count_nonzero(by_them & ~by_me)),
        int(np.count_nonzero(by_me & by_them & is_one)),
        tuple(concept.name for concept in sides.added),
    )


class Rule(Enum):
    """How to resolve images that both people decided differently; the value is its name."""

    MINE = "mine"
    THEIRS = "theirs"
    NEWEST = "newest"
    NONE = "none"
    """It becomes undecided."""


@dataclass(frozen=True, slots=True)
class Merge:
    """The change of a merge, and its effects in numbers of images.

    Attributes:
        change: All of it, as one step; None where there is nothing to do.
        taken: How many images get a decision that only the other person made.
        replaced: How many get another decision than they had.
        cleared: How many become undecided.
        stays: How many images that both decided differently stay as they are.
        added: How many concepts are added.
        makes_multi: Whether the project has to allow several labels an image.
    """

    change: Change | None
    taken: int
    replaced: int
    cleared: int
    stays: int
    added: int
    makes_multi: bool


def merge(sides: TwoSides, rule: Rule = Rule.MINE) -> Merge:
    """Return the merge of the other person's decisions; changes nothing.

    A decision that only they made is taken over as it is: who, when, state, probability and model.
    Concepts that the project lacks are added. Automatic labels are not taken over, and give way.
    `rule` is for images that both decided differently.
    """
    mine, theirs = sides.decisions(LabelSets())
    project, (by_me, by_them) = sides.project, sides.is_decided
    is_taken = by_them & ~by_me
    differs = by_me & by_them & (mine != theirs)
    is_later = sides.theirs["decided_at"] > sides.mine["decided_at"]
    by_rule = {Rule.THEIRS: differs, Rule.NEWEST: differs & is_later}
    replaced = by_rule.get(rule, np.zeros_like(differs))
    cleared = differs & (rule is Rule.NONE)
    changes, makes_multi = list[Change](), False
    if sides.added:
        changes.append(SetConcepts(sides.concepts))
    if (is_taken | replaced | cleared).any():
        labels = _labels(sides, is_taken | replaced, cleared)
        has_several = project.labels.sets.has_several(labels.labels["concepts"])
        makes_multi = has_several and not project.settings.is_multi
        if makes_multi:
            changes.append(SetFact(SETTINGS, replace(project.settings, is_multi=True)))
        changes.append(labels)
    if changes:
        changes += [
            GrowFact(fact, sides.other.fact(fact))
            for fact, _ in declared().values()
            if fact.join and fact.is_stepped and fact.name in sides.other.facts
        ]
    return Merge(
        Several(tuple(changes)) if changes else None,
        taken=int(np.count_nonzero(is_taken)),
        replaced=int(np.count_nonzero(replaced)),
        cleared=int(np.count_nonzero(cleared)),
        stays=int(np.count_nonzero(differs & ~replaced & ~cleared)),
        added=len(sides.added),
        makes_multi=makes_multi,
    )


def _labels(sides: TwoSides, is_theirs: Flags, is_cleared: Flags) -> SetLabels:
    """Return the change that gives images the other person's labels, or none."""
    labels, new = sides.project.labels, sides.theirs.copy()
    _, codes = sides.codes(labels.sets)
    new["concepts"] = codes
    numbers, places = np.unique(new["model"], return_inverse=True)
    names = [sides.other.labels.models[int(number)] for number in numbers.tolist()]
    new["model"] = np.array([labels.model_index(name) for name in names], "<u2")[places]
    new[is_cleared] = unlabelled(int(np.count_nonzero(is_cleared)))
    changed = is_theirs | is_cleared
    return SetLabels(sides.ids[changed], new[changed])
