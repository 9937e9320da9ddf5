"""Search: the images nearest to a query, by exact comparison with all."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import Vectors, unit
from nameplate.domain.progress import NEVER, CancelToken

Scored = tuple[int, NDArray[np.float32]]
"""The first row of a block, and the scores of its rows."""
SAMPLED: Final = 8192
"""Images that say how vectors are to be weighed."""
_LEAST_SAMPLED: Final = 3
_NO_SPREAD: Final = 1e-6
_UNLIKE: Final = 0.5
"""How much what is not wanted counts."""


@dataclass(frozen=True, slots=True)
class Hits:
    """Images by how well they fit a search, the best first.

    Attributes:
        rows: int64, m.
        scores: float32, m cosines, falling; of equal ones the lower row comes first.
    """

    rows: NDArray[np.int64]
    scores: NDArray[np.float32]


def query_of(
    like: Vectors, unlike: Vectors | None = None, blocks: Sequence[Vectors] = ()
) -> Vectors:
    """Return the unit vector (D) of a query.

    One vector is asked for as it is. Several count the same each (`balanced`), and what is not
    wanted counts half, unless it is all that is said. ADR 35 has what each of these is worth.

    Args:
        like: n x D unit vectors of texts or images; their mean is asked for.
        unlike: m x D, of what is not wanted; its mean is taken off. n + m >= 1.
        blocks: Of all embeddings, or of a sample of them, n x D each; NaN rows are left out.
    """
    others = like[:0] if unlike is None else unlike
    vectors = np.concatenate([like, others])
    if len(vectors) > 1:
        vectors = balanced(vectors, blocks)
    wanted, others = vectors[: len(like)], vectors[len(like) :]
    if not len(wanted):
        return unit(-others.mean(axis=0))
    return unit(wanted.mean(axis=0) - (_UNLIKE * others.mean(axis=0) if len(others) else 0))


def balanced(vectors: Vectors, blocks: Sequence[Vectors]) -> Vectors:
    """Return vectors that order the images as differently as they can, each as widely as others.

    What all images have in common is taken out: it makes any picture near to the same ones.
    Cosines with a picture are spread several times as wide as those with a sentence, which would
    hardly count in a mean of unit vectors; so each is divided by the spread of its scores. A part
    of the images is looked at.

    Args:
        vectors: n x D unit vectors of texts or images.
        blocks: Of all embeddings, in row order; NaN rows are left out.
    """
    step = 1 + sum(map(len, blocks)) // SAMPLED
    rows = np.concatenate([vectors[:0], *(block[::step] for block in blocks)])
    known = rows[~np.isnan(rows).any(axis=1)]
    if len(known) < _LEAST_SAMPLED:
        return vectors
    common = unit(known.mean(axis=0))
    apart = vectors - np.outer(vectors @ common, common)
    spread = (known @ apart.T).std(axis=0)[:, None]
    return (apart / np.where(spread > _NO_SPREAD, spread, 1)).astype(np.float32)


def scores_of(
    blocks: Sequence[Vectors], query: Vectors, cancel: CancelToken = NEVER
) -> NDArray[np.float32]:
    """Return the cosine of each image with `query`, N float32; NaN for one without an embedding.

    Args:
        blocks: Of all embeddings, in row order, n x D each; NaN rows for images without one.
        query: D, unit length.
        cancel: Looked at before each block.
    """
    found, start = np.empty(sum(map(len, blocks)), np.float32), 0
    for block in blocks:
        cancel.raise_if_cancelled()
        np.matmul(block, query, out=found[start : start + len(block)])
        start += len(block)
    return found


def mean_of(blocks: Sequence[Vectors], rows: NDArray[np.int64]) -> tuple[Vectors | None, int]:
    """Return the unit vector (D) in the middle of some images, and how many lack an embedding.

    Args:
        blocks: Of all embeddings, equally long but for the last one, in row order.
        rows: Of the images.

    Returns:
        None for the vector where none of them has an embedding.
    """
    size = len(blocks[0]) if blocks else 1
    numbers: list[int] = rows.tolist()
    vectors = [blocks[row // size][row % size] for row in numbers]
    known = [vector for vector in vectors if not np.isnan(vector).any()]
    middle = unit(np.mean(known, axis=0)) if known else None
    return middle, len(vectors) - len(known)


def search(
    blocks: Iterable[Vectors], query: Vectors, most: int, cancel: CancelToken = NEVER
) -> Hits:
    """Return the `most` images whose embeddings are nearest to `query`.

    Args:
        blocks: Of all embeddings, in row order, n x D each; NaN rows are left out.
        query: D, unit length.
        most: At least 1.
        cancel: Looked at before each block.
    """

    def scored() -> Iterator[Scored]:
        start = 0
        for block in blocks:
            yield start, np.asarray(block @ query, np.float32)
            start += len(block)

    return best(scored(), most, cancel)


def cosines(vectors: NDArray[np.floating], query: Vectors) -> NDArray[np.float32]:
    """Return the cosine of each vector, n x D of any length and precision, with a unit vector.

    NaN for one that has a number that is not finite, 0 for one of zeros.
    """
    with np.errstate(all="ignore"):
        rows = np.asarray(vectors, np.float32)
        length = np.sqrt(np.einsum("nd,nd->n", rows, rows))
        return np.asarray(rows @ query / np.where(length == 0, 1, length), np.float32)


def best(scored: Iterable[Scored], most: int, cancel: CancelToken = NEVER) -> Hits:
    """Return the `most` images with the highest scores; no more than these and a block are kept.

    Args:
        scored: Blocks in row order; NaN scores are left out.
        most: At least 1.
        cancel: Looked at before each block.
    """
    rows, scores = np.empty(0, np.int64), np.empty(0, np.float32)
    for first, found in scored:
        cancel.raise_if_cancelled()
        # What cannot come in any more is not sorted.
        least = scores[-1] if len(scores) >= most else -np.inf
        mine = np.flatnonzero(found > least)
        if not len(mine):
            continue
        rows = np.concatenate([rows, mine + first])
        scores = np.concatenate([scores, found[mine]])
        order = np.lexsort((rows, -scores))[:most]
        rows, scores = rows[order], scores[order]
    return Hits(rows, scores)
