"""Imports labels from a file: what would change, and the change that does it."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import (
    Change,
    Ids,
    SetConcepts,
    SetFact,
    SetLabels,
    Settings,
    Several,
)
from nameplate.domain.concepts import Concept, ConceptId, by_any_name, parents_of
from nameplate.domain.errors import UsageError
from nameplate.domain.labels import NO_LABEL, DecidedBy, Labels, LabelTable, ReviewState, labels_of
from nameplate.domain.naming.edits import joined
from nameplate.features.exchange.import_plan import ImportPlan
from nameplate.project.facts import SETTINGS
from nameplate.project.project import Project


@dataclass(frozen=True, slots=True)
class Import:
    """The change that imports labels, and its effects in numbers.

    Attributes:
        change: One step.
        changed: How many images get another label.
        same: How many have this label already.
        kept: How many stay as they are, since a person decided.
        new_names: Those that are added.
        makes_multi: Whether the project has to allow several labels an image.
    """

    change: Several
    changed: int
    same: int
    kept: int
    new_names: tuple[str, ...]
    makes_multi: bool


@dataclass(frozen=True, slots=True)
class ImportTarget:
    """A copy of what an import needs from a project, for use on another thread.

    Attributes:
        revision: Of the project.
        ids: Of its images.
        is_removed: Whether each was removed.
        labels: Of the images, with sets and models of its own.
        known: How many sets and models of these the project has.
        concepts: All of them.
        settings: Those of the project.
        next_concept_id: The least id that no concept has had.
    """

    revision: int
    ids: Ids
    is_removed: NDArray[np.bool_]
    labels: LabelTable
    known: tuple[int, int]
    concepts: tuple[Concept, ...]
    settings: Settings
    next_concept_id: int

    @classmethod
    def of(cls, project: Project) -> "ImportTarget":
        """Return a copy of the project's current state."""
        images, labels = project.images, project.labels.copy()
        # Else both threads would add to these.
        labels.sets, labels.models = deepcopy(labels.sets), list(labels.models)
        return cls(
            project.revision,
            images.ids.copy(),
            images.is_removed.copy(),
            labels,
            (len(labels.sets), len(labels.models)),
            project.concepts,
            project.settings,
            project.next_concept_id,
        )

    def change_of(self, project: Project, change: Several) -> Several:
        """Convert a change made with this copy to one of the project itself.

        Args:
            project: At the revision of this copy.
            change: As `planned_import` gives it.

        Sets of concepts that the change is the first to have get their codes in the project now.
        """
        sets, models = self.labels.sets, self.labels.models
        codes, places = (
            np.arange(len(sets), dtype=np.int32),
            np.arange(len(models), dtype=np.uint16),
        )
        for code in range(self.known[0], len(sets)):
            codes[code] = project.labels.sets.code_of(sets.members(code))
        for place in range(self.known[1], len(models)):
            places[place] = project.labels.model_index(models[place])
        if np.array_equal(codes, np.arange(len(sets))) and np.array_equal(
            places, np.arange(len(models))
        ):
            return change
        return Several(tuple(_recoded(one, codes, places) for one in change.changes))


def _recoded(change: Change, codes: NDArray[np.int32], places: NDArray[np.uint16]) -> Change:
    if not isinstance(change, SetLabels):
        return change
    labels = change.labels.copy()
    labels["concepts"], labels["model"] = codes[labels["concepts"]], places[labels["model"]]
    return SetLabels(change.ids, labels)


def import_change(project: Project, plan: ImportPlan, *, replaces: bool, at: int) -> Import:
    """Return the change that imports a plan, without images removed meanwhile.

    Args:
        project: As it is now.
        plan: What was read.
        replaces: Whether what a person decided in the project gives way to what a person decided in
            the file; to automatic labels it never does.
        at: Milliseconds since 1970, UTC: when labels are decided of which the file does not say it.
    """
    target = ImportTarget.of(project)
    found = planned_import(target, plan, replaces=replaces, at=at)
    return replace(found, change=target.change_of(project, found.change))


