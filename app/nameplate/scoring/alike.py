"""Pairs of concepts with vectors too similar for any classifier to tell them apart."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from nameplate.domain.concepts import Concept
from nameplate.domain.embeddings import Vectors

ALIKE: Final = 0.95
"""The least cosine of the vectors of two concepts that count as alike.

Measured with the starter model and its own template set (with the others in brackets): sofa|couch
0.990 (0.990 to 0.991), trousers|pants 0.988 (0.991 to 0.993), cat|kitten 0.963 (0.967 to 0.971),
car|automobile 0.956 (0.967 to 0.971), horse|pony 0.955 (0.957 to 0.961) are above it; red|green
0.920 (0.932 to 0.941), apple|pear 0.902 (0.909 to 0.913), boot|shoe 0.892 (0.892 to 0.898),
rose|tulip 0.839 (0.849 to 0.854), jeans|trousers 0.830 (0.827 to 0.837), cat|dog 0.619 (0.629 to
0.694) below. The median of 58 names is 0.55 (0.56 to 0.59). It misses some synonyms: bike|bicycle
0.872, lorry|truck 0.792.
"""

_STANDS_OUT: Final = 0.25
"""The largest distance of alike concepts, as a share of the median distance, for models whose names
all lie close together. The starter's cat|kitten is at 0.08."""

_FEWEST: Final = 4
"""Names that make a median meaningful."""

_MOST: Final = 2000
"""Names that are compared: 4 million pairs."""

_MOST_FOUND: Final = 20

Pair = tuple[Concept, Concept]


def alike(concepts: Sequence[Concept], vectors: Vectors) -> tuple[Pair, ...]:
    """Return the pairs of alike concepts, the nearest first; 20 at most.

    Pairs of two reject concepts are left out, because they do no harm.

    Args:
        concepts: K; more than 2,000 are not compared.
        vectors: K x D, unit length.
    """
    count = len(concepts)
    if not 2 <= count <= _MOST:
        return ()
    upper = np.triu_indices(count, 1)
    cosines = (vectors @ vectors.T)[upper]
    least = ALIKE
    if count >= _FEWEST:
        least = max(least, 1 - _STANDS_OUT * (1 - float(np.median(cosines))))
    near = np.flatnonzero(cosines >= least)
    found = list[Pair]()
    for place in near[np.argsort(-cosines[near], kind="stable")].tolist():
        one, other = concepts[int(upper[0][place])], concepts[int(upper[1][place])]
        if not (one.is_reject and other.is_reject):
            found.append((one, other))
    return tuple(found[:_MOST_FOUND])
