"""The scores of all images, kept so that a change of the concepts costs only what is new.

Concept after concept and in blocks of images: each step then runs over numbers that lie side by
side and fit into a processor's cache, and a concept is one row to add or to take over.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import Head, Vectors
from nameplate.domain.images import BLOCK_ROWS
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.scoring.scores import sigmoid


@dataclass(frozen=True, slots=True)
class ScoreMatrix:
    """Scores of images, in blocks as long as those of an `ImageTable`.

    Attributes:
        vectors: R x D float32, what the images were compared with: the concepts, and after them the
            neutral vector where there is one.
        blocks: R x BLOCK_ROWS float32 cosines each; NaN where an image has no embedding. The
            window's thread may fill such an entry in; one that is a number never changes.
    """

    vectors: Vectors
    blocks: list[NDArray[np.float32]]

    def reserve(self, images: int) -> None:
        """Make sure that there is room for `images`."""
        while len(self.blocks) * BLOCK_ROWS < images:
            shape = len(self.vectors), BLOCK_ROWS
            self.blocks.append(np.full(shape, np.nan, dtype=np.float32))

    def of(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return a copy of the scores of some images, R x n."""
        found = np.empty((len(self.vectors), len(rows)), dtype=np.float32)
        for number in np.unique(rows // BLOCK_ROWS):
            mine = rows // BLOCK_ROWS == number
            found[:, mine] = self.blocks[number][:, rows[mine] % BLOCK_ROWS]
        return found

    def put(self, rows: NDArray[np.int64], scores: NDArray[np.float32]) -> None:
        """Fill in the scores (R x n) of some images."""
        for number in np.unique(rows // BLOCK_ROWS):
            mine = rows // BLOCK_ROWS == number
            self.blocks[number][:, rows[mine] % BLOCK_ROWS] = scores[:, mine]


def score_matrix(
    embeddings: Sequence[Vectors],
    vectors: Vectors,
    known: ScoreMatrix | None = None,
    cancel: CancelToken | None = None,
) -> ScoreMatrix:
    """Compare all images with `vectors`; those that `known` has already are taken from there.

    Args:
        embeddings: The blocks of an `ImageTable`: BLOCK_ROWS x D each, the last may be shorter.
        vectors: R x D.
        known: Scores of the same images, with room for all of them, that may be filled in
            meanwhile: a row that got there only in part is NaN in part, which `best_of` takes for
            unrated.
        cancel: Looked at before each block.

    Raises:
        CancelledError: `cancel` was set.
    """
    kept = _kept(vectors, known)
    new = [row for row in range(len(vectors)) if row not in kept]
    # This way round BLAS takes half the time of `vectors @ block.T`.
    columns = np.ascontiguousarray(vectors[new].T)
    known_blocks = known.blocks if known else []
    made = ScoreMatrix(vectors, [])
    for number, block in enumerate(embeddings):
        if cancel is not None and cancel.is_cancelled:
            raise CancelledError
        scores = np.empty((len(vectors), BLOCK_ROWS), dtype=np.float32)
        scores[:, len(block) :] = np.nan
        made.blocks.append(scores)
        for row, source in kept.items():
            scores[row] = known_blocks[number][source]
        if new:
            product = block @ columns
            for column, row in enumerate(new):
                scores[row, : len(block)] = product[:, column]
    return made


def best_of(
    scores: NDArray[np.float32], concepts: int, head: Head, *, multi: bool
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return which concept fits each image best, and its probability; see `scoring.suggest`.

    Args:
        scores: R x n; those of the concepts, and after them that of the neutral vector, if any.
        concepts: How many of the R are concepts.
        head: The model's.
        multi: As in `scoring.rate`.

    Returns:
        int32 of length n, -1 where an image is not rated; float32 likewise, NaN there.
    """
    best = np.zeros(scores.shape[1], dtype=np.int32)
    if not concepts:
        return best - 1, np.full(len(best), np.nan, dtype=np.float32)
    highest = scores[0].copy()
    for column in range(1, concepts):
        best[scores[column] > highest] = column  # the earlier one on a tie
        np.maximum(highest, scores[column], out=highest)  # NaN, once there, stays
    scale = np.float32(head.scale)
    if not multi and head.kind == "softmax":
        probability = 1 / np.exp(scale * (scores[:concepts] - highest)).sum(axis=0)
    elif head.bias is None and len(scores) > concepts:
        probability = sigmoid(scale * (highest - scores[concepts]))
    else:
        probability = sigmoid(scale * highest + np.float32(head.bias or 0.0))
    best[np.isnan(highest)] = -1
    return best, probability


def _kept(vectors: Vectors, known: ScoreMatrix | None) -> dict[int, int]:
    """Return the rows that can be taken over: the row of the new matrix -> that of `known`."""
    if known is None:
        return {}
    places = {vector.tobytes(): row for row, vector in enumerate(known.vectors)}
    keys = [vector.tobytes() for vector in vectors]
    return {row: places[key] for row, key in enumerate(keys) if key in places}
