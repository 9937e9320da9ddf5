"""The interface of classifiers, however their weights are made."""

from collections.abc import Hashable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.concepts import Concept, ConceptId, parents_of
from nameplate.domain.embeddings import Vectors
from nameplate.domain.labels import DecidedBy
from nameplate.scoring.score_matrix import Best
from nameplate.scoring.scores import ScoredImages
from nameplate.scoring.zero_shot import ZeroShot


class Classifier(Protocol):
    """A linear classifier: embeddings times weights give scores, and those give probabilities.

    Scores are kept for all images (`ScoreMatrix`), so that a classifier that shares weights with
    the one before computes only the others.

    `score_images` scores all images with it, `Suggestions.replace` takes the result over, and from
    then on `Suggestions` asks it alone: no other place knows which classifier there is.
    """

    @property
    def names(self) -> ZeroShot:
        """The zero-shot classifier that it starts from; itself where it is one."""
        ...

    @property
    def made_from(self) -> Hashable:
        """A value that identifies its inputs; unequal to a new one if its scores are outdated.

        For example names and templates (`zero_shot.MadeFrom`), or also which decisions.
        """
        ...

    @property
    def decider(self) -> DecidedBy:
        """Who decides an automatic label: `AUTO`, or `PROBE` for a trained classifier."""
        ...

    @property
    def concepts(self) -> tuple[Concept, ...]:
        """K concepts, in the order of the columns of scores."""
        ...

    @property
    def weights(self) -> Vectors:
        """R x D float32, R >= K: a row per concept, then others that `probabilities` needs."""
        ...

    @property
    def is_trivial(self) -> bool:
        """Whether there is only one concept, whose probability is always 1."""
        ...

    @property
    def is_exclusive(self) -> bool:
        """Whether the probabilities of an image add up to 1, as by a softmax."""
        ...

    def best(self, scores: NDArray[np.float32]) -> Best:
        """Return each image's best concept, its probability and margin.

        Args:
            scores: R x n: `weights` times the embeddings of n images.
        """
        ...

    def probabilities(self, scores: NDArray[np.float32]) -> ScoredImages:
        """Return scores and probabilities of n images (n x K each) for scores as in `best`."""
        ...

    def fit(self, score: float) -> float | None:
        """Return the probability of a concept with this score, regardless of the others.

        None for a classifier that only compares concepts.
        """
        ...


def scores_of(classifier: Classifier, embeddings: Vectors) -> NDArray[np.float32]:
    """Return the scores (R x n) of n images (n x D); NaN where an image has no embedding."""
    weights = classifier.weights
    if not len(weights):
        return np.empty((0, len(embeddings)), dtype=np.float32)
    return np.ascontiguousarray((embeddings @ weights.T).T)


def score(classifier: Classifier, embeddings: Vectors) -> ScoredImages:
    """Return scores and probabilities of n images (n x D)."""
    return classifier.probabilities(scores_of(classifier, embeddings))


def columns_below(concepts: Sequence[Concept]) -> dict[ConceptId, tuple[int, ...]]:
    """Return for each concept its column, then those of its descendants."""
    columns = {c.key: [column] for column, c in enumerate(concepts)}
    above = parents_of(concepts)
    for column, concept in enumerate(concepts):
        for parent in above[concept.key]:
            columns[parent].append(column)
    return {key: tuple(found) for key, found in columns.items()}
