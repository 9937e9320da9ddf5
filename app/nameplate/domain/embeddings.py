"""Embeddings and descriptors, and the head that turns cosines into probabilities."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""float32, N x D, one vector per row."""

Descriptors = NDArray[np.float16]
"""float16, N x E, one descriptor per row."""


class ImageVectors(NamedTuple):
    """The vectors that a model makes of n images.

    Attributes:
        embeddings: n x D float32, unit length; a row of NaN where an image has none.
        descriptors: n x E float16: inner layers of the image encoder, which tell images apart that
            embeddings do not; see `descriptor`. E is 0 where the model has none, and a row is NaN
            where an image has none yet.
    """

    embeddings: Vectors
    descriptors: Descriptors

    @classmethod
    def of(cls, embeddings: Vectors, descriptors: Descriptors | None = None) -> "ImageVectors":
        """Return both; E is 0 without descriptors."""
        none = np.empty((len(embeddings), 0), np.float16)
        return cls(embeddings, none if descriptors is None else descriptors)

    @property
    def learnable(self) -> Vectors | Descriptors:
        """The vectors that a classifier is fitted to: descriptors where the model has any."""
        return self.descriptors if self.descriptors.shape[1] else self.embeddings

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_] | slice) -> "ImageVectors":
        """Return the vectors of some images."""
        return ImageVectors(self.embeddings[rows], self.descriptors[rows])


HeadKind = Literal["softmax", "sigmoid"]


@dataclass(frozen=True, slots=True)
class Head:
    """The parameters that turn scores into probabilities, from the training of the model.

    Attributes:
        kind: `softmax`: the probabilities of all concepts sum to 1; `sigmoid`: independent.
        scale: Multiplies the score; about 100 for CLIP.
        bias: Added after the scale by the sigmoid; None where the model has none.
    """

    kind: HeadKind
    scale: float
    bias: float | None = None


def unit(vectors: NDArray[np.floating]) -> Vectors:
    """Return the rows at unit length in float32; a row of zeros stays zeros."""
    rows = np.asarray(vectors, dtype=np.float64)
    length = np.linalg.norm(rows, axis=-1, keepdims=True)
    return (rows / np.where(length > 0, length, 1.0)).astype(np.float32)


def descriptor(tensors: Sequence[NDArray[np.floating]]) -> Descriptors:
    """Return n descriptors from inner tensors of an image encoder.

    Each tensor becomes a part of unit length, so that none drowns another. Maps are averaged over
    their places.

    Args:
        tensors: n x C, or n x C x height x width each.
    """
    pooled = [np.asarray(one, np.float32).mean(axis=tuple(range(2, one.ndim))) for one in tensors]
    return np.concatenate([unit(part) for part in pooled], axis=1).astype(np.float16)
