"""Finds which images of a project are alike, for the pages of them."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import Vectors
from nameplate.domain.images import BLOCK_ROWS
from nameplate.domain.progress import CancelToken
from nameplate.scoring.spread import FOR_GROUPS, MOST_BLOCKS, Spread, sample_of


def standing(blocks: Sequence[Vectors], cancel: CancelToken) -> Iterator[NDArray[np.float16]]:
    """Yield a row for each of the first images: where it stands, see `Spread.place`.

    It is kept, so it is float16, with which a cosine is off by 4e-4 at most.

    Args:
        blocks: Of the embeddings, as `ImageTable.blocks` gives them; of very many images, those
            that came first are placed.
        cancel: Checked between blocks.

    Raises:
        CancelledError: `cancel` was set.
    """
    cancel.raise_if_cancelled()
    blocks = blocks[:MOST_BLOCKS]  # 52 MB
    sample = sample_of(blocks, len(blocks) * BLOCK_ROWS)
    spread, start = Spread.of(sample, FOR_GROUPS), 0
    vectors = np.empty((sum(map(len, blocks)), spread.axes.shape[1]), np.float16)
    for block in blocks:
        vectors[start : start + len(block)] = spread.place([block], cancel)
        start += len(block)
    yield vectors
