"""The scores of all images; after a change of concepts, only new ones are computed.

Stored by concept, in blocks of images: each step runs over contiguous numbers that fit into a CPU
cache, and a concept is one row to add or to copy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import ImageVectors, Vectors
from nameplate.domain.images import BLOCK_ROWS, by_block
from nameplate.domain.progress import NEVER, CancelToken


class Weights(NamedTuple):
    """The weights of a classifier, R vectors in all.

    Attributes:
        of_embeddings: Those that embeddings are multiplied with, one a row (D columns).
        of_descriptors: Those that descriptors are multiplied with, which follow (E columns).
    """

    of_embeddings: Vectors
    of_descriptors: Vectors

    @classmethod
    def of(cls, of_embeddings: Vectors) -> "Weights":
        """Return weights for embeddings alone."""
        return cls(of_embeddings, np.empty((0, 0), np.float32))

    @property
    def size(self) -> int:
        """The number R of weights."""
        return len(self.of_embeddings) + len(self.of_descriptors)

    def scores(self, images: ImageVectors) -> NDArray[np.float32]:
        """Return the scores (R x n) of n images; NaN where an image lacks the vector."""
        found = np.empty((self.size, len(images.embeddings)), np.float32)
        split = len(self.of_embeddings)
        found[:split] = _product(images.embeddings, self.of_embeddings)
        found[split:] = _product(images.descriptors, self.of_descriptors)
        return found

    def take(self, rows: Sequence[int]) -> "Weights":
        """Return the weights at some places, in order."""
        split, places = len(self.of_embeddings), np.array(rows, np.int64)
        mine, more = places[places < split], places[places >= split] - split
        return Weights(self.of_embeddings[mine], self.of_descriptors[more])

    def keys(self) -> list[bytes]:
        """Return a key of each, which equal ones share."""
        return [vector.tobytes() for part in self for vector in part]


NO_WEIGHTS: Final = Weights.of(np.empty((0, 0), np.float32))


def _product(
    vectors: NDArray[np.floating], weights: Vectors
) -> NDArray[np.float32] | np.float32:  # fmt: skip
    """Return the scores of vectors (n x D) for weights (R x D): R x n."""
    if not len(weights) or vectors.shape[1] != weights.shape[1]:  # the vectors are not known
        return np.float32(np.nan)
    # BLAS takes half the time of `weights @ vectors.T` this way.
    return (vectors.astype(np.float32, copy=False) @ np.ascontiguousarray(weights.T)).T


@dataclass(frozen=True, slots=True)
class ScoreMatrix:
    """Scores of images, in blocks as long as those of an `ImageTable`.

    Attributes:
        weights: R vectors, see `Classifier.weights`.
        blocks: R x BLOCK_ROWS float32 scores each; NaN where an image lacks the vector. The
            window's thread may fill in such an entry; one that is a number never changes.
    """

    weights: Weights
    blocks: list[NDArray[np.float32]]

    def reserve(self, images: int) -> None:
        """Append empty blocks until there is room for `images`."""
        while len(self.blocks) * BLOCK_ROWS < images:
            shape = self.weights.size, BLOCK_ROWS
            self.blocks.append(np.full(shape, np.nan, dtype=np.float32))

    def of(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return a copy of the scores of some images, R x n."""
        found = np.empty((self.weights.size, len(rows)), dtype=np.float32)
        for number, mine in by_block(rows):
            found[:, mine] = self.blocks[number][:, rows[mine] % BLOCK_ROWS]
        return found

    def last_row(self, images: int) -> NDArray[np.float32]:
        """Return the last score of each of the first images; R is at least 1."""
        none = np.empty(0, np.float32)
        return np.concatenate([none, *(block[-1] for block in self.blocks)])[:images]

    def put(self, rows: NDArray[np.int64], scores: NDArray[np.float32]) -> None:
        """Set the scores (R x n) of some images."""
        for number, mine in by_block(rows):
            self.blocks[number][:, rows[mine] % BLOCK_ROWS] = scores[:, mine]


def score_matrix(
    blocks: Sequence[ImageVectors],
    weights: Weights,
    known: ScoreMatrix | None = None,
    cancel: CancelToken = NEVER,
) -> ScoreMatrix:
    """Return the scores of all images for `weights`; copies rows that `known` has.

    Args:
        blocks: Those of an `ImageTable`: BLOCK_ROWS images each, the last may have fewer.
        weights: R vectors.
        known: Scores of the same images, with room for all of them. The window's thread may fill
            in entries meanwhile: a column copied half filled is NaN in part, and
            `scores.best_of` takes that for an image without scores.
        cancel: Checked before each block.
    """
    copied = _rows_to_copy(weights, known)
    new = [row for row in range(weights.size) if row not in copied]
    to_compute = weights.take(new)
    known_blocks = known.blocks if known else []
    matrix = ScoreMatrix(weights, [])
    for number, block in enumerate(blocks):
        cancel.raise_if_cancelled()
        count = len(block.embeddings)
        scores = np.empty((weights.size, BLOCK_ROWS), dtype=np.float32)
        scores[:, count:] = np.nan
        matrix.blocks.append(scores)
        for row, source in copied.items():
            scores[row] = known_blocks[number][source]
        if new:
            for row, found in zip(new, to_compute.scores(block), strict=True):
                scores[row, :count] = found
    return matrix


def _rows_to_copy(weights: Weights, known: ScoreMatrix | None) -> dict[int, int]:
    """Return the rows to copy: row of the new matrix -> row of `known`."""
    if known is None:
        return {}
    sources = {key: row for row, key in enumerate(known.weights.keys())}
    keys = weights.keys()
    return {row: sources[key] for row, key in enumerate(keys) if key in sources}
