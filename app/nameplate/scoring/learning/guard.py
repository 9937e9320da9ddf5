"""The guard: how far to trust what was learned, from decisions that it was not learned from."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.progress import CancelToken
from nameplate.scoring.learning.minimise import minimise
from nameplate.scoring.learning.regression import (
    Floats,
    Known,
    Regression,
    allowed,
    fit,
    log_softmax,
)

Rows = NDArray[np.int64]

LEAST_DECISIONS: Final = 20
"""With fewer no comparison means anything."""

_FOLDS: Final = 10
_FOLDS_OF_MANY: Final = 5
_MANY: Final = 100
_ALIKE: Final = 1e-4  # squared distance, of copies; that of two images is 2 on average
_ROWS: Final = 1000  # at a time, to bound memory
_WEIGHTS: Final = (0.25, 0.5, 0.75, 1.0)
_LEAST_LEAD: Final = 0.5  # standard errors of what was won and lost; see ADR 0030
_OF_FEW: Final = 30.0  # divided by the number of decisions: so many more
_LEAST_SURPRISE: Final = 1.5  # standard errors of the loss
_USUAL_GAIN: Final = 0.1
"""Gains are about as large as this, before anything is known."""

_TEMPERATURE_PRIOR: Final = 10.0
_SHIFT_PRIOR: Final = 3.0


@dataclass(frozen=True, slots=True)
class Held:
    """Probabilities of decided images, by classifiers that did not see their decisions.

    Attributes:
        known: What is known of n images.
        by_names: n x K by names alone.
        learned: n x K by a regression on the images of the other folds.
        is_found: Whether the search for every regression came to an end.
    """

    known: Known
    by_names: Floats
    learned: Floats
    is_found: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the comparison of the regression with names alone says.

    Attributes:
        weight: Of the regression in the mix, 0 where there is no evidence for it.
        gain: By how much more the mix gets right, as a share; see `_gain`.
        interval: Of the gain, with 95% confidence.
    """

    weight: float
    gain: float
    interval: tuple[float, float]


def first_alike(points: Floats) -> Rows:
    """Return for each of n points the first that is nearly the same, which leads itself."""
    leaders, lengths = np.arange(len(points)), (points**2).sum(axis=1)
    for start in range(0, len(points), _ROWS):
        some = points[start : start + _ROWS]
        distances = lengths[start : start + _ROWS, None] + lengths - 2 * some @ points.T
        leaders[start : start + _ROWS] = (distances <= _ALIKE).argmax(axis=1)
    while (leaders[leaders] != leaders).any():
        leaders = leaders[leaders]
    return leaders


def hold_out(
    known: Known,
    by_names: Floats,
    leaders: Rows,
    whole: Regression,
    cancel: CancelToken | None = None,
) -> Held:
    """Return what the regression says of decided images when it is fitted without them.

    Of images that are nearly the same all are left out together, and only the first is kept: the
    others would be no evidence of their own.

    Args:
        known: What is known of n images.
        by_names: n x K probabilities by names alone.
        leaders: n, see `first_alike`; at least two lead.
        whole: The regression on all of them, from which the search for the others begins.
        cancel: Checked before each fit.

    Raises:
        CancelledError: `cancel` was set.
    """
    folds = _folds(known, leaders)
    learned, is_found = np.empty_like(by_names), whole.is_found
    for fold in np.unique(folds):
        if cancel is not None:
            cancel.raise_if_cancelled()
        is_out = folds == fold
        found = fit(known.take(~is_out), whole)
        is_found &= found.is_found
        logits = found.logits(known.take(is_out))
        learned[is_out] = probabilities_of(logits, exclusive=known.exclusive)
    kept = np.unique(leaders)
    return Held(known.take(kept), by_names[kept], learned[kept], is_found)


def judge(held: Held) -> Verdict:
    """Return whether the regression is better by enough that chance is no explanation.

    It must get more of the decisions right than names alone, and be less surprised by them, both
    by some standard errors; the fewer decisions, the more. Then the weight is the one with the
    smallest loss.
    """
    known, count = held.known, len(held.known)
    lead = losses(held.by_names, known) - losses(held.learned, known)
    error = lead.std(ddof=1) / np.sqrt(count) if count > 1 else np.inf
    change = is_right(held.learned, known) - is_right(held.by_names, known)
    is_ahead = _lead(change) > _LEAST_LEAD + _OF_FEW / count
    if not (held.is_found and is_ahead and lead.mean() > _LEAST_SURPRISE * error):
        return Verdict(0.0, *_gain(change))
    weight = min(_WEIGHTS, key=lambda w: float(losses(mixed(held, w), known).sum()))
    return Verdict(
        weight, *_gain(is_right(mixed(held, weight), known) - is_right(held.by_names, known))
    )


