"""Merges another person's decisions about the same images into a project."""

from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import Change, GrowFact, SetConcepts, SetFact, SetLabels, Several
from nameplate.domain.concepts import in_tree_order
from nameplate.domain.labels import LabelSets, unlabelled
from nameplate.features.quality.people.comparison import TwoSides
from nameplate.project.facts import SETTINGS, declared


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
    nothing = np.zeros_like(differs)
    by_rule = {Rule.THEIRS: differs, Rule.NEWEST: differs & is_later}
    replaced = by_rule.get(rule, nothing)
    cleared = differs if rule is Rule.NONE else nothing
    changes, makes_multi = list[Change](), False
    if sides.added:
        changes.append(SetConcepts(in_tree_order(sides.concepts)))
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


def _labels(
    sides: TwoSides, is_theirs: NDArray[np.bool_], is_cleared: NDArray[np.bool_]
) -> SetLabels:
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
