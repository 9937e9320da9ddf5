"""Embeddings, and what the model that made them turns their cosines into probabilities with."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""float32, one vector a row."""

HeadKind = Literal["softmax", "sigmoid"]


@dataclass(frozen=True, slots=True)
class Head:
    """What turns scores into probabilities, as the model was trained.

    Attributes:
        kind: `softmax`: the concepts share a probability of 1; `sigmoid`: each stands alone.
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
