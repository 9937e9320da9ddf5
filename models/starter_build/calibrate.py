"""Fits the head so that probabilities are calibrated, and measures the calibration."""

from __future__ import annotations

import numpy as np

BINS = 10
SCALES = np.geomspace(5.0, 200.0, 120)


def fit_scale(scores: list[np.ndarray], truths: list[np.ndarray]) -> float:
    """The scale of the softmax with the smallest mean loss, every set counting the same."""

    def loss(scale: float) -> float:
        return float(
            np.mean(
                [negative_log_likelihood(scale * s, t) for s, t in zip(scores, truths, strict=True)]
            )
        )

    return float(min(SCALES, key=loss))


def negative_log_likelihood(logits: np.ndarray, truth: np.ndarray) -> float:
    """The mean loss of a softmax."""
    shifted = logits - logits.max(1, keepdims=True)
    chosen = shifted[np.arange(len(truth)), truth]
    return float((np.log(np.exp(shifted).sum(1)) - chosen).mean())


def fit_bias(scores: np.ndarray, present: np.ndarray, scale: float) -> float:
    """The bias of sigmoid(scale * score + bias) with the smallest loss, yes and no weighing alike.

    Without the equal weights the bias would say how rare a concept is among the names of the
    evaluation sets, which means nothing for other pictures.
    """

    def loss(bias: float) -> float:
        signed = np.where(present, 1.0, -1.0) * (scale * scores + bias)
        each = np.logaddexp(0.0, -signed)
        return float(each[present].mean() + each[~present].mean())

    return float(min(np.linspace(-60.0, 10.0, 701), key=loss))


def reliability(
    logits: np.ndarray, truth: np.ndarray
) -> tuple[float, list[tuple[float, float, int]]]:
    """Expected calibration error, and (mean probability, share right, count) of every bin."""
    powers = np.exp(logits - logits.max(1, keepdims=True))
    probability = powers / powers.sum(1, keepdims=True)
    top, right = probability.max(1), probability.argmax(1) == truth
    bins = np.minimum((top * BINS).astype(int), BINS - 1)
    table = [
        (float(top[bins == b].mean()), float(right[bins == b].mean()), int((bins == b).sum()))
        for b in range(BINS)
        if (bins == b).any()
    ]
    error = sum(count * abs(said - was) for said, was, count in table) / len(truth)
    return error, table
