"""Finds where the images of a project stand among each other, so that pages have alike ones."""

from collections.abc import Iterator, Sequence
from typing import Final

from nameplate.domain.embeddings import Vectors
from nameplate.domain.images import BLOCK_ROWS
from nameplate.domain.progress import CancelToken
from nameplate.scoring.spread import FOR_GROUPS, Spread, sample_of

_MOST_BLOCKS: Final = 200
"""Of 1,024 images each: 105 MB."""


def standings(blocks: Sequence[Vectors], cancel: CancelToken) -> Iterator[Vectors]:
    """Yield once, a row for each of the first images: where it stands, see `Spread.place`.

    Args:
        blocks: Of the embeddings, as `ImageTable.blocks` gives them; of very many images, those
            that came first are placed.
        cancel: Checked between blocks.

    Raises:
        CancelledError: `cancel` was set.
    """
    cancel.raise_if_cancelled()
    blocks = blocks[:_MOST_BLOCKS]
    sample = sample_of(blocks, len(blocks) * BLOCK_ROWS)
    yield Spread.of(sample, FOR_GROUPS).place(blocks, cancel)
