"""Images that fit none of the names: how little, without decisions and with some."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import Head, Vectors

FEWEST: Final = 3
"""Decisions of each kind, “none of these” and a name, before they are learned from."""
_RIDGE: Final = 1.0
_OF_SCORE: Final = 0.5
_WEIGHT: Final = 2.0
"""Of what decisions say, in standard deviations of the score without them."""

Floats = NDArray[np.float32]


def misfit(scores: Floats, head: Head) -> Floats:
    """Return how little each image fits any name; higher fits less, NaN without scores.

    The negative energy of W. Liu and others, “Energy-based Out-of-distribution Detection” (2020):
    the soft maximum of the scores. The scores of a folder of one kind of thing lie close together,
    so that it ranks the images of one folder and says nothing of another.

    Args:
        scores: K x n cosines of concepts that give a label.
        head: The model's; its scale is that of the soft maximum.
    """
    if not len(scores):
        return np.full(int(scores.shape[1]), np.nan, np.float32)
    highest: Floats = scores.max(axis=0)
    total: Floats = np.exp(np.float32(head.scale) * (scores - highest)).sum(axis=0)
    return np.negative(highest + np.log(total) / np.float32(head.scale), dtype=np.float32)


def with_decisions(
    misfits: Floats,
    vectors: Vectors,
    none: NDArray[np.int64],
    named: NDArray[np.int64],
) -> Floats:
    """Return `misfit` corrected by what a person decided; unchanged where that is too little.

    A ridge regression tells images that fit no name from those that got one.

    Args:
        misfits: N, of all images.
        vectors: N x d, of `Spread.place`.
        none: Places of the images that were decided to be none of the names.
        named: Places of those that got a name.
    """
    if min(len(none), len(named)) < FEWEST:
        return misfits
    spread = max(float(np.nanstd(misfits)), 1e-9)
    standard = np.nan_to_num((misfits - np.nanmean(misfits)) / spread)
    # With the score among what it sees, the regression adds only what the score does not say.
    inputs = np.concatenate([vectors, _OF_SCORE * standard[:, None]], axis=1)
    rows = np.concatenate([none, named])
    signs = np.repeat([1.0, -1.0], [len(none), len(named)])
    # Each kind weighs the same, however many there are of it.
    weights = np.repeat([0.5 / len(none), 0.5 / len(named)], [len(none), len(named)]) * len(rows)
    known = inputs[rows]
    gram = (known.T * weights) @ known + _RIDGE * np.eye(inputs.shape[1])
    fitted = np.linalg.solve(gram, known.T @ (weights * signs))
    return (misfits + _WEIGHT * spread * (inputs @ fitted)).astype(np.float32)
