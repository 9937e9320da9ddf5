"""Whether two pictures are copies of one, or frames of one burst.

Copies have the same pixels in another size, quality or crop: areas of colour are compared first; of
what is alike the edges, too. Embeddings alone cannot say: the starter gives photos of different
flowers a cosine of up to 0.999, and some copies less than 0.97. Pixels alone need no model, but
must not be compared all with all.

Frames of a burst were taken shortly after one another, and are alike. Time alone would put two
things together that were taken within a second, and likeness alone what was taken on different days
(docs/adr/0037-stacks.md).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.stacks import Pairs

SIDE: Final = 16
"""Pixels of a picture that is compared, across and down."""
ALIKE_BY_MODEL: Final = 0.5
"""Least cosine, by `near_pairs`, of pictures whose pixels are compared."""
ALIKE_BY_PIXELS: Final = 0.85
"""Least correlation of the pixels of pictures whose edges are compared."""
ALIKE_BY_EDGES: Final = 0.92
"""Least correlation of the edges of two copies, by `edge_correlations`."""
LONGEST_MS: Final = 2000
"""Between two frames. A camera that writes whole seconds says 1 or 2 of frames that are 1 apart."""
ALIKE_IN_BURST: Final = 1.5
"""Least sum of the cosine by the folder's spread and the correlation of the pixels."""
_LOOKED_AHEAD: Final = 8
"""Pictures that each is compared with: others may be taken meanwhile, by another camera."""

_LEAST_CONTRAST: Final = 4.0
"""Of 255: deviation of the pixels from their mean, of the three colours together."""

Pixels = NDArray[np.float32]
"""n x (SIDE * SIDE * 3), unit length, without the mean of each colour; zeros for a picture that is
all one colour, in which there is nothing to compare."""


def comparable(rgb: NDArray[np.uint8]) -> Pixels:
    """Normalise n pictures of SIDE x SIDE x 3 for comparison, without brightness and contrast."""
    light = rgb.reshape(len(rgb), SIDE * SIDE, 3).astype(np.float32)
    light -= light.mean(axis=1, keepdims=True)
    flat = light.reshape(len(rgb), SIDE * SIDE * 3)
    length = np.linalg.norm(flat, axis=1, keepdims=True)
    is_plain = length < _LEAST_CONTRAST * SIDE
    return np.where(is_plain, 0, flat / np.maximum(length, 1.0))


def correlations(one: Pixels, other: Pixels) -> NDArray[np.float32]:
    """Return for each of n pairs how their pixels correlate, from -1 to 1; `ALIKE_BY_PIXELS`."""
    return np.einsum("ij,ij->i", one, other)


def close_in_time(taken: NDArray[np.int64]) -> Pairs:
    """Return the pairs of pictures that were taken within `LONGEST_MS`, of the next eight each.

    Args:
        taken: n, in milliseconds since any time; -1 where it is not known.
    """
    known = np.flatnonzero(taken >= 0)
    order = known[np.argsort(taken[known], kind="stable")]
    pairs = [np.empty((0, 2), np.int64)]
    for ahead in range(1, _LOOKED_AHEAD + 1):
        one, other = order[:-ahead], order[ahead:]
        is_close = taken[other] - taken[one] <= LONGEST_MS
        pairs.append(np.stack([one[is_close], other[is_close]], axis=1))
    return np.sort(np.concatenate(pairs), axis=1)
