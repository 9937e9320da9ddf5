"""The rule by which suggestions become labels, everywhere in the program."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import Settings
from nameplate.domain.concepts import Concept, ConceptId, parents_of
from nameplate.domain.images import BLOCK_ROWS
from nameplate.domain.labels import NO_CONCEPT, NO_LABEL, LabelSets
from nameplate.scoring.classifier import columns_below
from nameplate.scoring.scores import any_of, kept_concepts
from nameplate.scoring.suggestions import Suggestions


def proposed(
    suggestions: Suggestions,
    rows: NDArray[np.int64],
    settings: Settings,
    concepts: Sequence[Concept],
    sets: LabelSets,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return the label that each image would get: the one labelling rule of the program.

    One concept, the best, if its probability reaches the minimum: its own, or that of the
    project. Otherwise the nearest of itself and its parents that reaches its minimum with all
    that lies below it. With several labels an image all that reach it and fit better than every
    reject concept, but no parents of others. A reject concept gives no label, nor does one that
    is gone, nor one that a person said the image is not.

    Args:
        suggestions: Of all images.
        rows: Of n images.
        settings: Minimum, and whether an image may have several labels.
        concepts: As they are now; thresholds, and which of them are reject concepts, may have
            changed since they were scored.
        sets: Gives the codes.

    Returns:
        int32 codes of sets of concepts, and float32 probabilities of their best concepts, NaN
        where there is none.
    """
    if suggestions.classifier is None:
        return np.full(len(rows), NO_LABEL, np.int32), np.full(len(rows), np.nan, np.float32)
    usable = {c.key: least_of(c, settings) for c in concepts if not c.is_reject}
    if settings.is_multi:
        return _several(suggestions, rows, usable, concepts, sets)
    suggested, probability = suggestions.suggested[rows], suggestions.probability[rows]
    minimum = np.full(len(rows), settings.minimum, np.float32)
    for concept in concepts:
        if concept.threshold is not None:
            minimum[suggested == concept.key] = concept.threshold
    is_usable = np.isin(suggested, list(usable))
    is_weak = ~(probability >= minimum) & is_usable
    if any(concept.parent is not None for concept in concepts):
        suggested[is_weak], probability[is_weak] = _of_parents(
            suggestions, rows[is_weak], suggested[is_weak], usable, concepts
        )
    else:
        suggested[is_weak], probability[is_weak] = NO_CONCEPT, np.nan
    suggested[~is_usable], probability[~is_usable] = NO_CONCEPT, np.nan
    return sets.codes_of(suggested), probability


def _of_parents(
    suggestions: Suggestions,
    rows: NDArray[np.int64],
    suggested: NDArray[np.int32],
    usable: Mapping[ConceptId, float],
    concepts: Sequence[Concept],
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return the nearest probable enough parent for images whose suggestion is not.

    n int32 ids, NO_CONCEPT where there is no such parent, and n float32 probabilities; `usable` has
    the least probability of each concept that may be a label.
    """
    classifier = suggestions.classifier
    below = columns_below(classifier.concepts) if classifier else {}
    is_exclusive, above = classifier is not None and classifier.is_exclusive, parents_of(concepts)
    found = np.full(len(rows), NO_CONCEPT, np.int32)
    probability = np.full(len(rows), np.nan, np.float32)
    for start in range(0, len(rows), BLOCK_ROWS):
        block = slice(start, start + BLOCK_ROWS)
        of_all, best = suggestions.scored_images(rows[block]).probabilities, suggested[block]
        is_rejected = suggestions.is_rejected(rows[block])
        for key in np.unique(best).tolist():
            left = np.flatnonzero(best == key)
            for parent in (key, *above[key]):
                if parent not in usable or parent not in below:
                    continue
                p = any_of(of_all[left], below[parent], is_exclusive=is_exclusive)
                is_sure = p >= np.float32(usable[parent])
                is_sure &= ~is_rejected[left, below[parent][0]]
                found[start + left[is_sure]] = parent
                probability[start + left[is_sure]] = p[is_sure]
                left = left[~is_sure]
    return found, probability


def _several(
    suggestions: Suggestions,
    rows: NDArray[np.int64],
    usable: Mapping[ConceptId, float],
    concepts: Sequence[Concept],
    sets: LabelSets,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    scored_concepts = suggestions.classifier.concepts if suggestions.classifier else ()
    keys = [concept.key for concept in scored_concepts]
    column, above = {key: place for place, key in enumerate(keys)}, parents_of(concepts)
    parents = {
        column[key]: [column[one] for one in ones if one in column]
        for key, ones in above.items()
        if ones and key in column
    }
    is_reject = [key not in usable for key in keys]
    minimum = np.array([usable.get(key, 0.0) for key in keys], np.float32)
    codes = np.full(len(rows), NO_LABEL, np.int32)
    probability = np.full(len(rows), np.nan, np.float32)
    for start in range(0, len(rows) if keys else 0, BLOCK_ROWS):
        block = slice(start, start + BLOCK_ROWS)
        scored, is_rejected = (
            suggestions.scored_images(rows[block]),
            suggestions.is_rejected(rows[block]),
        )
        scored = replace(scored, probabilities=np.where(is_rejected, -1, scored.probabilities))
        keep = kept_concepts(scored, is_reject, minimum=minimum, parents=parents)
        codes[block] = _codes_of(keep, keys, sets)
        best = np.where(keep, scored.scores, -np.inf).argmax(axis=1)
        of_best = np.take_along_axis(scored.probabilities, best[:, None], axis=1)[:, 0]
        probability[block] = np.where(keep.any(axis=1), of_best, np.float32(np.nan))
    return codes, probability


def least_of(concept: Concept, settings: Settings) -> float:
    """Return the least probability with which bulk labelling gives a concept."""
    return settings.minimum if concept.threshold is None else concept.threshold


def _codes_of(
    keep: NDArray[np.bool_], keys: Sequence[ConceptId], sets: LabelSets
) -> NDArray[np.int32]:
    """Return the codes of the sets of concepts that are True in each row (N x K)."""
    packed, places = np.unique(np.packbits(keep, axis=1), axis=0, return_inverse=True)
    members = np.unpackbits(packed, axis=1, count=len(keys)).astype(bool)
    known = np.array(keys)
    codes = [sets.code_of(known[row].tolist()) for row in members]
    return np.array(codes, np.int32)[places.reshape(-1)]