def planned_import(target: ImportTarget, plan: ImportPlan, *, replaces: bool, at: int) -> Import:
    """Like `import_change`, but on any thread; for `target.change_of`."""
    concepts = _with_new(target, plan)
    rows = np.searchsorted(target.ids, plan.ids)  # an id stays, also where its image is removed
    is_there = ~target.is_removed[rows]
    ids, labels = plan.ids[is_there], _labels(target, plan, concepts, at)[is_there]
    before = target.labels.all[rows[is_there]]
    is_same = np.ones(len(ids), np.bool_)
    for column in ("concepts", "decided_by", "state"):
        is_same &= before[column] == labels[column]
    gives_way = replaces & (labels["decided_by"] == DecidedBy.PERSON)
    is_kept = ~is_same & (before["decided_by"] == DecidedBy.PERSON) & ~gives_way
    is_new = ~is_same & ~is_kept
    has_several = target.labels.sets.has_several(labels["concepts"][is_new])
    makes_multi = has_several and not target.settings.is_multi
    concepts = _used(target, concepts, labels[is_new])
    changes = list[Change]()
    if len(concepts) > len(target.concepts):
        changes.append(SetConcepts(concepts))
    if makes_multi:
        changes.append(SetFact(SETTINGS, replace(target.settings, is_multi=True)))
    changes.append(SetLabels(ids[is_new], labels[is_new]))
    changed, same, kept = (int(np.count_nonzero(one)) for one in (is_new, is_same, is_kept))
    there = {one.key for one in target.concepts}
    added = tuple(one.name for one in concepts if one.key not in there)
    return Import(Several(tuple(changes)), changed, same, kept, added, makes_multi)


def _with_new(target: ImportTarget, plan: ImportPlan) -> tuple[Concept, ...]:
    """Return the concepts with new ones added for unknown names and their parents."""
    known, found = by_any_name(target.concepts), dict[str, Concept]()
    for name in plan.new_names(target.concepts):
        parent = None
        for one in plan.paths.get(name.casefold(), (name,)):
            there = known.get(one.casefold())
            called = there.name if there else one
            concept = Concept(len(found), called, parent=parent)
            parent = found.setdefault(called.casefold(), concept).key
    new = tuple(found.values())
    try:
        return joined(target.concepts, new, least_key=target.next_concept_id)
    except UsageError:  # below parents of the project they would lie too deep
        plain = tuple(replace(one, parent=None) for one in new)
        return joined(target.concepts, plain, least_key=target.next_concept_id)


def _labels(target: ImportTarget, plan: ImportPlan, concepts: Iterable[Concept], at: int) -> Labels:
    """Return the labels of a plan as labels of the project; reject concepts give none."""
    known, table = by_any_name(concepts), target.labels
    codes = [table.sets.code_of(_usable(names, known)) for names in plan.sets]
    models = [table.model_index(name) for name in plan.models]
    labels = plan.labels.copy()
    labels["concepts"] = np.array(codes, np.int32)[labels["concepts"]]
    labels["model"] = np.array(models, np.uint16)[labels["model"]]
    labels["decided_at"][labels["decided_at"] == 0] = at
    is_none = (labels["concepts"] == NO_LABEL) & (labels["decided_by"] != DecidedBy.PERSON)
    none = labels_of(np.array([NO_LABEL]), DecidedBy.NOBODY, ReviewState.UNLABELLED)
    labels[is_none] = none[0]  # suggested: none of these
    return labels


def _usable(names: tuple[str, ...], known: Mapping[str, Concept]) -> list[ConceptId]:
    concepts = (known[name.casefold()] for name in names)
    return [concept.key for concept in concepts if not concept.is_reject]


def _used(
    target: ImportTarget, concepts: tuple[Concept, ...], labels: Labels
) -> tuple[Concept, ...]:
    """Return `concepts` without new ones that no label and no used child needs."""
    codes = np.unique(labels["concepts"]).tolist()
    used = {key for code in codes for key in target.labels.sets.members(code)}
    above = parents_of(concepts)
    used |= {key for one in used for key in above.get(one, ())}
    used |= {one.key for one in target.concepts}
    return tuple(one for one in concepts if one.key in used)
