"""The probe: a classifier that starts from names and learns from decisions."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.concepts import Concept
from nameplate.domain.embeddings import Vectors
from nameplate.domain.labels import DecidedBy
from nameplate.scoring.score_matrix import Best
from nameplate.scoring.scores import ScoredImages
from nameplate.scoring.zero_shot import ZeroShot


@dataclass(frozen=True, slots=True)
class MadeFrom:
    """What the scores of a probe depend on, apart from the model.

    Attributes:
        names: What its zero-shot classifier is made from.
        decisions: A digest of the decisions that it learned from.
    """

    names: Hashable
    decisions: str


@dataclass(frozen=True, slots=True)
class Probe:
    """A mix of a zero-shot classifier and a softmax regression on decisions; a `Classifier`.

    The regression's logits are `scale` times the logarithms of the zero-shot probabilities, plus
    the embeddings times `vectors`, plus `bias`.

    Attributes:
        names: The zero-shot classifier.
        vectors: K x D float32 weights of the embeddings in the regression.
        bias: K float32.
        scale: Of the zero-shot logits in the regression.
        weight: Of the regression in the mix, 0 to 1.
        decisions: A digest of the decisions that it learned from.
    """

    names: ZeroShot
    vectors: Vectors
    bias: NDArray[np.float32]
    scale: float
    weight: float
    decisions: str

    @property
    def made_from(self) -> MadeFrom:
        """The names and the decisions."""
        return MadeFrom(self.names.made_from, self.decisions)

    @property
    def decider(self) -> DecidedBy:
        """`PROBE`: it learned from decisions."""
        return DecidedBy.PROBE

    @property
    def concepts(self) -> tuple[Concept, ...]:
        """Those of the zero-shot classifier."""
        return self.names.concepts

    @property
    def is_trivial(self) -> bool:
        """As of the zero-shot classifier."""
        return self.names.is_trivial

    @property
    def is_exclusive(self) -> bool:
        """As of the zero-shot classifier."""
        return self.names.is_exclusive

    @property
    def weights(self) -> Vectors:
        """R x D: those of the zero-shot classifier, then `vectors`."""
        return np.concatenate([self.names.weights, self.vectors])

    def best(self, scores: NDArray[np.float32]) -> Best:
        """Return each image's best concept, its probability and margin; see `Classifier`."""
        found = self.probabilities(scores).probabilities
        columns = np.argmax(found, axis=1).astype(np.int32)
        probability = found[np.arange(len(found)), columns]
        second = np.partition(found, -2, axis=1)[:, -2] if found.shape[1] > 1 else 0 * probability
        columns[np.isnan(probability)] = -1
        return Best(columns, probability, probability - second)

    def probabilities(self, scores: NDArray[np.float32]) -> ScoredImages:
        """Return scores and probabilities of n images (n x K each) for scores R x n."""
        rows = len(self.names.weights)
        by_names = self.names.probabilities(scores[:rows])
        tiny = np.float32(np.finfo(np.float32).tiny)
        logits = self.scale * np.log(np.maximum(by_names.probabilities, tiny))
        logits += scores[rows:].T + self.bias
        logits -= logits.max(axis=1, keepdims=True)
        learned = np.exp(logits)
        learned /= learned.sum(axis=1, keepdims=True)
        mixed = (1 - self.weight) * by_names.probabilities + self.weight * learned
        return ScoredImages(by_names.scores, mixed.astype(np.float32))

    def fit(self, score: float) -> float | None:
        """As of the zero-shot classifier."""
        return self.names.fit(score)
