"""Scores of embeddings by a classifier with given vectors."""

from nameplate.domain.concepts import add
from nameplate.domain.prompts import TemplateSet
from nameplate.scoring.zero_shot import Classifier


def scored_by(vectors, head, images, *, multi=False, neutral=None):
    """Return the `ScoredImages` of `images` (N x D) for concepts with `vectors` (K x D)."""
    concepts = ()
    for number in range(len(vectors)):
        concepts = add(concepts, f"name {number}")
    plain = TemplateSet("", "", ("{}",))
    return Classifier(concepts, vectors, plain, head, multi, neutral).score(images)
