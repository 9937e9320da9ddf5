"""Embeddings, and the head that turns their cosines into probabilities."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""float32, N x D, one vector per row."""

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
