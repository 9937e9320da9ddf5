"""Search: the images that are most like what a person asks for, by exact comparison with all."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import Vectors, unit
from nameplate.domain.progress import CancelToken


@dataclass(frozen=True, slots=True)
class Hits:
    """Images by how well they fit a search, the best first.

    Attributes:
        rows: int64, m.
        scores: float32, m cosines, falling; of equal ones the lower row comes first.
    """

    rows: NDArray[np.int64]
    scores: NDArray[np.float32]


def query_of(like: Vectors, unlike: Vectors | None = None) -> Vectors:
    """Return the unit vector (D) of what is asked for.

    Args:
        like: n x D unit vectors of texts or images, n >= 1; their mean is asked for.
        unlike: m x D, of what is not wanted; its mean is taken off.
    """
    wanted = like.mean(axis=0)
    if unlike is not None and len(unlike):
        wanted = wanted - unlike.mean(axis=0)
    return unit(wanted)


def search(
    blocks: Iterable[Vectors], query: Vectors, most: int, cancel: CancelToken | None = None
) -> Hits:
    """Return the `most` images whose embeddings are nearest to `query`.

    Time and memory: one product for each block, and no more than `most` and a block are kept.

    Args:
        blocks: Of all embeddings, in row order, n x D each; NaN rows are left out.
        query: D, unit length.
        most: At least 1.
        cancel: Looked at before each block.

    Raises:
        CancelledError: `cancel` was set.
    """
    rows, scores = np.empty(0, np.int64), np.empty(0, np.float32)
    start = 0
    for block in blocks:
        if cancel is not None:
            cancel.raise_if_cancelled()
        found = np.asarray(block @ query, np.float32)
        # What cannot come in any more is not sorted.
        least = scores[-1] if len(scores) >= most else -np.inf
        mine = np.flatnonzero(found > least)
        start, first = start + len(block), start
        if not len(mine):
            continue
        rows = np.concatenate([rows, mine + first])
        scores = np.concatenate([scores, found[mine]])
        best = np.lexsort((rows, -scores))[:most]
        rows, scores = rows[best], scores[best]
    return Hits(rows, scores)
