"""What a classifier suggests for every image: derived from embeddings, never stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.arrays import grown
from nameplate.domain.changes import Settings
from nameplate.domain.concepts import Concept, ConceptId
from nameplate.domain.embeddings import Vectors
from nameplate.domain.images import BLOCK_ROWS, ImageState, ImageTable
from nameplate.domain.label_sets import NO_LABEL, LabelSets
from nameplate.domain.labels import NO_CONCEPT
from nameplate.domain.progress import CancelToken
from nameplate.domain.prompts import TemplateSet
from nameplate.scoring.classifier import Classifier, scores_of
from nameplate.scoring.score_matrix import ScoreMatrix, score_matrix
from nameplate.scoring.scores import ScoredImages, select_concepts

_NO_SCORES: Final = np.empty((0, 0), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class BatchScores:
    """Scores of n images, and what they suggest.

    Attributes:
        classifier: What they were scored with.
        scores: R x n, see `ScoreMatrix`.
        suggested: int32 concept ids, NO_CONCEPT where there is no suggestion.
        probability: float32 of the suggestion, NaN where there is none.
        margin: float32, by how much it is more probable than the next concept, NaN likewise.
    """

    classifier: Classifier
    scores: NDArray[np.float32]
    suggested: NDArray[np.int32]
    probability: NDArray[np.float32]
    margin: NDArray[np.float32]

    @classmethod
    def of(cls, classifier: Classifier, embeddings: Vectors) -> "BatchScores":
        """Score n images (n x D)."""
        scores = scores_of(classifier, embeddings)
        return cls(classifier, scores, *_best(classifier, scores))


@dataclass(frozen=True, slots=True)
class ScoringResult:
    """Scores of all images, and what they suggest; otherwise as `BatchScores`."""

    classifier: Classifier
    scores: ScoreMatrix
    suggested: NDArray[np.int32]
    probability: NDArray[np.float32]
    margin: NDArray[np.float32]


def score_images(
    classifier: Classifier,
    blocks: Sequence[Vectors],
    known: ScoreMatrix | None = None,
    cancel: CancelToken | None = None,
) -> ScoringResult:
    """Score all images; for a job, not for the window's thread.

    Args:
        classifier: The new one.
        blocks: Embeddings, as `ImageTable.blocks` gives them.
        known: Scores of the same images that are there already, from which the columns of concepts
            that stay are taken; see `score_matrix`.
        cancel: Looked at before each block.

    Raises:
        CancelledError: `cancel` was set.
    """
    scores = score_matrix(blocks, classifier.weights, known, cancel)
    none = np.empty((len(scores.weights), 0), dtype=np.float32)
    found = [_best(classifier, block) for block in (none, *scores.blocks)]
    ids, probabilities, margins = map(np.concatenate, zip(*found, strict=True))
    return ScoringResult(classifier, scores, ids, probabilities, margins)


def _best(
    classifier: Classifier, scores: NDArray[np.float32]
) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]:
    """Return the ids of the best concepts for scores (R x n), their probabilities and margins."""
    best = classifier.best(scores)
    # The last entry answers for column -1: no suggestion.
    ids = np.array([*(concept.key for concept in classifier.concepts), NO_CONCEPT], np.int32)
    return ids[best.columns], best.probability, best.margin


class Suggestions:
    """Scores of all images by one classifier, a row for each row of an `ImageTable`.

    Attributes:
        classifier: What the scores come from; None until the first are there.
        scores: Of all images, for a job to start from or to report.
    """

    def __init__(self) -> None:
        self._count = 0
        self.forget()

    @property
    def suggested(self) -> NDArray[np.int32]:
        """Concept ids; NO_CONCEPT where nothing is suggested; a view."""
        return self._suggested[: self._count]

    @property
    def probability(self) -> NDArray[np.float32]:
        """Of the suggestion; NaN where there is none; a view."""
        return self._probability[: self._count]

    @property
    def margin(self) -> NDArray[np.float32]:
        """By how much it is more probable than the next concept; NaN likewise; a view."""
        return self._margin[: self._count]

    def is_for(
        self, concepts: Sequence[Concept], template_set: TemplateSet, *, multi: bool
    ) -> bool:
        """Whether the scores are those of these concepts under this template set."""
        classifier = self.classifier
        return classifier is not None and classifier.is_for(concepts, template_set, multi=multi)

    def forget(self) -> None:
        """Drop all scores; no image has a suggestion then."""
        self.classifier: Classifier | None = None
        self.scores = ScoreMatrix(_NO_SCORES, [])
        self._suggested = np.empty(0, dtype=np.int32)
        self._probability = np.empty(0, dtype=np.float32)
        self._margin = np.empty(0, dtype=np.float32)
        self.grow(self._count)

    def grow(self, count: int) -> None:
        """Make room for `count` images; new ones have no suggestion."""
        self.scores.reserve(count)
        self._count = max(count, self._count)
        self._suggested = grown(self._suggested, count, NO_CONCEPT)
        self._probability = grown(self._probability, count, np.nan)
        self._margin = grown(self._margin, count, np.nan)

    def put(self, rows: NDArray[np.int64], scores: BatchScores) -> None:
        """Set the scores of some images, which `classifier` gave."""
        self.scores.put(rows, scores.scores)
        self._suggested[rows] = scores.suggested
        self._probability[rows] = scores.probability
        self._margin[rows] = scores.margin

    def put_embeddings(
        self, rows: NDArray[np.int64], embeddings: Vectors, scored: BatchScores | None = None
    ) -> None:
        """Score images that got their embeddings.

        Args:
            rows: Of n images.
            embeddings: n x D.
            scored: Their scores, which are used if they are those of `classifier`.
        """
        if self.classifier is None:
            return
        if scored is None or scored.classifier is not self.classifier:
            scored = BatchScores.of(self.classifier, embeddings)
        self.put(rows, scored)

    def replace(self, result: ScoringResult, images: ImageTable) -> None:
        """Take over new scores; images that got their embeddings meanwhile are scored here."""
        self.classifier, self.scores = result.classifier, result.scores
        self._suggested, self._probability = result.suggested, result.probability
        self._margin = result.margin
        self.grow(len(images))
        is_ready = images.states == ImageState.READY
        late = np.flatnonzero(is_ready & np.isnan(self.probability))
        if len(late) and len(result.classifier.concepts):
            self.put_embeddings(late, images.embeddings_of(late))

    def scored_images(self, rows: NDArray[np.int64]) -> ScoredImages:
        """Return scores and probabilities of some images; K is 0 before the first scores."""
        if self.classifier is None:
            empty = np.empty((len(rows), 0), dtype=np.float32)
            return ScoredImages(empty, empty)
        return self.classifier.probabilities(self.scores.of(rows))

    def proposed(
        self,
        rows: NDArray[np.int64],
        settings: Settings,
        concepts: Sequence[Concept],
        sets: LabelSets,
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return what each image would be labelled with: the one labelling rule of the program.

        One concept, the best, if its probability reaches the minimum; with several labels an image
        all that reach it and fit better than every reject concept. A reject concept gives no label,
        nor does one that is gone.

        Args:
            rows: Of n images.
            settings: Minimum, and whether an image may have several labels.
            concepts: As they are now; which of them are reject concepts may have changed since they
                were scored.
            sets: Gives the codes.

        Returns:
            int32 codes of sets of concepts, and float32 probabilities of their best concepts, NaN
            where there is none.
        """
        if self.classifier is None:
            return np.full(len(rows), NO_LABEL, np.int32), np.full(len(rows), np.nan, np.float32)
        usable = {concept.key for concept in concepts if not concept.is_reject}
        if settings.is_multi:
            return self._several(rows, settings.minimum, usable, sets)
        suggested, probability = self.suggested[rows], self.probability[rows].copy()
        is_none = ~(probability >= settings.minimum) | ~np.isin(suggested, list(usable))
        probability[is_none] = np.nan
        return sets.codes_of(np.where(is_none, NO_CONCEPT, suggested)), probability

    def _several(
        self, rows: NDArray[np.int64], minimum: float, usable: set[ConceptId], sets: LabelSets
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        concepts = self.classifier.concepts if self.classifier else ()
        codes = np.full(len(rows), NO_LABEL, np.int32)
        probability = np.full(len(rows), np.nan, np.float32)
        for start in range(0, len(rows), BLOCK_ROWS):
            block = slice(start, start + BLOCK_ROWS)
            scored = self.scored_images(rows[block])
            is_reject = [concept.key not in usable for concept in concepts]
            chosen = select_concepts(scored, is_reject, minimum=minimum)
            for i, columns in enumerate(chosen):
                if columns:
                    codes[start + i] = sets.code_of(concepts[c].key for c in columns)
                    probability[start + i] = scored.probabilities[i, columns[0]]
        return codes, probability
