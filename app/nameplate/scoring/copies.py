"""Whether two pictures are copies of one: the same pixels in another size, quality or crop.

Areas of colour are compared first; of what is alike the edges, too (`scoring/edges.py`).

Embeddings alone cannot say: the starter gives photos of different flowers a cosine of up to 0.999,
and some copies less than 0.97. Pixels alone need no model, but must not be compared all with all
(ADR 37).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

SIDE: Final = 16
"""Pixels of a picture that is compared, across and down."""
ALIKE_BY_MODEL: Final = 0.5
"""Least cosine, by `near_pairs`, of pictures whose pixels are compared."""
ALIKE_BY_PIXELS: Final = 0.85
"""Least correlation of the pixels of pictures whose edges are compared."""
ALIKE_BY_EDGES: Final = 0.92
"""Least correlation of the edges of two copies, by `edge_correlations`."""

_LEAST_CONTRAST: Final = 4.0
"""Of 255: deviation of the pixels from their mean, of the three colours together."""

Pixels = NDArray[np.float32]
"""n x (SIDE * SIDE * 3), unit length, without the mean of each colour; zeros for a picture that is
all one colour, in which there is nothing to compare."""


def comparable(rgb: NDArray[np.uint8]) -> Pixels:
    """Return n pictures of SIDE x SIDE x 3 as what is compared: without light and contrast."""
    light = rgb.reshape(len(rgb), SIDE * SIDE, 3).astype(np.float32)
    light -= light.mean(axis=1, keepdims=True)
    flat = light.reshape(len(rgb), SIDE * SIDE * 3)
    length = np.linalg.norm(flat, axis=1, keepdims=True)
    is_plain = length < _LEAST_CONTRAST * SIDE
    return np.where(is_plain, 0, flat / np.maximum(length, 1.0))


def correlations(one: Pixels, other: Pixels) -> NDArray[np.float32]:
    """Return for each of n pairs how their pixels correlate, from -1 to 1; `ALIKE_BY_PIXELS`."""
    return np.einsum("ij,ij->i", one, other)
