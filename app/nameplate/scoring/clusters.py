"""Groups of images that are alike, by k-means on directions."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import Vectors, unit
from nameplate.domain.progress import NEVER, CancelToken

MOST_FITTED: Final = 20_000
"""Vectors that centres are fitted to; the others are only assigned."""
_ROUNDS: Final = 20
_BLOCK: Final = 4096
_ROUNDING: Final = 1e-6
_CANDIDATES: Final = 4
"""Candidates for each first centre, of which the best is taken."""


def clusters(
    vectors: Vectors, count: int, seed: int = 0, cancel: CancelToken = NEVER
) -> NDArray[np.int64]:
    """Return the number of the group of each image, below `count`; -1 for none.

    Spherical k-means with k-means++ (D. Arthur and S. Vassilvitskii, 2007), on a random sample of
    20,000 at most; the same groups for the same seed.

    Args:
        vectors: N x D, unit length, as of `WhitenedSpace.place`; rows of zeros or NaN belong to no
            group.
        count: Groups wanted; some may stay empty.
        seed: Of the choice of sample and first centres.
        cancel: Checked between blocks.
    """
    groups = np.full(len(vectors), -1, np.int64)
    parts = (vectors[start : start + _BLOCK] for start in range(0, len(vectors), _BLOCK))
    has_some = [np.nan_to_num(np.abs(part)).max(axis=1, initial=0) > 0 for part in parts]
    places = np.flatnonzero(np.concatenate([np.empty(0, np.bool_), *has_some]))
    if not len(places) or count < 1:
        return groups
    rng = np.random.default_rng(seed)
    few = places
    if len(places) > MOST_FITTED:
        few = np.sort(rng.choice(places, MOST_FITTED, replace=False))
    sample = vectors[few]
    centres = _first_centres(sample, min(count, len(sample)), rng, cancel)
    nearest = np.full(len(sample), -1, np.int64)
    for _ in range(_ROUNDS):
        before, nearest = nearest, nearest_centres(sample, centres, cancel)
        if np.array_equal(before, nearest):
            break
        centres = _means(sample, nearest, centres)
    for start in range(0, len(places), _BLOCK):
        mine = places[start : start + _BLOCK]
        groups[mine] = nearest_centres(vectors[mine], centres, cancel)
    return groups


def nearest_centres(
    vectors: Vectors, centres: Vectors, cancel: CancelToken = NEVER
) -> NDArray[np.int64]:
    """Return which of the centres (K x D) is the nearest of each of n vectors (n x D)."""
    found = np.empty(len(vectors), np.int64)
    for start in range(0, len(vectors), _BLOCK):
        cancel.raise_if_cancelled()
        block = vectors[start : start + _BLOCK]
        found[start : start + _BLOCK] = np.argmax(block @ centres.T, axis=1)
    return found


def cosines_to_others(vectors: Vectors) -> Vectors:
    """Return the cosine of each vector of a group to the mean of the others; 0 of a single one.

    The vector itself is left out, or a small group would always seem close: six vectors at right
    angles to one another have a cosine of 0.4 to their mean.

    Args:
        vectors: n x D, unit length.
    """
    total = vectors.sum(axis=0)
    along = vectors @ total
    length = np.sqrt(np.maximum(total @ total - 2 * along + 1, _ROUNDING))
    return (along - 1) / length


def usual_cosine(vectors: Vectors) -> float:
    """Return the root mean square of the cosines of all pairs of two vectors.

    Args:
        vectors: n x D, unit length; rows of zeros do not count.
    """
    products = (vectors.T @ vectors).astype(np.float64)
    count = float(np.trace(products))  # each vector with itself
    return float(np.sqrt(max((products**2).sum() - count, 0) / max(count * (count - 1), 1)))


def _first_centres(
    sample: Vectors, count: int, rng: np.random.Generator, cancel: CancelToken
) -> Vectors:
    """Return centres that lie far from one another: k-means++, the best of some candidates each."""
    chosen = [int(rng.integers(len(sample)))]
    distance = np.maximum(1 - sample @ sample[chosen[0]], 0).astype(np.float64)
    while len(chosen) < count:
        cancel.raise_if_cancelled()
        total = float(distance.sum())
        if total <= 1e-6 * len(sample):
            break  # all others are at a centre
        candidates = rng.choice(len(sample), _CANDIDATES, p=distance / total)
        after = np.minimum(distance, np.maximum(1 - sample[candidates] @ sample.T, 0))
        best = int(np.argmin(after.sum(axis=1)))
        chosen.append(int(candidates[best]))
        distance = after[best]
    return sample[chosen]


def _means(sample: Vectors, nearest: NDArray[np.int64], centres: Vectors) -> Vectors:
    """Return the mean directions of the groups; the centre of before where a group is empty."""
    sums = np.zeros(centres.shape, np.float64)
    order = np.argsort(nearest, kind="stable")
    found, starts = np.unique(nearest[order], return_index=True)
    ends = [*starts.tolist()[1:], len(order)]
    for group, start, end in zip(found.tolist(), starts.tolist(), ends, strict=True):
        # One by one: `reduceat` would keep the interpreter, and with it the window, for 25 ms.
        sums[group] = sample[order[start:end]].sum(axis=0)
    means = unit(sums)
    is_none = ~means.any(axis=1)
    means[is_none] = centres[is_none]
    return means
