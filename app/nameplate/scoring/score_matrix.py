"""The scores of all images; after a change of concepts, only new ones are computed.

Stored by concept, in blocks of images: each step runs over contiguous numbers that fit into a CPU
cache, and a concept is one row to add or to copy.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import Vectors
from nameplate.domain.images import BLOCK_ROWS, by_block
from nameplate.domain.progress import NEVER, CancelToken


@dataclass(frozen=True, slots=True)
class ScoreMatrix:
    """Scores of images, in blocks as long as those of an `ImageTable`.

    Attributes:
        weights: R x D float32, see `Classifier.weights`.
        blocks: R x BLOCK_ROWS float32 cosines each; NaN where an image has no embedding. The
            window's thread may fill in such an entry; one that is a number never changes.
    """

    weights: Vectors
    blocks: list[NDArray[np.float32]]

    def reserve(self, images: int) -> None:
        """Append empty blocks until there is room for `images`."""
        while len(self.blocks) * BLOCK_ROWS < images:
            shape = len(self.weights), BLOCK_ROWS
            self.blocks.append(np.full(shape, np.nan, dtype=np.float32))

    def of(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return a copy of the scores of some images, R x n."""
        found = np.empty((len(self.weights), len(rows)), dtype=np.float32)
        for number, mine in by_block(rows):
            found[:, mine] = self.blocks[number][:, rows[mine] % BLOCK_ROWS]
        return found

    def put(self, rows: NDArray[np.int64], scores: NDArray[np.float32]) -> None:
        """Set the scores (R x n) of some images."""
        for number, mine in by_block(rows):
            self.blocks[number][:, rows[mine] % BLOCK_ROWS] = scores[:, mine]


def score_matrix(
    embeddings: Sequence[Vectors],
    weights: Vectors,
    known: ScoreMatrix | None = None,
    cancel: CancelToken = NEVER,
) -> ScoreMatrix:
    """Return the scores of all images for `weights`; copies rows that `known` has.

    Args:
        embeddings: The blocks of an `ImageTable`: BLOCK_ROWS x D each, the last may be shorter.
        weights: R x D.
        known: Scores of the same images, with room for all of them. The window's thread may fill
            in entries meanwhile: a column copied half filled is NaN in part, and
            `scores.best_of` takes that for an image without scores.
        cancel: Checked before each block.
    """
    copied = _rows_to_copy(weights, known)
    new = [row for row in range(len(weights)) if row not in copied]
    # BLAS takes half the time of `weights @ block.T` this way.
    columns = np.ascontiguousarray(weights[new].T)
    known_blocks = known.blocks if known else []
    matrix = ScoreMatrix(weights, [])
    for number, block in enumerate(embeddings):
        cancel.raise_if_cancelled()
        scores = np.empty((len(weights), BLOCK_ROWS), dtype=np.float32)
        scores[:, len(block) :] = np.nan
        matrix.blocks.append(scores)
        for row, source in copied.items():
            scores[row] = known_blocks[number][source]
        if new:
            product = block @ columns
            for column, row in enumerate(new):
                scores[row, : len(block)] = product[:, column]
    return matrix


def _rows_to_copy(weights: Vectors, known: ScoreMatrix | None) -> dict[int, int]:
    """Return the rows to copy: row of the new matrix -> row of `known`."""
    if known is None:
        return {}
    sources = {vector.tobytes(): row for row, vector in enumerate(known.weights)}
    keys = [vector.tobytes() for vector in weights]
    return {row: sources[key] for row, key in enumerate(keys) if key in sources}
