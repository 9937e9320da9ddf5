"""Finds which images of a project are alike, and which are copies, for the pages of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import Vectors
from nameplate.domain.images import BLOCK_ROWS
from nameplate.domain.progress import CancelToken
from nameplate.pipeline.copies import copies
from nameplate.scoring.spread import FOR_GROUPS, Spread, sample_of

_MOST_BLOCKS: Final = 200
"""Of 1,024 images each: 52 MB."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the first images of a project are to each other.

    Attributes:
        vectors: A row for each: where it stands, see `Spread.place`. They are kept, so they are
            float16, with which a cosine is off by 4e-4 at most.
        copies: The group of copies of each, see `pipeline.copies`; None while it is looked for.
    """

    vectors: NDArray[np.float16]
    copies: NDArray[np.int64] | None = None


def standings(
    blocks: Sequence[Vectors], paths: Sequence[Path] | None, cancel: CancelToken
) -> Iterator[Standing]:
    """Yield where images stand, and then, which takes longer, also which of them are copies.

    Args:
        blocks: Of the embeddings, as `ImageTable.blocks` gives them; of very many images, those
            that came first are placed.
        paths: Of all images, among which copies are looked for; None for not to.
        cancel: Checked between blocks and before each file.

    Raises:
        CancelledError: `cancel` was set.
    """
    cancel.raise_if_cancelled()
    blocks = blocks[:_MOST_BLOCKS]
    sample = sample_of(blocks, len(blocks) * BLOCK_ROWS)
    spread, start = Spread.of(sample, FOR_GROUPS), 0
    vectors = np.empty((sum(map(len, blocks)), spread.axes.shape[1]), np.float16)
    for block in blocks:
        vectors[start : start + len(block)] = spread.place([block], cancel)
        start += len(block)
    yield Standing(vectors)
    if paths is not None:
        yield Standing(vectors, copies(blocks, paths, cancel))
