"""The probe: a classifier that starts from names and learns from decisions."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import Vectors
from nameplate.pipeline.learning.regression import LEAST_PROBABILITY
from nameplate.scoring.score_matrix import Weights
from nameplate.scoring.scores import ScoredImages, sigmoid, softmax
from nameplate.scoring.zero_shot import FittedClassifier


@dataclass(frozen=True, slots=True)
class Probe(FittedClassifier):
    """A zero-shot classifier with a regression on decisions upon it.

    Its logits are `scale` times those of the zero-shot probabilities, plus the embeddings times
    `vectors`, plus the descriptors times `described`, plus `bias`. An image whose descriptor is
    not known yet has the probabilities of the names.

    Attributes:
        vectors: K x D float32 weights of the embeddings, or 0 x D.
        described: K x E float32 weights of the descriptors, or 0 x 0.
        bias: K float32.
        scale: Of the zero-shot logits.
        decisions: A digest of the decisions that it learned from.
    """

    vectors: Vectors
    described: Vectors
    bias: NDArray[np.float32]
    scale: float
    decisions: str

    @property
    def made_from(self) -> Hashable:
        """The names and the decisions."""
        return self.names.made_from, self.decisions

    @property
    def weights(self) -> Weights:
        """Those of the zero-shot classifier, then `vectors` and `described`."""
        of_embeddings = np.concatenate([self.names.weights.of_embeddings, self.vectors])
        return Weights(of_embeddings, self.described)

    def probabilities(self, scores: NDArray[np.float32]) -> ScoredImages:
        """Return scores and probabilities of n images; see `FittedClassifier`."""
        logits = self.logits(scores)
        found = softmax(logits) if self.is_exclusive else sigmoid(logits)
        of_names = np.ascontiguousarray(scores[: len(self.concepts)].T)
        return ScoredImages(of_names, found.astype(np.float32, copy=False))

    def with_logits(
        self, scores: NDArray[np.float32], logits: NDArray[np.floating]
    ) -> NDArray[np.float32]:
        """Return `scores` (R x n), what was learned in them replaced so that they give `logits`.

        Where an image shows one concept they may differ from these by a number of its own.
        """
        found, learned = scores.copy(), slice(len(scores) - len(self.concepts), None)
        found[learned] = 0
        found[learned] = (logits - self.logits(found)).T
        return found

    def logits(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the logits of n images, n x K; `scores` as for `probabilities`."""
        rows = self.names.weights.size
        by_names = self.names.probabilities(scores[:rows])
        least = np.float32(LEAST_PROBABILITY)
        bounded = np.clip(by_names.probabilities, least, 1 - least).astype(np.float32, copy=False)
        logits = np.log(bounded)
        if self.is_exclusive:
            logits -= logits.mean(axis=1, keepdims=True)
        else:
            logits -= np.log1p(-bounded)
        learned = self.bias + np.zeros_like(logits)
        for start in range(rows, len(scores), len(self.concepts)):
            learned += scores[start : start + len(self.concepts)].T
        is_known = np.isfinite(learned).all(axis=1, keepdims=True)
        return np.where(is_known, np.float32(self.scale) * logits + learned, logits)
