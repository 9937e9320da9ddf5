"""The suggestions of a classifier for all images: derived from embeddings, never stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.arrays import grown, keys_among
from nameplate.domain.concepts import ConceptId
from nameplate.domain.embeddings import ImageVectors
from nameplate.domain.images import BLOCK_ROWS, ImageState, ImageTable, vectors_in
from nameplate.domain.labels import NO_CONCEPT
from nameplate.domain.progress import NEVER, CancelToken
from nameplate.scoring.classifier import Classifier
from nameplate.scoring.score_matrix import NO_WEIGHTS, ScoreMatrix, score_matrix
from nameplate.scoring.scores import ScoredImages
from nameplate.scoring.zero_shot import ClassifierKey


@dataclass(frozen=True, slots=True)
class BatchScores:
    """Scores of n images, and the suggestions from them.

    Attributes:
        scores: R x n, see `ScoreMatrix`.
        suggested: int32 concept ids, NO_CONCEPT where there is no suggestion.
        probability: float32, of the suggestion; NaN for none.
        margin: float32, the difference to the probability of the next concept; NaN for none.
    """

    classifier: Classifier
    scores: NDArray[np.float32]
    suggested: NDArray[np.int32]
    probability: NDArray[np.float32]
    margin: NDArray[np.float32]

    @classmethod
    def of(cls, classifier: Classifier, images: ImageVectors) -> "BatchScores":
        """Score n images."""
        scores = classifier.weights.scores(images)
        return cls(classifier, scores, *_best(classifier, scores))


def score_images(
    classifier: Classifier,
    blocks: Sequence[ImageVectors],
    known: ScoreMatrix | None = None,
    cancel: CancelToken = NEVER,
) -> "Suggestions":
    """Return scores of all images; for a job, not for the window's thread.

    Args:
        classifier: The new classifier.
        blocks: Vectors, as `ImageTable.vectors` gives them.
        known: Earlier scores of the same images, whose columns are reused for unchanged concepts;
            see `score_matrix`.
        cancel: Checked before each block.
    """
    scores = score_matrix(blocks, classifier.weights, known, cancel)
    none = np.empty((scores.weights.size, 0), dtype=np.float32)
    found = [_best(classifier, block) for block in (none, *scores.blocks)]
    made = Suggestions()
    made.take(classifier, scores, *map(np.concatenate, zip(*found, strict=True)))
    made.grow(sum(len(block.embeddings) for block in blocks))
    return made


def _best(
    classifier: Classifier, scores: NDArray[np.float32]
) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]:
    """Return the ids of the best concepts for scores (R x n), their probabilities and margins."""
    best = classifier.best(scores)
    # The last entry is for column -1, no suggestion.
    ids = np.array([*(concept.key for concept in classifier.concepts), NO_CONCEPT], np.int32)
    return ids[best.columns], best.probability, best.margin


class Suggestions:
    """Scores of all images by one classifier, a row for each row of an `ImageTable`.

    The suggestion of an image is the best concept that it was not rejected from; its scores and
    probabilities are those of the classifier, rejected or not.

    Attributes:
        classifier: The classifier of the scores; None before the first scores.
        scores: Of all images, for a job to start from or to report.
    """

    def __init__(self) -> None:
        self._count = 0
        self._rejected = dict[int, frozenset[ConceptId]]()
        self.forget()

    @classmethod
    def of(cls, classifier: Classifier, scores: NDArray[np.float32]) -> "Suggestions":
        """Return the suggestions for n images from their scores (R x n)."""
        made, count = cls(), int(scores.shape[1])
        made.classifier, made.scores = classifier, ScoreMatrix(classifier.weights, [])
        made.grow(count)
        made.put(
            np.arange(count, dtype=np.int64),
            BatchScores(classifier, scores, *_best(classifier, scores)),
        )
        return made

    @property
    def suggested(self) -> NDArray[np.int32]:
        """The suggested concept ids; NO_CONCEPT for none; a view."""
        return self._suggested[: self._count]

    @property
    def probability(self) -> NDArray[np.float32]:
        """The probabilities of the suggestions; NaN for none; a view."""
        return self._probability[: self._count]

    @property
    def margin(self) -> NDArray[np.float32]:
        """The difference of each probability to the next best concept's; NaN for none; a view."""
        return self._margin[: self._count]

    def is_made_from(self, names: ClassifierKey) -> bool:
        """Return whether the classifier starts from these names, with or without learning."""
        return self.classifier is not None and self.classifier.names.made_from == names

    def forget(self) -> None:
        """Drop all scores and suggestions."""
        none = np.empty(0, dtype=np.float32)
        self.take(None, ScoreMatrix(NO_WEIGHTS, []), none.astype(np.int32), none, none)
        self.grow(self._count)

    def copy(self) -> "Suggestions":
        """Return a copy for a job; both share the score matrix, which may be filled later."""
        copy = Suggestions()
        found = self.suggested.copy(), self.probability.copy(), self.margin.copy()
        copy.take(self.classifier, self.scores, *found)
        copy._count, copy._rejected = self._count, dict(self._rejected)
        return copy

    def reject(self, rows: NDArray[np.int64], rejected: Mapping[int, frozenset[ConceptId]]) -> None:
        """Set the concepts that images were rejected from, by row.

        Images of `rows` that are not in `rejected` are rejected from none.
        """
        before = set(keys_among(self._rejected, rows))
        for row in before:
            del self._rejected[row]
        self._rejected |= rejected
        changed = np.array(sorted(before | rejected.keys()), np.int64)
        if len(changed) and self.classifier is not None:
            best = _best(self.classifier, self.scores.of(changed))
            self._suggested[changed], self._probability[changed], self._margin[changed] = best
            self._replace_rejected(changed)

    def is_rejected(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return whether n images were rejected from each of the K concepts (n x K)."""
        concepts = self.classifier.concepts if self.classifier else ()
        column = {concept.key: place for place, concept in enumerate(concepts)}
        found = np.zeros((len(rows), len(concepts)), np.bool_)
        places = enumerate(rows.tolist() if self._rejected else [])
        pairs = [
            (place, column[key])
            for place, row in places
            for key in self._rejected.get(row, ())
            if key in column
        ]
        lines, columns = np.array(pairs, np.int64).reshape(-1, 2).T
        found[lines, columns] = True
        return found

    def all_rejected(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return whether each image was rejected from every concept."""
        found = self._suggested[rows] == NO_CONCEPT
        among = np.flatnonzero(found) if self._rejected else np.empty(0, np.int64)
        is_out, found[:] = self.is_rejected(rows[among]), False
        found[among] = is_out.all(axis=1) & (is_out.shape[1] > 0)
        return found

    def _replace_rejected(self, rows: NDArray[np.int64]) -> None:
        """Replace rejected suggestions by the best concept that the image was not rejected from."""
        if self.classifier is None or not self._rejected:
            return
        pairs = zip(rows.tolist(), self._suggested[rows].tolist(), strict=True)
        among = np.array(
            [row for row, key in pairs if key in self._rejected.get(row, ())], np.int64
        )
        if not len(among):
            return
        keys = np.array([concept.key for concept in self.classifier.concepts], np.int32)
        left = np.where(self.is_rejected(among), -1, self.scored_images(among).probabilities)
        lines, best = np.arange(len(among)), left.argmax(axis=1)
        highest = left[lines, best]
        left[lines, best] = -1
        second, is_none = np.maximum(left.max(axis=1), 0), highest < 0
        self._suggested[among] = np.where(is_none, NO_CONCEPT, keys[best])
        self._probability[among] = np.where(is_none, np.nan, highest)
        self._margin[among] = np.where(is_none, np.nan, highest - second)

    def grow(self, count: int) -> None:
        """Add rows without a suggestion up to `count` images."""
        self.scores.reserve(count)
        self._count = max(count, self._count)
        self._suggested = grown(self._suggested, count, NO_CONCEPT)
        self._probability = grown(self._probability, count, np.nan)
        self._margin = grown(self._margin, count, np.nan)

    def put(self, rows: NDArray[np.int64], scores: BatchScores) -> None:
        """Set the scores of some images by `classifier`."""
        self.scores.put(rows, scores.scores)
        self._suggested[rows] = scores.suggested
        self._probability[rows] = scores.probability
        self._margin[rows] = scores.margin
        self._replace_rejected(rows)

    def put_vectors(
        self, rows: NDArray[np.int64], images: ImageVectors, scored: BatchScores | None = None
    ) -> None:
        """Score n images with new vectors; `scored` is used if it is of `classifier`."""
        if self.classifier is None:
            return
        if scored is None or scored.classifier is not self.classifier:
            scored = BatchScores.of(self.classifier, images)
        self.put(rows, scored)

    def take(
        self,
        classifier: Classifier | None,
        scores: ScoreMatrix,
        suggested: NDArray[np.int32],
        probability: NDArray[np.float32],
        margin: NDArray[np.float32],
    ) -> None:
        """Replace the classifier and all arrays; they are not copied."""
        self.classifier, self.scores = classifier, scores
        self._suggested, self._probability, self._margin = suggested, probability, margin

    def replace(self, scored: "Suggestions", images: ImageTable) -> None:
        """Take over the arrays of `scored`, and score the images that were embedded after it.

        Both share the arrays from then on.
        """
        late = scored.late_rows(images)
        found = scored.suggested, scored.probability, scored.margin
        self.take(scored.classifier, scored.scores, *found)
        self.grow(len(images))
        if len(late):
            self.put_vectors(late, images.vectors_of(late))
        self._replace_rejected(np.array([*self._rejected], np.int64))

    def late_rows(self, images: ImageTable) -> NDArray[np.int64]:
        """Return the rows that have vectors, but no scores of these yet."""
        if self.classifier is None or not self.classifier.concepts:
            return np.empty(0, np.int64)
        is_late = images.states == ImageState.READY
        lacks_score = np.isnan(self.probability[: len(images)])
        if len(self.classifier.weights.of_descriptors):
            is_described = images.is_described[: len(lacks_score)]
            lacks_score |= is_described & np.isnan(self.scores.last_row(len(lacks_score)))
        is_late[: len(lacks_score)] &= lacks_score
        return np.flatnonzero(is_late)

    def add_late(
        self, rows: NDArray[np.int64], blocks: Sequence[ImageVectors], cancel: CancelToken = NEVER
    ) -> None:
        """Score further rows; for a job, as `score_images`."""
        self.grow(sum(len(block.embeddings) for block in blocks))
        for start in range(0, len(rows), BLOCK_ROWS):
            cancel.raise_if_cancelled()
            some = rows[start : start + BLOCK_ROWS]
            self.put_vectors(some, vectors_in(blocks, some))

    def scored_images(self, rows: NDArray[np.int64]) -> ScoredImages:
        """Return scores and probabilities of some images; K is 0 before the first scores."""
        if self.classifier is None:
            empty = np.empty((len(rows), 0), dtype=np.float32)
            return ScoredImages(empty, empty)
        return self.classifier.probabilities(self.scores.of(rows))

    def probability_of(self, rows: NDArray[np.int64], concept: ConceptId) -> NDArray[np.float32]:
        """Return the probability of a concept; NaN if unknown."""
        keys = [one.key for one in self.classifier.concepts] if self.classifier else []
        found = np.full(len(rows), np.nan, np.float32)
        if concept not in keys:
            return found
        column = keys.index(concept)
        for start in range(0, len(rows), BLOCK_ROWS):  # no large temporary arrays
            block = slice(start, start + BLOCK_ROWS)
            found[block] = self.scored_images(rows[block]).probabilities[:, column]
        return found
