"""What deserves another look in a project: found from copies, on any thread; nothing is changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import SetFactOfImages
from nameplate.domain.concepts import ConceptId
from nameplate.domain.embeddings import Vectors
from nameplate.domain.images import Contents, ImageState
from nameplate.domain.labels import NO_CONCEPT, DecidedBy, ReviewState
from nameplate.domain.progress import NEVER, CancelToken
from nameplate.domain.stacks import Pairs, StackKind, differing, joined, same_files
from nameplate.features.outliers import CALLED_RIGHT, mistakes
from nameplate.features.outliers.confusion import Confused, confused, torn
from nameplate.features.outliers.misfits import misfit, with_decisions
from nameplate.features.outliers.mistakes import STRONG, Batch, contradictions
from nameplate.project.labelling import Rows
from nameplate.project.project import Project
from nameplate.scoring.alike import ALIKE
from nameplate.scoring.near_duplicates import near_pairs
from nameplate.scoring.score_matrix import ScoreMatrix
from nameplate.scoring.spread import FOR_GROUPS, Spread, gathered, sample_of
from nameplate.scoring.suggestions import Suggestions
from nameplate.scoring.zero_shot import ZeroShot

_BLOCK: Final = 4096
_MOST_LISTED: Final = 240
_FEWEST_IMAGES: Final = 24
"""Images of which the ones that fit least are told."""
_LEAST_LISTED: Final = 12
_SHARE_LISTED: Final = 50
_MOST_PAIRS: Final = 20

NO_LABEL_AT_ALL: Final = -1


class Oddity(Enum):
    """Why an image deserves another look; the value is its word in a typed filter."""

    MISTAKE = "mistake"
    """A person's decision that the rest speaks against."""
    MISFIT = "misfit"
    """It is undecided, and fits no name."""
    DUPLICATE = "duplicate"
    """It is nearly the same picture as another one that has another label, or an undecided copy of
    a decided file that is suggested otherwise."""


@dataclass(frozen=True, slots=True)
class Oddities:
    """What was found.

    Attributes:
        rows: Of the images of each kind, the oddest first; duplicates beside one another.
        confused: The names that are confused most, by their ids, the worst first.
        missing: How many more decisions it takes before mistakes can be looked for.
        duplicates: Pairs of near-duplicates, for the next time, see `Material.duplicates`.
    """

    rows: dict[Oddity, Rows]
    confused: tuple[Confused, ...]
    missing: int
    duplicates: Pairs


@dataclass(frozen=True, slots=True)
class Material:
    """Copies of what is looked at, a row an image; embeddings and scores are shared.

    Attributes:
        blocks: Embeddings.
        names: The zero-shot classifier, and `scores` of it; None before the first.
        scores: As in `Suggestions`.
        is_ready: Whether an image has an embedding and scores.
        is_decided: Whether a person decided about it; skipping is none.
        codes: int64 of its labels, whoever gave them; -1 for none.
        suggested: int64 of the label that is suggested for it; -1 where a person decided, and where
            images may have several labels.
        shown: C x K bool: which of the names' concepts the labels of each code are.
        contents: Of the files.
        duplicates: Pairs of near-duplicates that were found before, of the same images.
    """

    blocks: Sequence[Vectors]
    names: ZeroShot | None
    scores: ScoreMatrix
    is_ready: NDArray[np.bool_]
    is_decided: NDArray[np.bool_]
    codes: NDArray[np.int64]
    suggested: NDArray[np.int64]
    shown: NDArray[np.bool_]
    contents: Contents
    duplicates: Pairs | None = None

    @classmethod
    def of(
        cls,
        project: Project,
        suggestions: Suggestions,
        duplicates: Pairs | None = None,
    ) -> "Material":
        """Return what is to be looked at in a project."""
        images, labels, classifier = project.images, project.labels, suggestions.classifier
        names = classifier.names if classifier else None
        concepts = names.concepts if names else ()
        is_decided = (labels.decided_by == DecidedBy.PERSON) & (
            labels.states != ReviewState.SKIPPED
        )
        has_label = labels.has_label & ~images.is_removed
        is_known = ~np.isnan(suggestions.probability)
        by_person = (labels.decided_by == DecidedBy.PERSON) | project.settings.is_multi
        proposed = np.where(by_person | images.is_removed, NO_CONCEPT, suggestions.suggested)
        suggested = np.where(proposed < 0, NO_LABEL_AT_ALL, labels.sets.codes_of(proposed))
        return cls(
            images.blocks(),
            names,
            suggestions.scores,
            (images.states == ImageState.READY) & ~images.is_removed & is_known,
            is_decided & ~images.is_removed,
            np.where(has_label, labels.concepts, NO_LABEL_AT_ALL).astype(np.int64),
            suggested.astype(np.int64),
            labels.sets.flags_of(concept.key for concept in concepts),
            images.contents.copy(),
            duplicates,
        )

    @property
    def is_reject(self) -> NDArray[np.bool_]:
        """Which of K concepts give no label."""
        concepts = self.names.concepts if self.names else ()
        return np.array([concept.is_reject for concept in concepts], np.bool_)


