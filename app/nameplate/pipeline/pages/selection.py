"""Chooses the suggestions that a person should look at next: arrays in, arrays out."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import ImageVectors, Vectors
from nameplate.domain.progress import CancelToken
from nameplate.scoring.whitening import MOST_BLOCKS, WhitenedSpace

_STEPS: Final = 256
_MOST_COMPARED: Final = 4096
"""Members of a group that are compared for a page: 2 MB, some milliseconds."""


def riskiest_group(groups: NDArray[np.int64], risk: NDArray[np.float32], size: int) -> int:
    """Return the group with the most expected errors on its next page; -1 for none.

    The next page of a group are its `size` riskiest members. Risks are counted in steps of 1/255,
    so that a million take some milliseconds: nothing is sorted.

    Args:
        groups: n numbers from 0 on.
        risk: n probabilities of being wrong, 0 to 1.
        size: Of a page.

    Returns:
        The lowest of equal groups.
    """
    if not len(groups):
        return -1
    steps = (risk * (_STEPS - 1)).astype(np.int64)
    width = int(groups.max()) + 1
    counts = np.bincount(groups * _STEPS + steps, minlength=width * _STEPS)
    falling = counts.reshape(width, _STEPS)[:, ::-1]
    on_page = np.diff(np.minimum(np.cumsum(falling, axis=1), size), axis=1, prepend=0)
    # A page of sure suggestions is still better than none.
    expected = on_page @ np.arange(_STEPS - 1, -1, -1) + (falling.any(axis=1) - 1)
    return int(np.argmax(expected))


def first_page(
    groups: NDArray[np.int64], risk: NDArray[np.float32], group: int, size: int
) -> NDArray[np.int64]:
    """Return the indices of the `size` riskiest members of a group, riskiest first.

    The earlier one comes first where two are as risky.
    """
    places = np.flatnonzero(groups == group)
    if len(places) > size:
        limit = np.partition(risk[places], len(places) - size)[len(places) - size]
        places = places[risk[places] >= limit]
    return places[np.argsort(-risk[places], kind="stable")][:size]


def some_of(groups: NDArray[np.int64], group: int) -> NDArray[np.int64]:
    """Return the indices of a group's members, evenly thinned out if there are many."""
    members = np.flatnonzero(groups == group)
    return members[:: len(members) // _MOST_COMPARED + 1]


def alike_page(vectors: Vectors, risk: NDArray[np.float32], size: int) -> NDArray[np.int64]:
    """Return the indices of the `size` images most similar to the most probable one.

    Like ones lie next to each other, beginning with the riskiest, so that a stretch of wrong ones
    of one kind can be named at once.

    Args:
        vectors: n x d float32, unit length or zeros; see `WhitenedSpace.place`.
        risk: n probabilities of being wrong, 0 to 1.
        size: Of the page.
    """
    if not len(vectors):
        return np.empty(0, np.int64)
    near = np.argsort(-(vectors @ vectors[np.argmin(risk)]), kind="stable")[:size]
    return near[_path(vectors[near], int(np.argmax(risk[near])))]


def _path(vectors: Vectors, start: int) -> list[int]:
    """Return an order of n vectors, each followed by the most similar one left."""
    alike = vectors @ vectors.T
    path = [start]
    for _ in range(len(vectors) - 1):
        alike[:, path[-1]] = -np.inf
        path.append(int(np.argmax(alike[path[-1]])))
    return path


def filled_pages(counts: Sequence[int], size: int, fewest: int, most: int) -> int:
    """Return about how many pages there are of groups of so many members.

    A page that a group does not fill is filled by the next one, which gives all that it has left
    or at least `fewest`; it has members of `most` groups.
    """
    pages = room = groups = 0
    for count in counts:
        if (count > room and room < fewest) or groups == most:
            room = 0
        left = max(0, count - room)
        room, groups = max(0, room - count), groups + 1
        if left:
            full = -(-left // size)
            pages, room, groups = pages + full, full * size - left, 1
    return pages


def projections(
    blocks: Sequence[ImageVectors], cancel: CancelToken
) -> Iterator[NDArray[np.float16]]:
    """Yield the projections of the first images, a row each; see `WhitenedSpace.place`.

    It is kept, so it is float16, with which a cosine is off by 4e-4 at most. Of very many images in
    the blocks of an `ImageTable`, those that came first are placed.
    """
    cancel.raise_if_cancelled()
    blocks = blocks[:MOST_BLOCKS]  # 52 MB
    spread, start = WhitenedSpace.for_similarity(blocks), 0
    count = sum(len(block.embeddings) for block in blocks)
    vectors = np.empty((count, spread.axes.shape[1]), np.float16)
    for block in blocks:
        placed = spread.place([block.learnable], cancel)
        vectors[start : start + len(placed)] = placed
        start += len(placed)
    yield vectors
