"""The directions in which the images of a collection differ: what a probe looks at."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import Vectors

MOST_DIRECTIONS: Final = 128
MOST_SAMPLES: Final = 10_000
_SMALLEST: Final = 1e-3  # of the largest spread: below it there is little but rounding
_ROUNDING: Final = 1e-6


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
        size = int(sample.shape[1])
        return Directions(np.zeros((size,), np.float64), np.zeros((size, 0), np.float64))
    mean = sample.mean(axis=0, dtype=np.float64)
    centred = sample - mean.astype(np.float32)
    is_small = len(sample) < sample.shape[1]  # then the same come from a smaller matrix
    products = centred @ centred.T if is_small else centred.T @ centred
    values, vectors = np.linalg.eigh(products.astype(np.float64) / len(sample))
    largest = np.asarray(values, dtype=np.float64)[::-1][:MOST_DIRECTIONS]
    spread = np.sqrt(np.maximum(largest, 0.0))
    kept = int((spread > max(_SMALLEST * float(spread[0]), _ROUNDING)).sum())
    vectors = vectors[:, ::-1][:, :kept]
    if is_small:
        vectors = centred.T @ vectors / (np.sqrt(len(sample)) * spread[:kept])
    basis = vectors / np.sqrt(spread[:kept])
    return Directions(mean, basis / np.sqrt(max(float(spread[:kept].sum()), _ROUNDING)))
