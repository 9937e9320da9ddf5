"""From vectors to numbers a person reads: scores, probabilities, suggestions. Pure functions.

Scores and the softmax follow CLIP (Radford et al. 2021, arXiv:2103.00020, figure 3 and section
3.1.4); the sigmoid follows SigLIP (Zhai et al. 2023, arXiv:2303.15343, section 3.2).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import Head, Vectors, unit

BLOCK_ROWS: Final = 8192
"""Rows scored at a time, so that a block of embeddings and its results stay in the cache."""


@dataclass(frozen=True, slots=True)
class Ratings:
    """Scores and probabilities of every image for every concept.

    Attributes:
        scores: N x K float32 cosines in [-1, 1]; NaN where an image has no embedding.
        probabilities: N x K float32 in [0, 1]; NaN likewise.
    """

    scores: NDArray[np.float32]
    probabilities: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Suggestions:
    """The best and the second best concept of every image, as arrays of length N.

    Attributes:
        best: int32 column of the concept with the highest score; -1 where there is none.
        runner_up: int32 column of the second; -1 where there is none.
        probability: float32 of `best`; NaN where there is none.
    """

    best: NDArray[np.int32]
    runner_up: NDArray[np.int32]
    probability: NDArray[np.float32]


def ensemble(prompt_vectors: NDArray[np.floating]) -> Vectors:
    """Return the one vector of a concept: normalise each prompt's (P x D), mean, normalise.

    This is the order of OpenAI's notebook Prompt_Engineering_for_ImageNet (and of open_clip's
    `build_zero_shot_classifier_legacy`).
    """
    return unit(unit(prompt_vectors).mean(axis=0, dtype=np.float64, keepdims=True))[0]


def rate(
    embeddings: Vectors,
    concept_vectors: Vectors,
    head: Head,
    *,
    multi: bool = False,
    neutral: Vectors | None = None,
) -> Ratings:
    """Rate N images (N x D, unit; NaN rows pass through) against K concepts (K x D, unit).

    Args:
        embeddings: Of the images.
        concept_vectors: Of the concepts.
        head: The model's.
        multi: Every concept on its own (sigmoid), whatever the head's kind.
        neutral: The unit vector (D) of a prompt that names nothing. Where `multi` meets a head
            without a bias, its score takes the bias's place: each concept against "a photo".
    """
    count, concepts = len(embeddings), len(concept_vectors)
    scores = np.empty((count, concepts), dtype=np.float32)
    chances = np.empty_like(scores)
    if not concepts:
        return Ratings(scores, chances)
    transposed = np.ascontiguousarray(concept_vectors.T)
    for start in range(0, count, BLOCK_ROWS):
        block = slice(start, start + BLOCK_ROWS)
        np.matmul(embeddings[block], transposed, out=scores[block])
        ground = None if neutral is None else embeddings[block] @ neutral
        chances[block] = probabilities(scores[block], head, multi=multi, ground=ground)
    return Ratings(scores, chances)


def probabilities(
    scores: NDArray[np.float32],
    head: Head,
    *,
    multi: bool = False,
    ground: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """Return the probabilities (N x K) that scores (N x K) stand for; see `rate`.

    Args:
        scores: Of N images for K concepts.
        head: The model's.
        multi: Every concept on its own.
        ground: The score (N) of each image for the prompt that names nothing.
    """
    scale = np.float32(head.scale)
    if not multi and head.kind == "softmax":
        return softmax(scale * scores)
    if head.bias is None and ground is not None:
        return sigmoid(scale * (scores - ground[:, None].astype(np.float32, copy=False)))
    return sigmoid(scale * scores + np.float32(head.bias or 0.0))


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the softmax of each row; it cannot overflow, since the maximum is taken off first."""
    if logits.shape[-1] == 0:
        return logits
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return 1 / (1 + exp(-x)), without overflow: through tanh, which saturates."""
    return np.float32(0.5) * (np.tanh(np.float32(0.5) * logits) + np.float32(1.0))


def suggest(ratings: Ratings) -> Suggestions:
    """Return the best and the second best concept of every image; the earlier concept on a tie."""
    scores, probabilities = ratings.scores, ratings.probabilities
    count, concepts = scores.shape
    best = np.full(count, -1, dtype=np.int32)
    runner_up = np.full(count, -1, dtype=np.int32)
    probability = np.full(count, np.nan, dtype=np.float32)
    rows = np.flatnonzero(~np.isnan(scores).any(axis=1)) if concepts else np.empty(0, np.intp)
    if not len(rows):
        return Suggestions(best, runner_up, probability)
    rated = scores[rows]
    best[rows] = rated.argmax(axis=1)
    probability[rows] = probabilities[rows, best[rows]]
    if concepts > 1:
        rated[np.arange(len(rows)), best[rows]] = -np.inf
        runner_up[rows] = rated.argmax(axis=1)
    return Suggestions(best, runner_up, probability)


def chosen_concepts(
    ratings: Ratings, is_reject: Sequence[bool], *, minimum: float, multi: bool
) -> list[tuple[int, ...]]:
    """Return the columns of the concepts that each image is labelled with.

    One concept, the best, if it reaches `minimum`; with `multi` all that reach it, best first, and
    that fit better than every reject concept. A reject concept gives no label.
    """
    best = suggest(ratings).best
    rejects = np.asarray(is_reject, dtype=bool)
    if not multi:
        reached = ratings.probabilities >= minimum
        ok = [b >= 0 and reached[i, b] and not rejects[b] for i, b in enumerate(best)]
        return [(int(b),) if fine else () for b, fine in zip(best, ok, strict=True)]
    order = np.argsort(-ratings.scores, axis=1, kind="stable")
    keep = (ratings.probabilities >= minimum) & ~rejects[None, :]
    if rejects.any():
        keep &= ratings.scores > ratings.scores[:, rejects].max(axis=1, keepdims=True)
    return [tuple(int(c) for c in order[i] if keep[i, c]) for i in range(len(order))]
