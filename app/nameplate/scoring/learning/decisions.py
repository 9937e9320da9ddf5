"""What a person decided about images, as arrays to learn from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import Vectors


@dataclass(frozen=True, slots=True)
class Decisions:
    """What a person decided about n images, in terms of K concepts.

    Attributes:
        embeddings: n x D float32, unit length; all finite.
        shown: n x K bool: the concepts that each image shows; one at most where an image has one
            label, which may be a reject concept.
        excluded: n x K bool: the concepts that it is known not to show. What is in neither is not
            known.
        moments: n int64, when each was made, or any number that those made at once share; by
            default each was made on its own.
        stacks: n int64 numbers of stacks, whose images are no evidence for one another, -1 for
            none; None where they are not known.
    """

    embeddings: Vectors
    shown: NDArray[np.bool_]
    excluded: NDArray[np.bool_]
    moments: NDArray[np.int64] | None = None
    stacks: NDArray[np.int64] | None = None

    @property
    def made(self) -> NDArray[np.int64]:
        """`moments`, different ones by default."""
        return np.arange(len(self)) if self.moments is None else self.moments

    def __len__(self) -> int:
        return len(self.embeddings)
