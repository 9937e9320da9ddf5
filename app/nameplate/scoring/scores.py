"""Scores and probabilities from embeddings and classifier weights: pure functions.

Scores and the softmax follow CLIP (Radford et al. 2021, arXiv:2103.00020, figure 3 and section
3.1.4); the sigmoid follows SigLIP (Zhai et al. 2023, arXiv:2303.15343, section 3.2).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import Head, Vectors, unit

Float = TypeVar("Float", np.float32, np.float64)


@dataclass(frozen=True, slots=True)
class ScoredImages:
    """Scores and probabilities of every image for every concept.

    Attributes:
        scores: N x K float32 cosines in [-1, 1]; NaN where an image has no embedding.
        probabilities: N x K float32 in [0, 1]; NaN likewise.
    """

    scores: NDArray[np.float32]
    probabilities: NDArray[np.float32]


class Best(NamedTuple):
    """The best concept of each of n images.

    Attributes:
        columns: int32; -1 where an image has no scores.
        probability: float32 of the best concept; NaN where an image has no scores.
        margin: float32, by how much it is more probable than the second; NaN likewise.
    """

    columns: NDArray[np.int32]
    probability: NDArray[np.float32]
    margin: NDArray[np.float32]


def ensemble(prompt_vectors: NDArray[np.floating]) -> Vectors:
    """Return a concept's vector (D) from its prompts' (P x D): normalise, average, normalise.

    The order of these steps is that of OpenAI's notebook Prompt_Engineering_for_ImageNet (and of
    open_clip's `build_zero_shot_classifier_legacy`).
    """
    return unit(unit(prompt_vectors).mean(axis=0, dtype=np.float64, keepdims=True))[0]


def probabilities(
    scores: NDArray[np.float32],
    head: Head,
    *,
    multi: bool = False,
    neutral_scores: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """Return the probabilities (N x K) for scores (N x K).

    Args:
        scores: Of N images for K concepts.
        head: The model's.
        multi: Whether each concept has an independent probability (sigmoid), whatever the head's
            kind.
        neutral_scores: The score (N) of each image for prompts that name nothing. With `multi` and
            a head without a bias it takes the place of the bias: each concept is compared with "a
            photo".
    """
    scale = np.float32(head.scale)
    if not multi and head.kind == "softmax":
        return softmax(scale * scores)
    if head.bias is None and neutral_scores is not None:
        neutral = neutral_scores[:, None].astype(np.float32, copy=False)
        return sigmoid(scale * (scores - neutral))
    return sigmoid(scale * scores + np.float32(head.bias or 0.0))


def best_of(scores: NDArray[np.float32], concepts: int, head: Head, *, multi: bool) -> Best:
    """Return each image's best concept, the earlier one on a tie, its probability and margin.

    Args:
        scores: R x n: of the concepts, then of the neutral vector, if any.
        concepts: How many of the R are concepts.
        head: The model's.
        multi: As in `probabilities`, whose rule this is, for a column of scores at a time.
    """
    best = np.zeros(scores.shape[1], dtype=np.int32)
    if not concepts:
        none = np.full(len(best), np.nan, dtype=np.float32)
        return Best(best - 1, none, none)
    highest, second = scores[0].copy(), np.full(len(best), -np.inf, dtype=np.float32)
    for column in range(1, concepts):
        best[scores[column] > highest] = column  # the earlier one on a tie
        np.maximum(second, np.minimum(highest, scores[column]), out=second)
        np.maximum(highest, scores[column], out=highest)  # a NaN stays
    scale = np.float32(head.scale)
    if not multi and head.kind == "softmax":
        probability = 1 / np.exp(scale * (scores[:concepts] - highest)).sum(axis=0)
        runner_up = probability * np.exp(scale * (second - highest))
    else:
        is_compared = head.bias is None and len(scores) > concepts
        zero = -scale * scores[concepts] if is_compared else np.float32(head.bias or 0.0)
        probability = sigmoid(scale * highest + zero)
        runner_up = sigmoid(scale * second + zero)
    best[np.isnan(highest)] = -1
    return Best(best, probability, probability - runner_up)


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the softmax of each row; the maximum is subtracted first, to avoid overflow."""
    if logits.shape[-1] == 0:
        return logits
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def log_softmax(logits: NDArray[np.floating], dtype: type[Float]) -> NDArray[Float]:
    """Return the logarithms of the softmax of each row (N x K), computed in `dtype`."""
    shifted = (logits - logits.max(axis=1, keepdims=True)).astype(dtype, copy=False)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return 1 / (1 + exp(-x)), computed with tanh, which cannot overflow."""
    return np.float32(0.5) * (np.tanh(np.float32(0.5) * logits) + np.float32(1.0))


def kept_concepts(
    scored: ScoredImages, is_reject: Sequence[bool], *, minimum: NDArray[np.float32] | float
) -> NDArray[np.bool_]:
    """Return which concepts (N x K) to label each image with, of several an image.

    All that reach the minimum, one or K, and score higher than every reject concept.
    """
    rejects = np.asarray(is_reject, dtype=bool)
    keep = (scored.probabilities >= minimum) & ~rejects[None, :]
    if rejects.any():
        keep &= scored.scores > scored.scores[:, rejects].max(axis=1, keepdims=True)
    return keep
