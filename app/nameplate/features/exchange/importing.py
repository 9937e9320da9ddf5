"""Import of labels from a file: the preview and the change."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import Change, SetConcepts, SetFact, SetLabels, Several
from nameplate.domain.concepts import Concept, ConceptId, add_new, by_any_name
from nameplate.domain.labels import LASTING, NO_LABEL, DecidedBy, Labels, ReviewState, labels_of
from nameplate.features.exchange.facts import GIVEN
from nameplate.features.exchange.given import GivenLabels, given_in
from nameplate.features.exchange.import_plan import ImportPlan
from nameplate.project.facts import SETTINGS
from nameplate.project.project import Project
from nameplate.wording.texts import listed, sentence, trn


@dataclass(frozen=True, slots=True)
class Import:
    """The change that imports labels, and its effects in numbers.

    Attributes:
        changed: How many images are decided otherwise.
        labelled: How many of these have a label then.
        skipped: How many of these are skipped.
        kept: How many stay as they are, since a person decided.
    """

    change: Several
    changed: int
    labelled: int
    skipped: int
    same: int
    kept: int
    new_names: tuple[str, ...]
    makes_multi: bool

    @property
    def text(self) -> str:
        """The sentence that reports an import."""
        new, kept = len(self.new_names), self.kept
        said = (
            trn("{count:,} label imported", "{count:,} labels imported", self.labelled),
            trn("{count:,} skipped", "{count:,} skipped", self.skipped, zero=""),
            trn("{count:,} name added", "{count:,} names added", new, zero=""),
            trn("{count:,} left as you checked", "{count:,} left as you checked", kept, zero=""),
        )
        return sentence(listed(said))


def copy_of(project: Project) -> Project:
    """Return a copy of a project that `import_change` may be given on another thread."""
    copy = project.snapshot(project.images.without_embeddings())
    copy.labels.models = list(copy.labels.models)  # else both threads would add to these
    return copy


def change_in(project: Project, copy: Project, change: Several) -> Several:
    """Return a change that was made with a copy as one of the project, which is as it was.

    Sets of concepts that the change is the first to have get their codes in the project now.
    """
    sets, labels = copy.labels.sets, project.labels
    codes = [labels.sets.code_of(sets.members(code)) for code in range(len(sets))]
    places = [labels.model_index(name) for name in copy.labels.models]
    new = np.array(codes, np.int32), np.array(places, np.uint16)
    return Several(tuple(_recoded(one, *new) for one in change.changes))


def _recoded(change: Change, codes: NDArray[np.int32], places: NDArray[np.uint16]) -> Change:
    if isinstance(change, SetFact) and isinstance(given := change.value, GivenLabels):
        return SetFact(GIVEN, GivenLabels(given.ids, codes[given.concepts]))
    if not isinstance(change, SetLabels):
        return change
    labels = change.labels.copy()
    labels["concepts"], labels["model"] = codes[labels["concepts"]], places[labels["model"]]
    return SetLabels(change.ids, labels)


def import_change(
    project: Project, plan: ImportPlan, *, at: int, replaces: bool = False, is_checked: bool = False
) -> Import:
    """Return the change that imports a plan, without images removed since.

    Args:
        project: Is not changed.
        plan: What the file says.
        at: When labels are decided of which the file does not say it, in milliseconds since 1970.
        replaces: Let what a person decided in the project give way to what the file says; to
            automatic labels it never does.
        is_checked: Take labels of which the file does not say who decided them as a person's
            decisions. Else they are only given.
    """
    concepts = _with_new(project, plan)
    # An id stays, also where its image is removed.
    rows = np.searchsorted(project.images.ids, plan.ids)
    is_there = ~project.images.is_removed[rows]
    ids, is_given = plan.ids[is_there], (plan.labels["decided_by"] == DecidedBy.GIVEN)[is_there]
    labels = _labels(project, plan, concepts, at=at, is_checked=is_checked)[is_there]
    given = given_in(project).with_more(ids[is_given], labels["concepts"][is_given])
    before = project.labels.all[rows[is_there]]
    is_same = np.ones(len(ids), np.bool_)
    for column in ("concepts", "decided_by", "state"):
        is_same &= before[column] == labels[column]
    is_lasting = np.isin(labels["decided_by"], LASTING)
    is_by_person, was_given = (before["decided_by"] == who for who in LASTING)
    gives_way = np.where(is_by_person, replaces, was_given) & is_lasting
    is_kept = ~is_same & (is_by_person | was_given) & ~gives_way
    is_new = ~is_same & ~is_kept
    has_several = project.labels.sets.has_several(labels["concepts"][is_new])
    makes_multi = has_several and not project.settings.is_multi
    concepts = _used(project, concepts, labels[is_new])
    changes = list[Change]()
    if len(concepts) > len(project.concepts):
        changes.append(SetConcepts(concepts))
    if makes_multi:
        changes.append(SetFact(SETTINGS, replace(project.settings, is_multi=True)))
    changes.append(SetLabels(ids[is_new], labels[is_new]))
    if is_given.any() and not is_checked:
        changes.append(SetFact(GIVEN, given))
    has_label = is_new & (labels["concepts"] != NO_LABEL)
    is_skipped = is_new & (labels["state"] == ReviewState.SKIPPED)
    kinds = (is_new, has_label, is_skipped, is_same, is_kept)
    changed, labelled, skipped, same, kept = (int(np.count_nonzero(one)) for one in kinds)
    there = {one.key for one in project.concepts}
    added = tuple(one.name for one in concepts if one.key not in there)
    change = Several(tuple(changes))
    return Import(change, changed, labelled, skipped, same, kept, added, makes_multi)


def _with_new(project: Project, plan: ImportPlan) -> tuple[Concept, ...]:
    """Return the concepts with new ones added for unknown names."""
    new = [Concept(-1, name) for name in plan.new_names(project.concepts)]
    return add_new(project.concepts, new, least_key=project.next_concept_id)


def _labels(
    project: Project, plan: ImportPlan, concepts: Iterable[Concept], *, at: int, is_checked: bool
) -> Labels:
    """Return the labels of a plan as labels of the project; reject concepts give none."""
    known, table = by_any_name(concepts), project.labels
    codes = [table.sets.code_of(_usable(names, known)) for names in plan.sets]
    models = [table.model_index(name) for name in plan.models]
    labels = plan.labels.copy()
    labels["concepts"] = np.array(codes, np.int32)[labels["concepts"]]
    labels["model"] = np.array(models, np.uint16)[labels["model"]]
    labels["decided_at"][labels["decided_at"] == 0] = at
    if is_checked:
        is_given = labels["decided_by"] == DecidedBy.GIVEN
        labels["decided_by"][is_given] = DecidedBy.PERSON
        labels["state"][is_given] = ReviewState.CORRECTED
    is_none = (labels["concepts"] == NO_LABEL) & (labels["decided_by"] != DecidedBy.PERSON)
    none = labels_of(np.array([NO_LABEL]), DecidedBy.NOBODY, ReviewState.UNLABELLED)
    labels[is_none] = none[0]  # suggested: none of these
    return labels


def _usable(names: tuple[str, ...], known: Mapping[str, Concept]) -> list[ConceptId]:
    concepts = (known[name.casefold()] for name in names)
    return [concept.key for concept in concepts if not concept.is_reject]


def _used(project: Project, concepts: tuple[Concept, ...], labels: Labels) -> tuple[Concept, ...]:
    """Return `concepts` without new ones that no label needs."""
    codes = np.unique(labels["concepts"]).tolist()
    used = {key for code in codes for key in project.labels.sets.members(code)}
    used |= {one.key for one in project.concepts}
    return tuple(one for one in concepts if one.key in used)
