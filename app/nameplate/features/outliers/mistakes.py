"""Decisions that the other decisions and the names speak against, strongest first."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import Vectors
from nameplate.domain.progress import NEVER, CancelToken

FEWEST: Final = 20
"""Decisions before any is called into question."""
STRONG: Final = 0.5
"""Contradiction from which on a decision is worth another look."""
_RIDGE: Final = 1.0

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some decided images.

    Attributes:
        vectors: n x d, of `Spread.place`.
        by_names: n x K probabilities by the names alone: no decision may have gone into them.
        shown: n x K bool: what a person decided that each image shows; one column may stand for
            “none of these”.
    """

    vectors: Vectors
    by_names: Floats
    shown: NDArray[np.bool_]


def contradictions(batches: Callable[[], Iterator[Batch]], cancel: CancelToken = NEVER) -> Floats:
    """Return for each decided image how much the rest speaks against its label.

    A ridge regression corrects the probabilities by names towards what was decided; what it says
    of an image is worked out as if that image had not been decided (its leave-one-out residual, in
    closed form). The contradiction is by how much the best other concept is above the given one:
    below zero where all agree, about 1 where all disagree. It is a rank, no probability of a
    mistake. How well it finds planted mistakes stands in ADR 32.

    Args:
        batches: Yields the decided images in the same blocks each time: they are run over twice,
            so that no more than a block is held.
        cancel: Checked before each block.

    Returns:
        n float32; -inf for an image that shows no concept.
    """
    gram, target = np.zeros((0, 0)), np.zeros((0, 0))
    for batch in _each(batches, cancel):
        inputs, residual = _inputs(batch), batch.shown - batch.by_names
        if not len(gram):
            width = inputs.shape[1]
            gram, target = _RIDGE * np.eye(width), np.zeros((width, residual.shape[1]))
        gram += inputs.T @ inputs
        target += inputs.T @ residual
    found = [np.empty(0, np.float32)]
    inverse = np.linalg.inv(gram) if len(gram) else gram
    weights = inverse @ target
    for batch in _each(batches, cancel):
        inputs, residual = _inputs(batch), batch.shown - batch.by_names
        leverage = np.einsum("ij,ij->i", inputs @ inverse, inputs)
        error = (residual - inputs @ weights) / np.maximum(1 - leverage, 1e-6)[:, None]
        says = batch.shown - error
        others = np.where(batch.shown, -np.inf, says).max(axis=1, initial=-np.inf)
        given = np.where(batch.shown, says, np.inf).min(axis=1, initial=np.inf)
        found.append((others - given).astype(np.float32))
    return np.concatenate(found)


def _each(batches: Callable[[], Iterator[Batch]], cancel: CancelToken) -> Iterator[Batch]:
    for batch in batches():
        cancel.raise_if_cancelled()
        yield batch


def _inputs(batch: Batch) -> NDArray[np.float64]:
    """Return what the regression sees of each image, n x (d + K)."""
    return np.concatenate([batch.vectors, np.sqrt(batch.by_names)], axis=1, dtype=np.float64)