def mixed(held: Held, weight: float) -> Floats:
    """Return the mix of both, with this weight of the regression."""
    return (1 - weight) * held.by_names + weight * held.learned


def temperature_and_shift(probabilities: Floats, known: Known, mean: Floats) -> tuple[float, float]:
    """Return the most probable temperature, and how far to even out the concepts; 1 and 0 at first.

    Args:
        probabilities: n x K of decided images, by a classifier that did not see their decisions.
        known: Of them; concepts exclude each other.
        mean: K, the mean probabilities of the collection.
    """
    logits, evened = np.log(np.maximum(probabilities, 1e-12)), np.log(np.maximum(mean, 1e-4))
    inside = allowed(known.shown, known.excluded)

    def loss(at: Floats) -> tuple[float, Floats]:
        logs = log_softmax(np.exp(at[0]) * logits - at[1] * evened)
        within = np.where(inside, np.exp(logs), 0.0)
        total = np.maximum(within.sum(axis=1, keepdims=True), np.finfo(float).tiny)
        errors = np.exp(logs) - within / total
        value = -float(np.log(total).sum())
        value += _TEMPERATURE_PRIOR / 2 * float(at[0] ** 2) + _SHIFT_PRIOR / 2 * float(at[1] ** 2)
        return value, np.array(
            [
                np.exp(at[0]) * (errors * logits).sum() + _TEMPERATURE_PRIOR * at[0],
                -(errors @ evened).sum() + _SHIFT_PRIOR * at[1],
            ]
        )

    found = minimise(loss, np.zeros(2), gradient=1e-4 * max(1, len(known)))
    sharpness, shift = found.at if found.is_found else (0.0, 0.0)
    return float(np.exp(-sharpness)), float(np.clip(shift, 0, 1))


def losses(probabilities: Floats, known: Known) -> Floats:
    """Return minus the log-likelihood of what is known of each image (n)."""
    bounded = np.clip(probabilities, 1e-6, 1 - 1e-6)
    if known.exclusive:
        inside = allowed(known.shown, known.excluded)
        return -np.log(np.clip((bounded * inside).sum(axis=1), 1e-6, 1))
    return -(np.log(bounded) * known.shown + np.log(1 - bounded) * known.excluded).sum(axis=1)


def is_right(probabilities: Floats, known: Known) -> Floats:
    """Return how much of what is known of each image the suggestion has right, 0 to 1 (n)."""
    if known.exclusive:
        inside = allowed(known.shown, known.excluded)
        return inside[np.arange(len(known)), probabilities.argmax(axis=1)].astype(np.float64)
    right = np.where(probabilities >= 0.5, known.shown, known.excluded).sum(axis=1)
    return right / np.maximum((known.shown | known.excluded).sum(axis=1), 1)


def probabilities_of(logits: Floats, *, exclusive: bool) -> Floats:
    """Return the probabilities for logits (n x K)."""
    return np.exp(log_softmax(logits)) if exclusive else 0.5 * (np.tanh(0.5 * logits) + 1)


def _folds(known: Known, leaders: Rows) -> Rows:
    """Return the fold of each image: those of one concept are dealt out evenly.

    Images that are nearly the same are in one fold. Concepts follow one another as they first
    occur, so that their order does not matter.
    """
    none = known.shown.shape[1]
    concept = known.shown.argmax(axis=1)
    concept[~known.shown.any(axis=1)] = none
    _, first, group = np.unique(concept, return_index=True, return_inverse=True)
    order = np.argsort(first[group], kind="stable")
    order = order[leaders[order] == order]
    folds = np.empty(len(known), dtype=np.int64)
    folds[order] = np.arange(len(order)) % (_FOLDS if len(known) <= _MANY else _FOLDS_OF_MANY)
    return folds[leaders]


def _lead(change: Floats) -> float:
    """Return by how many standard errors more was won than lost, one more counted as chance."""
    return float(change.sum() / np.sqrt(np.abs(change).sum() + 1))


def _gain(change: Floats) -> tuple[float, tuple[float, float]]:
    """Return the gain that the changes of n images lead one to expect, and its 95% interval.

    It is drawn towards nothing, the more the fewer images there are: what is put to use is what
    looked good, and part of that was luck. One change more is counted into the variance.
    """
    count, mean = len(change), float(change.mean())
    variance = max(float((change**2).sum()) + 1 - count * mean**2, 1.0) / count**2
    trust = _USUAL_GAIN**2 / (_USUAL_GAIN**2 + variance)
    half = 1.96 * float(np.sqrt(trust * variance))
    return trust * mean, (max(trust * mean - half, -1.0), min(trust * mean + half, 1.0))
