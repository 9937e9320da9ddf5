"""The interface of classifiers, however their weights are made."""

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import Vectors
from nameplate.scoring.scores import ScoredImages
from nameplate.scoring.zero_shot import FittedClassifier, ZeroShot

Classifier = ZeroShot | FittedClassifier
"""A linear classifier: embeddings times `weights` give scores, and those give probabilities.

Scores are kept for all images (`ScoreMatrix`), so that one that shares weights with the one before
computes only the others. `score_images` scores all images with it, `Suggestions.replace` takes the
result over, and from then on `Suggestions` asks it alone: no other place knows which there is.
"""


def scores_of(classifier: Classifier, embeddings: Vectors) -> NDArray[np.float32]:
    """Return the scores (R x n) of n images (n x D); NaN where an image has no embedding."""
    weights = classifier.weights
    if not len(weights):
        return np.empty((0, len(embeddings)), dtype=np.float32)
    return np.ascontiguousarray((embeddings @ weights.T).T)


def score(classifier: Classifier, embeddings: Vectors) -> ScoredImages:
    """Return scores and probabilities of n images (n x D)."""
    return classifier.probabilities(scores_of(classifier, embeddings))
