"""The rules of labelling; each function returns a change and changes nothing itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import Change, SetConcepts, SetLabels, Settings, Several
from nameplate.domain.concepts import Concept, ConceptId, add, merged
from nameplate.domain.labels import (
    LASTING,
    NO_CONCEPT,
    NO_LABEL,
    DecidedBy,
    Labels,
    LabelSets,
    ReviewState,
    labels_of,
    unlabelled,
)
from nameplate.project.project import Project
from nameplate.scoring.proposals import proposed
from nameplate.scoring.suggestions import Suggestions

Rows = NDArray[np.int64]
NO_ROWS: Final = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class DecisionContext:
    """The time of a decision, and the suggestions at that time.

    Attributes:
        at: Milliseconds since 1970, UTC.
        model: Name of the model that `suggestions` come from.
        suggestions: Of all images of the project.
    """

    at: int
    model: str
    suggestions: Suggestions


def auto_label(project: Project, rows: Rows, now: DecisionContext) -> SetLabels:
    """Return the change that labels `rows` with their suggestions.

    Images that a person decided, or that came with a label, stay as they are, and so do images
    without a suggestion. An image whose suggestion is too unsure, or that is none of the concepts,
    loses an earlier automatic label.
    """
    suggestions, labels = now.suggestions, project.labels
    decider = suggestions.classifier.decider if suggestions.classifier else DecidedBy.AUTO
    is_free = ~np.isin(labels.decided_by[rows], LASTING)
    is_told = (suggestions.suggested[rows] != NO_CONCEPT) | suggestions.all_rejected(rows)
    rows = rows[is_free & is_told]
    settings, concepts = project.settings, project.concepts
    codes, probability = proposed(suggestions, rows, settings, concepts, labels.sets)
    has_label = codes != NO_LABEL
    by = np.where(has_label, decider, DecidedBy.NOBODY).astype(np.uint8)
    changed = (labels.concepts[rows] != codes) | (labels.decided_by[rows] != by)
    new = labels_of(
        codes[changed],
        by[changed],
        np.where(has_label, ReviewState.SUGGESTED, ReviewState.UNLABELLED)[changed],
        decided_at=now.at,
        probability=probability[changed],
        model=labels.model_index(now.model),
    )
    return _set(project, rows[changed], new)


@dataclass(frozen=True, slots=True)
class LabelCounts:
    """How many images a change of labels affects, and how.

    Attributes:
        given: Had no label and get one.
        changed: Get another label.
        lost: Lose their label.
        kept: All others of the project that have a label: it stays.
    """

    given: int
    changed: int
    lost: int
    kept: int


def outcome_of(project: Project, change: SetLabels) -> LabelCounts:
    """Return how many images `change` affects; call it before the change is applied."""
    rows, has = project.images.rows_of(change.ids), project.labels.has_label
    had, gets = has[rows], change.labels["concepts"] != NO_LABEL
    is_same = project.labels.concepts[rows] == change.labels["concepts"]
    given, changed, lost = (
        int(np.count_nonzero(which)) for which in (~had & gets, had & gets & ~is_same, had & ~gets)
    )
    kept = np.count_nonzero(has & ~project.images.is_removed) - changed - lost
    return LabelCounts(given, changed, lost, int(kept))


def count_proposed(
    suggestions: Suggestions,
    rows: Rows,
    settings: Settings,
    concepts: Sequence[Concept],
    concept: ConceptId,
) -> int:
    """Return how many of `rows` auto-labelling would give a concept; thread-safe on copies."""
    sets = LabelSets()
    codes, _ = proposed(suggestions, rows, settings, concepts, sets)
    return sets.counts(codes).get(concept, 0)


def label(project: Project, rows: Rows, concept: ConceptId, now: DecisionContext) -> SetLabels:
    """Return the change by which a person labels `rows` with a concept.

    Where images may have several labels, the concept is added to those that an image has; if all
    have it, it is taken off. A reject concept leaves an image decided, without a label.
    """
    labels, is_reject = project.labels, concept in rejects(project.concepts)
    codes = labels.concepts[rows]
    if is_reject:
        codes = np.full(len(rows), NO_LABEL, np.int32)
    elif not project.settings.is_multi:
        codes = np.full(len(rows), labels.sets.code_of([concept]), np.int32)
    elif np.isin(codes, labels.sets.with_any([concept])).all():
        codes = labels.sets.without(codes, [concept])
    else:
        codes = labels.sets.with_added(codes, concept)
    suggested = now.suggestions.suggested[rows]
    if is_reject:
        is_suggested = suggested == concept
    else:
        is_suggested = (suggested != NO_CONCEPT) & (codes == labels.sets.codes_of(suggested))
    state = np.where(is_suggested, ReviewState.ACCEPTED, ReviewState.CORRECTED).astype(np.uint8)
    return decided(project, rows, codes, state, now)


def accept(project: Project, rows: Rows, now: DecisionContext) -> SetLabels:
    """Return the change by which a person accepts the labels or suggestions of `rows`.

    An image with neither is left out, and so is one that a person decided: it stays as it is. One
    that shows a reject concept is decided, without a label.
    """
    labels = project.labels
    rows = rows[labels.decided_by[rows] != DecidedBy.PERSON]
    suggested = now.suggestions.suggested[rows]
    known = [concept.key for concept in project.concepts]
    is_shown = labels.has_label[rows] | np.isin(suggested, known)
    rows, suggested = rows[is_shown], suggested[is_shown]
    is_reject = np.isin(suggested, list(rejects(project.concepts)))
    of_suggestion = labels.sets.codes_of(np.where(is_reject, NO_CONCEPT, suggested))
    codes = np.where(labels.has_label[rows], labels.concepts[rows], of_suggestion)
    return decided(project, rows, codes, ReviewState.ACCEPTED, now)


def clear(project: Project, rows: Rows) -> SetLabels:
    """Return the change that makes `rows` unlabelled, without images that are already."""
    rows = rows[project.labels.states[rows] != ReviewState.UNLABELLED]
    return _set(project, rows, unlabelled(len(rows)))


def skip(project: Project, rows: Rows, now: DecisionContext) -> SetLabels:
    """Return the change by which a person skips `rows`."""
    none = np.full(len(rows), NO_LABEL, np.int32)
    new = labels_of(none, DecidedBy.PERSON, ReviewState.SKIPPED, decided_at=now.at)
    return _set(project, rows, new)


def change_concepts(project: Project, concepts: tuple[Concept, ...]) -> Change:
    """Return the change that replaces the concepts, and removes labels of removed ones."""
    gone = {concept.key for concept in project.concepts} - {concept.key for concept in concepts}
    off = gone | rejects(concepts)
    rows = project.labels.rows_with(off)
    if not len(rows):
        return SetConcepts(concepts)
    left = project.labels.all[rows]
    left["concepts"] = project.labels.sets.without(left["concepts"], off)
    is_empty = left["concepts"] == NO_LABEL
    left[is_empty] = unlabelled(int(is_empty.sum()))
    return Several((_set(project, rows, left), SetConcepts(concepts)))


def merge(
    project: Project, kept: ConceptId, others: Iterable[ConceptId], *, as_synonyms: bool
) -> Change:
    """Return the change that merges concepts: their labels become `kept`.

    Where that is a reject concept, what a person decided stays decided, without a label.
    """
    gone = set(others) - {kept}
    concepts = merged(project.concepts, kept, gone, as_synonyms=as_synonyms)
    labels = project.labels
    rows = labels.rows_with(gone)
    new = labels.all[rows]
    new["concepts"] = labels.sets.without(new["concepts"], gone)
    if kept not in rejects(concepts):
        new["concepts"] = labels.sets.with_added(new["concepts"], kept)
    is_free = (new["concepts"] == NO_LABEL) & (new["decided_by"] != DecidedBy.PERSON)
    new[is_free] = unlabelled(int(is_free.sum()))
    return Several((_set(project, rows, new), SetConcepts(concepts)))


def split(
    project: Project, key: ConceptId, rows: Rows, line: str, now: DecisionContext
) -> tuple[Change, ConceptId]:
    """Return the change by which a person gives `rows` a new concept instead of `key`.

    The new one is the last in the list, so that no name gets another key. `line` is the new name,
    as it is typed.

    Returns:
        The change, and the id of the new concept.

    Raises:
        UsageError: As `concepts.add` does.
    """
    labels = project.labels
    after = add(project.concepts, line, least_key=project.next_concept_id)
    new = after[-1]
    chosen = np.full(len(rows), labels.sets.code_of([new.key]), np.int32)
    if new.is_reject:
        chosen[:] = NO_LABEL
    elif project.settings.is_multi:
        others = labels.sets.without(labels.concepts[rows], [key])
        chosen = labels.sets.with_added(others, new.key)
    labelled = decided(project, rows, chosen, ReviewState.CORRECTED, now)
    return Several((labelled, SetConcepts(after))), new.key


def rejects(concepts: Iterable[Concept]) -> set[ConceptId]:
    """Return the ids of the reject concepts."""
    return {concept.key for concept in concepts if concept.is_reject}


def decided(
    project: Project,
    rows: Rows,
    codes: NDArray[np.int32],
    state: NDArray[np.uint8] | ReviewState,
    now: DecisionContext,
) -> SetLabels:
    """Return the change to labels that a person decides, with their current probability."""
    new = labels_of(
        codes,
        DecidedBy.PERSON,
        state,
        decided_at=now.at,
        probability=_probability(project, rows, codes, now.suggestions),
        model=project.labels.model_index(now.model),
    )
    return _set(project, rows, new)


def _probability(
    project: Project, rows: Rows, codes: NDArray[np.int32], suggestions: Suggestions
) -> NDArray[np.float32]:
    """Return the probability of each label's first concept; NaN where there is none."""
    first = project.labels.sets.first_concepts()[codes]
    is_best = first == suggestions.suggested[rows]
    found = np.where(is_best, suggestions.probability[rows], np.float32(np.nan))
    others = (first != NO_CONCEPT) & ~is_best
    for key in np.unique(first[others]).tolist():
        mine = np.flatnonzero(others & (first == key))
        found[mine] = suggestions.probability_of(rows[mine], key)
    return found


def _set(project: Project, rows: Rows, labels: Labels) -> SetLabels:
    order = np.argsort(rows, kind="stable")
    return SetLabels(project.images.ids[rows[order]], labels.take(order))
