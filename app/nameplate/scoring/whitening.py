"""Embeddings or descriptors projected on the directions in which those of a folder differ.

The embeddings of one folder lie close together: half of all pairs of photos of flowers have a
cosine above 0.97 with the starter model, and near-duplicates 0.99. Measured from their mean, along
the directions in which they spread, each scaled by its spread, near-duplicates are above 0.9 and
the median of others is near 0 (ADR 32).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import ImageVectors, Vectors, unit
from nameplate.domain.images import BLOCK_ROWS
from nameplate.domain.progress import NEVER, CancelToken

MOST_BLOCKS: Final = 200
"""Of embeddings that are compared, of 1,024 images each: the first 204,800."""
FOR_GROUPS: Final = 0.1
"""`least` of `WhitenedSpace.of` for groups of alike images."""
MOST_SAMPLED: Final = 20_000
MOST_DESCRIBED: Final = 4096
"""Of descriptors, which are longer."""
_MOST_AXES: Final = 128
_NARROWEST: Final = 1e-6  # of the largest squared spread: below it there is little but rounding
_ROUNDING: Final = 1e-9  # of images that are all the same
_FOR_A_DIRECTION: Final = 2
"""Images that it takes to know one more direction."""


@dataclass(frozen=True, slots=True)
class WhitenedSpace:
    """The mean of a folder's embeddings and the directions in which they differ.

    Attributes:
        mean: D float32.
        axes: D x d float32, each divided by its spread; see `principal_axes`.
    """

    mean: Vectors
    axes: Vectors

    @classmethod
    def of(cls, sample: Vectors, least: float) -> "WhitenedSpace":
        """Return that of a sample of embeddings.

        Args:
            sample: m x D, unit length; rows of NaN do not count.
            least: What is added to each squared spread, as a share of the widest direction's: with
                0.1 the wide directions count most, as for groups of alike images; with 0.001
                all count nearly the same, as for near-duplicates. Infinity: each counts as much
                as images differ in it.
        """
        mean, axes, squared = principal_axes(sample)
        few = min(axes.shape[1], int(np.isfinite(sample).all(axis=1).sum()) // _FOR_A_DIRECTION)
        axes, squared = axes[:, :few], squared[:few]
        if np.isfinite(least):
            axes = axes / np.sqrt(squared + least * squared[:1])
        return cls(mean.astype(np.float32), axes.astype(np.float32))

    @classmethod
    def for_similarity(cls, blocks: Sequence[ImageVectors]) -> "WhitenedSpace":
        """Return the space in which images are compared, of their `learnable` vectors.

        Descriptors are compared as they are, embeddings along the directions of `FOR_GROUPS`.
        """
        count = sum(len(block.embeddings) for block in blocks)
        is_described = bool(blocks) and blocks[0].descriptors.shape[1] > 0
        most = MOST_DESCRIBED if is_described else None
        sample = sample_of([block.learnable for block in blocks], count, most)
        return cls.of(sample, np.inf if is_described else FOR_GROUPS)

    def place(self, blocks: Sequence[NDArray[np.floating]], cancel: CancelToken = NEVER) -> Vectors:
        """Return n x d float32 vectors, unit length; zeros where nothing is known of an image.

        Args:
            blocks: Of embeddings, as `ImageTable.blocks` gives them, or of descriptors.
            cancel: Checked before each block.
        """
        placed, start = np.empty((sum(map(len, blocks)), self.axes.shape[1]), np.float32), 0
        for block in blocks:
            cancel.raise_if_cancelled()
            there = placed[start : start + len(block)]
            there[:] = unit(np.nan_to_num((block - self.mean) @ self.axes))
            start += len(block)
        return placed


def principal_axes(
    sample: Vectors,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean (D), the axes of the widest spread (D x d) and the squared spreads (d).

    Args:
        sample: m x D; rows that are not finite do not count.

    Returns:
        d is 128 at most, and 0 of images that are all the same; the widest axis comes first.
    """
    is_known = np.isfinite(sample).all(axis=1)
    known = sample if is_known.all() else sample[is_known]
    if not len(known):
        size = int(sample.shape[1])
        return np.zeros(size), np.zeros((size, 0)), np.zeros(0)
    mean, size = known.mean(axis=0, dtype=np.float64), int(known.shape[1])
    middle, length = mean.astype(np.float32), np.float32(np.sqrt(len(known)))
    is_small = len(known) < size  # then the same axes come from a smaller matrix
    centred = (known[: len(known) if is_small else 0] - middle) / length
    products = (centred @ centred.T).astype(np.float64) if is_small else np.zeros((size, size))
    for block in () if is_small else in_blocks(known):  # without a second copy of the sample
        part = (block - middle) / length
        products += part.T @ part
    values, vectors = np.linalg.eigh(products)
    values, vectors = values[::-1][:_MOST_AXES], vectors[:, ::-1][:, :_MOST_AXES]
    is_wide = values > np.maximum(_NARROWEST * values[:1], _ROUNDING)
    values, vectors = values[is_wide], vectors[:, is_wide]
    if is_small:
        vectors = centred.T @ vectors / np.sqrt(values)
    return mean, vectors, values


def sample_of(
    blocks: Sequence[NDArray[np.floating]], count: int, most: int | None = None
) -> Vectors:
    """Return some random vectors of the `count` in `blocks`, NaN left out; always the same.

    Args:
        blocks: Of embeddings or descriptors.
        count: How many there are.
        most: About as many are returned; `MOST_SAMPLED` by default.
    """
    rng = np.random.default_rng(0)
    share = min(1.0, (most or MOST_SAMPLED) / max(count, 1))
    chosen = list[NDArray[np.int64]]()
    for block in blocks:
        is_in = ~np.isnan(block).any(axis=1)
        if share < 1:
            is_in &= rng.random(len(block)) < share
        chosen.append(np.flatnonzero(is_in))
    size, start = int(blocks[0].shape[1]) if blocks else 0, 0
    found = np.empty((sum(map(len, chosen)), size), np.float32)  # one piece, which is given back
    for block, rows in zip(blocks, chosen, strict=True):
        found[start : start + len(rows)] = block[rows]
        start += len(rows)
    return found


def in_blocks(embeddings: Vectors) -> list[Vectors]:
    """Return views of N x D embeddings in blocks of `BLOCK_ROWS` rows, as of an `ImageTable`."""
    return [embeddings[at : at + BLOCK_ROWS] for at in range(0, len(embeddings), BLOCK_ROWS)]
