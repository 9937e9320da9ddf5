"""Images that are nearly the same picture: shots of a burst, copies in another size or quality."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import Vectors
from nameplate.domain.images import gathered
from nameplate.domain.progress import NEVER, CancelToken
from nameplate.domain.stacks import Pairs
from nameplate.scoring.clusters import clusters
from nameplate.scoring.whitening import FOR_GROUPS, WhitenedSpace, sample_of

NEARLY_SAME: Final = 0.9
"""Least cosine of two near-duplicates, by the spread of the alike images around them."""
_SMOOTHING: Final = 1e-3
_NEIGHBOURS: Final = 5
_PART: Final = 300
"""Alike images among which near-duplicates are looked for."""
_FEWEST: Final = 64
"""Images of which a spread can be told; among fewer, every second one would seem a duplicate."""
_BLOCK: Final = 1024


def near_pairs(
    blocks: Sequence[Vectors], least: float = NEARLY_SAME, cancel: CancelToken = NEVER
) -> Pairs:
    """Return the pairs of near-duplicates.

    Each of two is among the five nearest of the other, and their cosine is at least `least`. Images
    are compared within parts of some hundreds of alike ones, each by its own spread: photos of
    flowers are nearer to one another than near-duplicates of other things. Among fewer than 64
    images none are found.

    Args:
        blocks: Of N embeddings (n x D each), as `ImageTable.blocks` and `spread.in_blocks` give
            them; NaN where an image has none.
        least: Between two images.
        cancel: Checked between parts.
    """
    found = [pairs for _, pairs in near_pairs_by_part(blocks, least, cancel)]
    return np.concatenate([np.empty((0, 2), np.int64), *found])


def near_pairs_by_part(
    blocks: Sequence[Vectors], least: float = NEARLY_SAME, cancel: CancelToken = NEVER
) -> Iterator[tuple[float, Pairs]]:
    """Yield the pairs of `near_pairs` part by part, each with the share that is done then."""
    sample = sample_of(blocks, sum(map(len, blocks)))
    of_all, for_groups = WhitenedSpace.of(sample, _SMOOTHING), WhitenedSpace.of(sample, FOR_GROUPS)
    is_enough = len(sample) >= _FEWEST
    del sample  # of up to 61 MB
    parts = _alike_parts(blocks, for_groups, cancel) if is_enough else []
    for done, rows in enumerate(parts, 1):
        cancel.raise_if_cancelled()
        embeddings = gathered(blocks, rows)
        is_known = len(rows) >= _FEWEST
        spread = WhitenedSpace.of(embeddings, _SMOOTHING) if is_known else of_all
        vectors = spread.place([embeddings])
        yield done / len(parts), rows[_mutual(vectors, least, cancel)]


def _alike_parts(
    blocks: Sequence[Vectors], spread: WhitenedSpace, cancel: CancelToken
) -> list[NDArray[np.int64]]:
    """Return the rows of parts of alike images, some hundreds each; without those of NaN."""
    count = max(1, sum(map(len, blocks)) // _PART)
    groups = clusters(spread.place(blocks, cancel), count, cancel=cancel)
    order = np.argsort(groups, kind="stable")
    order = order[groups[order] >= 0]
    ends = np.flatnonzero(np.diff(groups[order], append=-1)) + 1
    return np.split(order, ends[:-1]) if len(order) else []


def _mutual(vectors: Vectors, least: float, cancel: CancelToken) -> Pairs:
    """Return the pairs of which each is among the nearest of the other."""
    count = len(vectors)
    near = min(_NEIGHBOURS, count - 1)
    found = list[NDArray[np.int64]]()
    for start in range(0, count if near > 0 else 0, _BLOCK):
        cancel.raise_if_cancelled()
        cosines = vectors[start : start + _BLOCK] @ vectors.T
        lines = np.arange(len(cosines))
        cosines[lines, start + lines] = -2
        nearest = np.argpartition(-cosines, near - 1, axis=1)[:, :near]
        is_near = cosines[lines[:, None], nearest] >= least
        line, column = np.nonzero(is_near)
        found.append((line + start) * count + nearest[line, column])
    ways = np.concatenate(found) if found else np.empty(0, np.int64)
    one, other = ways // count, ways % count
    both = np.intersect1d(ways[one < other], (other * count + one)[one > other])
    return np.stack([both // count, both % count], axis=1)
