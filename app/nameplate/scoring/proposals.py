"""The rule by which suggestions become labels, everywhere in the program."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import Settings
from nameplate.domain.concepts import Concept, ConceptId
from nameplate.domain.images import BLOCK_ROWS
from nameplate.domain.labels import NO_CONCEPT, NO_LABEL, LabelSets
from nameplate.scoring.scores import kept_concepts
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
    project. With several labels an image all that reach it and fit better than every reject
    concept. A reject concept gives no label, nor does one that is gone, nor one that a person said
    the image is not.

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
        return _several(suggestions, rows, usable, sets)
    suggested, probability = suggestions.suggested[rows], suggestions.probability[rows]
    minimum = np.full(len(rows), settings.minimum, np.float32)
    for concept in concepts:
        if concept.threshold is not None:
            minimum[suggested == concept.key] = concept.threshold
    is_label = (probability >= minimum) & np.isin(suggested, list(usable))
    suggested[~is_label], probability[~is_label] = NO_CONCEPT, np.nan
    return sets.codes_of(suggested), probability


def _several(
    suggestions: Suggestions,
    rows: NDArray[np.int64],
    usable: Mapping[ConceptId, float],
    sets: LabelSets,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    scored_concepts = suggestions.classifier.concepts if suggestions.classifier else ()
    keys = [concept.key for concept in scored_concepts]
    is_reject = [key not in usable for key in keys]
    minimum = np.array([usable.get(key, 0.0) for key in keys], np.float32)
    codes = np.full(len(rows), NO_LABEL, np.int32)
    probability = np.full(len(rows), np.nan, np.float32)
    for start in range(0, len(rows) if keys else 0, BLOCK_ROWS):
        block = slice(start, start + BLOCK_ROWS)
        scored = suggestions.scored_images(rows[block])
        is_rejected = suggestions.is_rejected(rows[block])
        scored = replace(scored, probabilities=np.where(is_rejected, -1, scored.probabilities))
        keep = kept_concepts(scored, is_reject, minimum=minimum)
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
