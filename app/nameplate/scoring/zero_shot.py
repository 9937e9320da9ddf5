"""The zero-shot classifier: a linear classifier whose weights are encoded prompts."""

from dataclasses import dataclass

import numpy as np

from nameplate.domain.concepts import Concept
from nameplate.domain.embeddings import Head, Vectors
from nameplate.domain.prompts import TemplateSet
from nameplate.scoring.scores import ScoredImages, probabilities


@dataclass(frozen=True, slots=True)
class Classifier:
    """Scores images with the vectors of concepts, which the text encoder made.

    Attributes:
        concepts: In the order of the columns of scores.
        vectors: K x D, unit length, of the concepts alone; see also `weights`.
        template_set: That the names were filled into.
        head: The model's.
        multi: Whether each concept has an independent probability.
        neutral: Unit vector (D) of prompts that name nothing; see `probabilities`.
    """

    concepts: tuple[Concept, ...]
    vectors: Vectors
    template_set: TemplateSet
    head: Head
    multi: bool = False
    neutral: Vectors | None = None

    @property
    def is_trivial(self) -> bool:
        """Whether there is only one concept in a softmax, whose probability is always 1."""
        is_softmax = self.head.kind == "softmax" and not self.multi
        return is_softmax and len(self.concepts) == 1

    @property
    def weights(self) -> Vectors:
        """R x D, to multiply embeddings with: `vectors`, then `neutral` where there is one."""
        if self.neutral is None or not len(self.vectors):
            return self.vectors
        return np.concatenate([self.vectors, self.neutral[None]])

    def score(self, embeddings: Vectors) -> ScoredImages:
        """Return scores and probabilities of N images (N x D)."""
        return self.with_probabilities(self.scores_of(embeddings))

    def scores_of(self, embeddings: Vectors) -> Vectors:
        """Return the scores R x N of N images (N x D); NaN for a NaN row."""
        if not len(weights := self.weights):
            return np.empty((0, len(embeddings)), dtype=np.float32)
        return (embeddings @ weights.T).T

    def with_probabilities(self, scores: Vectors) -> ScoredImages:
        """Return scores and probabilities of N images from scores R x N, as in a `ScoreMatrix`."""
        count = len(self.concepts)
        neutral_scores = scores[count] if len(scores) > count else None
        of_concepts = np.ascontiguousarray(scores[:count].T)
        return ScoredImages(
            of_concepts,
            probabilities(of_concepts, self.head, multi=self.multi, neutral_scores=neutral_scores),
        )
