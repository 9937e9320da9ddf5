"""The guard: how far to trust what was learned, from decisions that it was not learned from."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.progress import CancelToken
from nameplate.scoring.learning.minimise import minimise
from nameplate.scoring.learning.regression import Floats, Known, allowed, fit, log_softmax

LEAST_DECISIONS: Final = 20
"""With fewer no comparison means anything."""

_FOLDS: Final = 10
_FOLDS_OF_MANY: Final = 5
_MANY: Final = 100
_WEIGHTS: Final = (0.25, 0.5, 0.75, 1.0)
_LEAST_LEAD: Final = 1.0  # standard errors of what was won and lost; see ADR 0030
_LEAST_SURPRISE: Final = 1.5  # standard errors of the loss
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
        gain: By how much more of the decisions the mix gets right, as a share of them.
        interval: Of the gain, with 95% confidence.
    """

    weight: float
    gain: float
    interval: tuple[float, float]


def hold_out(known: Known, by_names: Floats, cancel: CancelToken | None = None) -> Held:
    """Return what the regression says of each decided image when it is fitted without it.

    Args:
        known: What is known of n images.
        by_names: n x K probabilities by names alone.
        cancel: Checked before each fit.

    Raises:
        CancelledError: `cancel` was set.
    """
    folds = _folds(known)
    learned, is_found = np.empty_like(by_names), True
    for fold in np.unique(folds):
        if cancel is not None:
            cancel.raise_if_cancelled()
        is_out = folds == fold
        found = fit(known.take(~is_out))
        is_found &= found.is_found
        logits = found.logits(known.take(is_out))
        learned[is_out] = probabilities_of(logits, exclusive=known.exclusive)
    return Held(known, by_names, learned, is_found)


def judge(held: Held) -> Verdict:
    """Return whether the regression is better by enough that chance is no explanation.

    It must get more of the decisions right than names alone, and be less surprised by them, both
    by some standard errors. Then the weight is the one with the smallest loss.
    """
    known, count = held.known, len(held.known)
    lead = losses(held.by_names, known) - losses(held.learned, known)
    error = lead.std(ddof=1) / np.sqrt(count) if count > 1 else np.inf
    change = is_right(held.learned, known) - is_right(held.by_names, known)
    if not (
        held.is_found and _lead(change) > _LEAST_LEAD and lead.mean() > _LEAST_SURPRISE * error
    ):
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


def _folds(known: Known) -> NDArray[np.int64]:
    """Return the fold of each image: those of one concept are dealt out evenly.

    Concepts follow one another as they first occur, so that their order does not matter.
    """
    none = known.shown.shape[1]
    concept = known.shown.argmax(axis=1)
    concept[~known.shown.any(axis=1)] = none
    _, first, group = np.unique(concept, return_index=True, return_inverse=True)
    order = np.argsort(first[group], kind="stable")
    folds = np.empty(len(known), dtype=np.int64)
    folds[order] = np.arange(len(known)) % (_FOLDS if len(known) <= _MANY else _FOLDS_OF_MANY)
    return folds


def _lead(change: Floats) -> float:
    """Return by how many standard errors more was won than lost, one more counted as chance."""
    return float(change.sum() / np.sqrt(np.abs(change).sum() + 1))


def _gain(change: Floats) -> tuple[float, tuple[float, float]]:
    """Return the mean change, and its interval: one change more is counted into its variance."""
    mean = float(change.mean())
    error = np.sqrt(max((change**2).sum() + 1 - len(change) * mean**2, 1)) / len(change)
    return mean, (max(mean - 1.96 * float(error), -1.0), min(mean + 1.96 * float(error), 1.0))
