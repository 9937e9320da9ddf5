"""The directions in which the images of a collection differ: what a probe looks at."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import Vectors

MOST_DIRECTIONS: Final = 128
MOST_SAMPLES: Final = 10_000
_SMALLEST: Final = 1e-5  # of the largest spread: below it there is only rounding


@dataclass(frozen=True, slots=True)
class Directions:
    """A linear map from embeddings to the coordinates that a probe is fitted in.

    The coordinates are principal components. Each is divided by the square root of its spread, so
    that a few strong ones, which seldom are what a person sorts by, do not drown the others. Their
    mean squared length over the sample is 1.

    Attributes:
        mean: D float64, of the sample.
        basis: D x q float64, q at most MOST_DIRECTIONS; q is 0 where all images are the same.
    """

    mean: NDArray[np.float64]
    basis: NDArray[np.float64]

    def coordinates(self, embeddings: Vectors) -> NDArray[np.float64]:
        """Return the coordinates (n x q) of n embeddings."""
        return (embeddings - self.mean) @ self.basis


def bounded_sample(sample: Vectors) -> Vectors:
    """Return the finite rows of a sample (m x D), at even distances, MOST_SAMPLES at most."""
    finite = sample[np.isfinite(sample).all(axis=1)]
    return finite[:: max(1, -(-len(finite) // MOST_SAMPLES))]


def directions_of(sample: Vectors) -> Directions:
    """Return the directions of a sample (m x D), all of it finite; of none there are none."""
    if not len(sample):
        return Directions(np.zeros(sample.shape[1]), np.zeros((sample.shape[1], 0)))
    taken = sample.astype(np.float64)
    mean = taken.mean(axis=0)
    centred = taken - mean
    values, vectors = np.linalg.eigh(centred.T @ centred / len(taken))
    spread = np.sqrt(np.maximum(values[::-1][:MOST_DIRECTIONS], 0))
    kept = spread > max(_SMALLEST * spread[0], np.finfo(np.float32).eps)
    basis = vectors[:, ::-1][:, : len(spread)][:, kept] / np.sqrt(spread[kept])
    return Directions(mean, basis / np.sqrt(max(spread[kept].sum(), np.finfo(float).tiny)))