def call_right(project: Project, rows: Rows) -> SetFactOfImages[frozenset[ConceptId]]:
    """Return the change by which a person calls the labels of some images right as they are."""
    labels = {
        int(project.images.ids[row]): frozenset(project.labels.members(row))
        for row in rows.tolist()
    }
    return SetFactOfImages(CALLED_RIGHT, labels)


def is_called_right(project: Project, rows: Rows) -> NDArray[np.bool_]:
    """Return which of some images a person called right with the labels that they have now."""
    said, ids, labels = project.fact_of_images(CALLED_RIGHT), project.images.ids, project.labels
    found = [said.get(int(ids[row])) == frozenset(labels.members(row)) for row in rows.tolist()]
    return np.array(found, np.bool_)


def find_oddities(material: Material, cancel: CancelToken = NEVER) -> Oddities:
    """Return what deserves another look; for a job, not for the window's thread."""
    names, ready = material.names, np.flatnonzero(material.is_ready)
    decided = np.flatnonzero(material.is_ready & material.is_decided)
    missing = max(0, mistakes.FEWEST - len(decided))
    near = material.duplicates
    if near is None:
        near = near_pairs(material.blocks, cancel=cancel)
    rows = {Oddity.DUPLICATE: _duplicates(material, near)}
    pairs = tuple[Confused, ...]()
    if names is None or not len(ready) or material.is_reject.all():
        none = np.empty(0, np.int64)
        rows |= {Oddity.MISTAKE: none, Oddity.MISFIT: none}
    else:
        spread = Spread.of(sample_of(material.blocks, len(material.is_ready)), FOR_GROUPS)
        few = decided[:0] if missing else decided
        rows[Oddity.MISTAKE] = _mistakes(material, names, spread, few, cancel)
        rows[Oddity.MISFIT] = _misfits(material, names, spread, cancel)
        pairs = _confused(material, names, ready, decided, cancel)
    return Oddities(rows, pairs, missing, near)


def _by_names(material: Material, names: ZeroShot, rows: Rows) -> NDArray[np.float32]:
    """Return n x K probabilities by the names alone."""
    return names.probabilities(material.scores.of(rows)[: len(names.weights)]).probabilities


def _blocks_of(rows: Rows) -> Iterator[Rows]:
    return (rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK))


def _mistakes(
    material: Material, names: ZeroShot, spread: Spread, decided: Rows, cancel: CancelToken
) -> Rows:
    is_reject = material.is_reject

    def batches() -> Iterator[Batch]:
        for rows in _blocks_of(decided):
            vectors = spread.place([gathered(material.blocks, rows)])
            by_names = _by_names(material, names, rows)
            none = by_names[:, is_reject].sum(axis=1, keepdims=True)
            shown = material.shown[material.codes[rows]] & (material.codes[rows] >= 0)[:, None]
            shown = shown[:, ~is_reject]
            is_none = ~shown.any(axis=1, keepdims=True)
            yield Batch(
                vectors,
                np.concatenate([by_names[:, ~is_reject], np.clip(none, 0, 1)], axis=1),
                np.concatenate([shown, is_none], axis=1),
            )

    if not len(decided):
        return decided
    found = contradictions(batches, cancel)
    worst = np.argsort(-found, kind="stable")[:_MOST_LISTED]
    return decided[worst[found[worst] >= STRONG]]


