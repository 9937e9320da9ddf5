"""The similarity of each image to the search in a filter; derived, kept beside the project."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.arrays import grown
from nameplate.domain.embeddings import Vectors
from nameplate.domain.facts import Derived
from nameplate.domain.filtering.filters import Term
from nameplate.domain.images import ImageState, ImageTable
from nameplate.domain.messages import Message

_NO_SCORES: Final = np.empty(0, np.float32)


class Similarity:
    """The score of each image for a search: its cosine with the query.

    Attributes:
        asked: The terms of the filter that it is about; none before anything is asked for.
        query: D, unit length; None while it is not known, and so no score.
        scores: float32 of the first images, NaN where one is not known.
        problems: What could not be looked for, and why.
        is_partial: Whether images that others are to be like have no embedding yet.
    """

    def __init__(
        self,
        asked: tuple[Term, ...] = (),
        query: Vectors | None = None,
        scores: NDArray[np.float32] = _NO_SCORES,
        problems: tuple[Message, ...] = (),
        *,
        is_partial: bool = False,
    ) -> None:
        self.asked, self.query, self.scores = asked, query, scores
        self.problems, self.is_partial = problems, is_partial

    def score(self, row: int) -> float | None:
        """Return the score of an image; None where it is not known."""
        score = float(self.scores[row]) if row < len(self.scores) else np.nan
        return None if np.isnan(score) else score

    def add_late(self, images: ImageTable) -> None:
        """Score the images that got their embeddings after this was begun."""
        is_late = images.states == ImageState.READY
        known = self.scores[: len(images)]
        is_late[: len(known)] &= np.isnan(known)
        self.add(np.flatnonzero(is_late), images)

    def add(self, rows: NDArray[np.int64], images: ImageTable) -> None:
        """Score images that were read, from their embeddings."""
        if self.query is None or not len(rows):
            return
        count = max(len(self.scores), int(rows.max()) + 1)
        if count > len(self.scores):  # with room for those that come next
            self.scores = grown(self.scores, count, np.nan)
        self.scores[rows] = images.embeddings_of(rows) @ self.query


SIMILARITY: Final = Derived("similarity", Similarity())
"""The similarity of all images to the search in the filter."""
