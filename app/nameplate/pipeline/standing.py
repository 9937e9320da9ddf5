"""Finds which images of a project are alike, for the pages of them."""

from collections.abc import Iterator, Sequence

from nameplate.domain.embeddings import Vectors
from nameplate.domain.images import BLOCK_ROWS
from nameplate.domain.progress import CancelToken
from nameplate.pipeline.stacks.finding import MOST_BLOCKS
from nameplate.scoring.spread import FOR_GROUPS, Spread, sample_of


def standing(blocks: Sequence[Vectors], cancel: CancelToken) -> Iterator[Vectors]:
    """Yield a row for each of the first images: where it stands, see `Spread.place`.

    Args:
        blocks: Of the embeddings, as `ImageTable.blocks` gives them; of very many images, those
            that came first are placed.
        cancel: Checked between blocks.

    Raises:
        CancelledError: `cancel` was set.
    """
    cancel.raise_if_cancelled()
    blocks = blocks[:MOST_BLOCKS]  # 105 MB
    sample = sample_of(blocks, len(blocks) * BLOCK_ROWS)
    yield Spread.of(sample, FOR_GROUPS).place(blocks, cancel)