def _misfits(material: Material, names: ZeroShot, spread: Spread, cancel: CancelToken) -> Rows:
    fits = np.full(len(material.is_ready), np.nan, np.float32)
    is_column = np.flatnonzero(~material.is_reject)
    ready = np.flatnonzero(material.is_ready)
    for rows in _blocks_of(ready):
        fits[rows] = misfit(material.scores.of(rows)[is_column], names.head)
    is_named = material.is_decided & (material.codes >= 0)
    none = np.flatnonzero(material.is_ready & material.is_decided & (material.codes < 0))
    named = np.flatnonzero(material.is_ready & is_named)
    if len(none) and len(named):
        fits = with_decisions(fits, spread.place(material.blocks, cancel), none, named)
    left = ready[~material.is_decided[ready]]
    if len(left) < _FEWEST_IMAGES:
        return left[:0]
    count = min(_MOST_LISTED, max(_LEAST_LISTED, len(left) // _SHARE_LISTED))
    return left[np.argsort(-fits[left], kind="stable")][:count]


def _duplicates(material: Material, near: Pairs) -> Rows:
    """Return the images of which a near-duplicate, or an equal file, has another label.

    An undecided file counts with its suggestion where a person labelled an equal one.
    """
    codes, is_known = material.codes, material.contents["size"] >= 0
    same = same_files(material.contents, is_known)
    files = joined({StackKind.SAME_FILE: same}, len(codes))
    is_labelled = files.having(np.flatnonzero(material.is_decided & (codes >= 0)))
    is_copy = (codes < 0) & np.append(is_labelled, False)[files.numbers]  # the last is for no copy
    codes = np.where(is_copy, material.suggested, codes)
    groups = joined({StackKind.SAME_FILE: same, StackKind.COPY: near}, len(codes)).numbers
    differs = np.append(differing(groups, codes), False)  # the last is for -1, no group
    rows = np.flatnonzero(differs[groups] & (codes >= 0))
    return rows[np.argsort(groups[rows], kind="stable")][:_MOST_LISTED]


def _confused(
    material: Material,
    names: ZeroShot,
    ready: Rows,
    decided: Rows,
    cancel: CancelToken,
) -> tuple[Confused, ...]:
    columns = np.flatnonzero(~material.is_reject)
    count = len(columns)
    taken_for = np.zeros((count, count), np.int64)
    best = np.full(len(material.codes), -1, np.int64)

    def blocks() -> Iterator[NDArray[np.float32]]:
        for rows in _blocks_of(ready):
            cancel.raise_if_cancelled()
            found = _by_names(material, names, rows)[:, columns]
            best[rows] = np.argmax(found, axis=1)
            yield found

    torn_between = torn(blocks(), count)
    decided = decided[material.codes[decided] >= 0]
    shown = material.shown[material.codes[decided]][:, columns]
    is_one = shown.sum(axis=1) == 1
    decided, given = decided[is_one], np.argmax(shown[is_one], axis=1)
    np.add.at(taken_for, (given, best[decided]), 1)
    vectors, keys = names.vectors[columns], [names.concepts[c].key for c in columns.tolist()]
    pairs = confused(taken_for, torn_between, vectors @ vectors.T, ALIKE)[:_MOST_PAIRS]
    label = np.full(len(best), -1, np.int64)
    label[decided] = given
    return tuple(
        replace(
            pair,
            first=keys[pair.first],
            second=keys[pair.second],
            rows=_rows_of(pair, label, best),
        )
        for pair in pairs
    )


def _rows_of(pair: Confused, label: NDArray[np.int64], best: NDArray[np.int64]) -> Rows:
    """Return the images that were decided as one and are suggested as the other, else all."""
    one, other = pair.first, pair.second
    crossed = ((label == one) & (best == other)) | ((label == other) & (best == one))
    if not pair.decisions:
        crossed = (best == one) | (best == other)
    return np.flatnonzero(crossed)[:_MOST_LISTED]
