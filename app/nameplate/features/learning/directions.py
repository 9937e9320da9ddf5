"""The directions in which the images of a collection differ: what a probe looks at."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import Vectors
from nameplate.scoring.spread import principal_axes


@dataclass(frozen=True, slots=True)
class Directions:
    """A linear map from embeddings to the coordinates that a probe is fitted in.

    The coordinates are principal components. Each is divided by the square root of its spread, so
    that a few strong ones, which seldom are what a person sorts by, do not drown the others. Their
    mean squared length over the sample is 1.

    Attributes:
        mean: D float64, of the sample.
        basis: D x q float64, see `principal_axes`; q is 0 where all images are the same.
    """

    mean: NDArray[np.float64]
    basis: NDArray[np.float64]

    def coordinates(self, embeddings: Vectors) -> NDArray[np.float64]:
        """Return the coordinates (n x q) of n embeddings."""
        return (embeddings - self.mean) @ self.basis


def directions_of(sample: Vectors) -> Directions:
    """Return the directions of a sample (m x D); rows that are not finite do not count."""
    mean, axes, squared = principal_axes(sample)
    spread = np.sqrt(squared)
    return Directions(mean, axes / np.sqrt(spread * spread.sum()))
