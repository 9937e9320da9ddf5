"""Concepts to vectors, images to ratings."""

from dataclasses import dataclass

import numpy as np

from nameplate.domain.concepts import Concept
from nameplate.domain.embeddings import Head, Vectors
from nameplate.domain.prompts import TemplateSet
from nameplate.scoring.scores import Ratings, probabilities, rate


@dataclass(frozen=True, slots=True)
class Classifier:
    """Concepts ready to rate images: the linear classifier that the text encoder put out.

    Attributes:
        concepts: In the order of the columns.
        vectors: K x D, unit length.
        template_set: What the names were put into.
        head: The model's.
        multi: Whether each concept stands alone.
        neutral: See `scoring.rate`.
    """

    concepts: tuple[Concept, ...]
    vectors: Vectors
    template_set: TemplateSet
    head: Head
    multi: bool = False
    neutral: Vectors | None = None

    @property
    def is_trivial(self) -> bool:
        """Whether there is one name, which gets all of the probability that names share."""
        shares = self.head.kind == "softmax" and not self.multi
        return shares and len(self.concepts) == 1

    @property
    def rows(self) -> Vectors:
        """What images are compared with: `vectors`, and after them `neutral` where there is one."""
        if self.neutral is None or not len(self.vectors):
            return self.vectors
        return np.concatenate([self.vectors, self.neutral[None]])

    def rate(self, embeddings: Vectors) -> Ratings:
        """Rate N images (N x D)."""
        return rate(embeddings, self.vectors, self.head, multi=self.multi, neutral=self.neutral)

    def rate_scores(self, scores: Vectors) -> Ratings:
        """Rate N images whose scores are known: len(rows) x N, as in a `ScoreMatrix`."""
        count = len(self.concepts)
        ground = scores[count] if len(scores) > count else None
        of_concepts = np.ascontiguousarray(scores[:count].T)
        chances = probabilities(of_concepts, self.head, multi=self.multi, ground=ground)
        return Ratings(of_concepts, chances)
