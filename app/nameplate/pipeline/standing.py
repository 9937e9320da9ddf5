"""Finds which images of a project are alike, and which belong together, for the pages of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nameplate.domain.embeddings import Vectors
from nameplate.domain.images import BLOCK_ROWS
from nameplate.domain.progress import CancelToken
from nameplate.domain.stacks import Stacks
from nameplate.pipeline.stacks.finding import MOST_BLOCKS, ToStack, find_stacks
from nameplate.scoring.spread import FOR_GROUPS, Spread, sample_of


@dataclass(frozen=True, slots=True)
class Standing:
    """How the first images of a project are to each other.

    Attributes:
        vectors: A row for each: where it stands, see `Spread.place`.
        stacks: Of these images, see `pipeline.stacks.finding`; None while they are looked for.
    """

    vectors: Vectors
    stacks: Stacks | None = None


def standings(
    blocks: Sequence[Vectors], to_stack: ToStack | None, cancel: CancelToken
) -> Iterator[Standing]:
    """Yield where images stand, and then, which takes longer, also their stacks.

    Args:
        blocks: Of the embeddings, as `ImageTable.blocks` gives them; of very many images, those
            that came first are placed.
        to_stack: The images among which stacks are looked for; None for not to.
        cancel: Checked between blocks and before each file.

    Raises:
        CancelledError: `cancel` was set.
    """
    cancel.raise_if_cancelled()
    blocks = blocks[:MOST_BLOCKS]  # 105 MB
    sample = sample_of(blocks, len(blocks) * BLOCK_ROWS)
    vectors = Spread.of(sample, FOR_GROUPS).place(blocks, cancel)
    yield Standing(vectors)
    if to_stack is not None:
        yield Standing(vectors, find_stacks(to_stack, cancel))
