"""Coverage against precision: if only what is sure is labelled, how much is that, how right?"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.features.evaluation.shares import Share

LEAST_LABELLED: Final = 20
"""Images that a limit must label before it may be named; fewer are right by chance."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What each least probability would label, from the highest down.

    Attributes:
        thresholds: M float64, falling: each probability that occurs.
        labelled: M int64, images with at least that probability; rising.
        right: M int64, how many of these are right.
        images: All images, also those that no least probability labels.
    """

    thresholds: NDArray[np.float64]
    labelled: NDArray[np.int64]
    right: NDArray[np.int64]
    images: int

    def precision(self, place: int) -> Share:
        """Return the share of the labels that is right, at a place of the arrays."""
        return Share(int(self.right[place]), int(self.labelled[place]))

    def share(self, place: int) -> float:
        """Return the share of all images that is labelled, at a place of the arrays."""
        return int(self.labelled[place]) / self.images

    def widest(self, precision: float) -> int | None:
        """Return the place that labels most with at least this precision.

        None where that would be fewer than `LEAST_LABELLED` images. It is chosen by these very
        images, and promises nothing about others.
        """
        places = np.flatnonzero(self.right >= precision * self.labelled)
        is_enough = len(places) and self.labelled[places[-1]] >= LEAST_LABELLED
        return int(places[-1]) if is_enough else None

    def some(self, most: int) -> list[int]:
        """Return at most `most` places, evenly spread over the images, with the last one."""
        if len(self.labelled) <= most:
            return list(range(len(self.labelled)))
        last = len(self.labelled) - 1
        counts = [int(self.labelled[last] * one / (most - 1)) for one in range(most)]
        places = np.minimum(np.searchsorted(self.labelled, np.array(counts)), last)
        return sorted(set(places.tolist()))


def coverage(sure: NDArray[np.floating], is_right: NDArray[np.bool_]) -> Coverage:
    """Order images by probability, the most sure first.

    Args:
        sure: N in [0, 1]; an image with NaN is never labelled.
        is_right: N, whether the label would be right.
    """
    rows = np.flatnonzero(np.isfinite(sure))
    rows = rows[np.argsort(-sure[rows], kind="stable")]
    p = sure[rows].astype(np.float64)
    is_last = np.append(p[1:] != p[:-1], True)[: len(p)]  # images alike come together
    labelled = (np.flatnonzero(is_last) + 1).astype(np.int64)
    right = np.cumsum(is_right[rows], dtype=np.int64)[is_last]
    return Coverage(p[is_last], labelled, right, len(sure))
