"""Scores of arrays, for tests that have vectors and no names."""

from nameplate.domain.concepts import add_all
from nameplate.domain.embeddings import Head, ImageVectors, Vectors
from nameplate.domain.prompts import TemplateSet
from nameplate.scoring.classifier import score
from nameplate.scoring.scores import ScoredImages
from nameplate.scoring.zero_shot import ZeroShot


def scored(
    embeddings: Vectors,
    vectors: Vectors,
    head: Head,
    *,
    multi: bool = False,
    neutral: Vectors | None = None,
) -> ScoredImages:
    """Return what the zero-shot classifier of `vectors` (K x D) says of N images (N x D)."""
    concepts, _ = add_all((), [f"name {number}" for number in range(len(vectors))])
    plain = TemplateSet("none", "None", ("{}",))
    return score(
        ZeroShot(concepts, vectors, plain, head, multi, neutral), ImageVectors.of(embeddings)
    )
