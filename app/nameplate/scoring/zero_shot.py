"""The zero-shot classifier: a linear classifier with encoded prompts as weights.

Classifiers that are fitted to decisions start from it.
"""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.concepts import Concept
from nameplate.domain.embeddings import Head, Vectors
from nameplate.domain.labels import DecidedBy
from nameplate.domain.prompts import TemplateSet
from nameplate.scoring.score_matrix import Weights
from nameplate.scoring.scores import Best, ScoredImages, best_of, probabilities, sigmoid


@dataclass(frozen=True, slots=True)
class ClassifierKey:
    """The inputs of a zero-shot classifier, apart from the model.

    Attributes:
        concepts: Of each its id, names and sentences.
        template_set: That the names were filled into.
        is_multi: Whether each concept has an independent probability.
    """

    concepts: tuple[tuple[int, tuple[str, ...], tuple[str, ...]], ...]
    template_set: TemplateSet
    is_multi: bool

    @classmethod
    def of(
        cls, concepts: Sequence[Concept], template_set: TemplateSet, *, multi: bool
    ) -> "ClassifierKey":
        """Return the key of a classifier of these concepts under this template set."""
        of_each = ((c.key, c.names, c.prompts) for c in concepts)
        return cls(tuple(of_each), template_set, multi)


@dataclass(frozen=True, slots=True)
class ZeroShot:
    """A `Classifier` with the text encoder's vectors of concepts as weights.

    Attributes:
        concepts: In the order of the columns of scores.
        vectors: K x D, unit length, of the concepts alone; see also `weights`.
        template_set: That the names were filled into.
        multi: Whether each concept has an independent probability.
        neutral: Unit vector (D) of prompts that name nothing; see `scores.probabilities`.
    """

    concepts: tuple[Concept, ...]
    vectors: Vectors
    template_set: TemplateSet
    head: Head
    multi: bool = False
    neutral: Vectors | None = None

    @property
    def names(self) -> "ZeroShot":
        """Itself."""
        return self

    @property
    def made_from(self) -> ClassifierKey:
        """The names, sentences and templates of the vectors."""
        return ClassifierKey.of(self.concepts, self.template_set, multi=self.multi)

    @property
    def decider(self) -> DecidedBy:
        """The source of its automatic labels: `AUTO`, since it does not learn from decisions."""
        return DecidedBy.AUTO

    @property
    def is_trivial(self) -> bool:
        """Whether it is a softmax of one concept, so that its probability is always 1."""
        return self.is_exclusive and len(self.concepts) == 1

    @property
    def is_exclusive(self) -> bool:
        """Whether the probabilities of an image add up to 1: those of a softmax."""
        return self.head.kind == "softmax" and not self.multi

    @property
    def weights(self) -> Weights:
        """Of embeddings: `vectors`, then `neutral` where there is one."""
        if self.neutral is None or not len(self.vectors):
            return Weights.of(self.vectors)
        return Weights.of(np.concatenate([self.vectors, self.neutral[None]]))

    def best(self, scores: NDArray[np.float32]) -> Best:
        """Return each image's best concept, its probability and margin, for scores R x n."""
        return best_of(scores, len(self.concepts), self.head, multi=self.multi)

    def probabilities(self, scores: NDArray[np.float32]) -> ScoredImages:
        """Return scores and probabilities of n images (n x K each) for scores R x n."""
        count = len(self.concepts)
        neutral_scores = scores[count] if len(scores) > count else None
        of_concepts = np.ascontiguousarray(scores[:count].T)
        return ScoredImages(
            of_concepts,
            probabilities(of_concepts, self.head, multi=self.multi, neutral_scores=neutral_scores),
        )

    def fit(self, score: float) -> float | None:
        """Return the probability of a concept with this score, independent of the others.

        None for a head without a bias, which only compares concepts.
        """
        if self.head.bias is None:
            return None
        scaled = self.head.scale * score + self.head.bias
        return float(sigmoid(np.array([scaled], dtype=np.float32))[0])


@dataclass(frozen=True, slots=True)
class FittedClassifier(ABC):
    """A classifier fitted on top of a zero-shot one, which has all that it does not override."""

    names: ZeroShot

    @property
    @abstractmethod
    def made_from(self) -> Hashable:
        """A value that identifies its inputs; another one says that its scores are outdated.

        For example that of the names, and which decisions.
        """

    @abstractmethod
    def probabilities(self, scores: NDArray[np.float32]) -> ScoredImages:
        """Return scores and probabilities of n images (n x K each).

        Args:
            scores: R x n: `weights` times the vectors of n images.
        """

    @property
    def decider(self) -> DecidedBy:
        """`PROBE`: it was fitted."""
        return DecidedBy.PROBE

    @property
    def concepts(self) -> tuple[Concept, ...]:
        """Those of the names."""
        return self.names.concepts

    @property
    def is_trivial(self) -> bool:
        """As of the names."""
        return self.names.is_trivial

    @property
    def is_exclusive(self) -> bool:
        """As of the names."""
        return self.names.is_exclusive

    @property
    def weights(self) -> Weights:
        """Those of the names; others that `probabilities` needs may follow."""
        return self.names.weights

    def best(self, scores: NDArray[np.float32]) -> Best:
        """Return each image's best concept, its probability and margin, for scores R x n."""
        found = self.probabilities(scores).probabilities
        columns = np.argmax(found, axis=1).astype(np.int32)
        probability = found[np.arange(len(found)), columns]
        second = np.partition(found, -2, axis=1)[:, -2] if found.shape[1] > 1 else 0 * probability
        columns[np.isnan(probability)] = -1
        return Best(columns, probability, probability - second)

    def fit(self, score: float) -> float | None:
        """As of the names."""
        return self.names.fit(score)
