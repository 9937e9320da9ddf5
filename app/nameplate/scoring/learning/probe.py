"""The probe: a classifier that starts from names and learns from decisions."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.concepts import Concept
from nameplate.domain.embeddings import Vectors
from nameplate.domain.labels import DecidedBy
from nameplate.scoring.learning.regression import LEAST_PROBABILITY
from nameplate.scoring.score_matrix import Best
from nameplate.scoring.scores import ScoredImages, sigmoid, softmax
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
        sharpness: 1 over the temperature of the mix; above 1 makes it surer.
        shift: K float32 that is added to the logarithms of the mix.
    """

    names: ZeroShot
    vectors: Vectors
    bias: NDArray[np.float32]
    scale: float
    weight: float
    decisions: str
    sharpness: float = 1.0
    shift: NDArray[np.float32] | None = None

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
        if not self.weight:
            return by_names
        least = np.float32(LEAST_PROBABILITY)
        bounded = np.clip(by_names.probabilities, least, 1 - least).astype(np.float32, copy=False)
        logits = np.log(bounded)
        if self.is_exclusive:
            logits -= logits.mean(axis=1, keepdims=True)
        else:
            logits -= np.log1p(-bounded)
        logits *= np.float32(self.scale)
        logits += scores[rows:].T + self.bias
        learned = softmax(logits) if self.is_exclusive else sigmoid(logits)
        mixed = by_names.probabilities + np.float32(self.weight) * (
            learned - by_names.probabilities
        )
        if self.shift is not None:
            logs = np.log(np.maximum(mixed, np.float32(1e-12)))
            mixed = softmax(np.float32(self.sharpness) * logs + self.shift)
        return ScoredImages(by_names.scores, mixed.astype(np.float32, copy=False))

    def fit(self, score: float) -> float | None:
        """As of the zero-shot classifier."""
        return self.names.fit(score)
