"""The interface of classifiers, however their weights are made."""

from nameplate.domain.embeddings import ImageVectors
from nameplate.scoring.scores import ScoredImages
from nameplate.scoring.zero_shot import FittedClassifier, ZeroShot

Classifier = ZeroShot | FittedClassifier
"""A linear classifier: vectors times `weights` give scores, and those give probabilities.

Scores are kept for all images (`ScoreMatrix`), so that one that shares weights with the one before
computes only the others. `score_images` scores all images with it, `Suggestions.replace` takes the
result over, and from then on `Suggestions` asks it alone: no other place knows which there is.
"""


def score(classifier: Classifier, images: ImageVectors) -> ScoredImages:
    """Return scores and probabilities of n images."""
    return classifier.probabilities(classifier.weights.scores(images))
