"""Names that are taken for one another, and what may help."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.project.labelling import NO_ROWS

FEWEST: Final = 10
"""Decisions about two names from which on these tell how they are confused; images else."""
_TWO: Final = 2
_LEAST: Final = 0.2
"""Share of two names' images that are torn between them, from which on it is told."""
_ONE_WAY: Final = 3
"""So many times as often one for the other than the other way round."""

Floats = NDArray[np.float32]


class Advice(Enum):
    """What may help against a confusion."""

    MERGE = "merge"
    """Two names for the same thing: make them one."""
    DESCRIBE_FIRST = "describe-first"
    """Images of the first are taken for the second: describe the first better."""
    DESCRIBE_BOTH = "describe-both"
    """Both ways: describe both better, or merge them."""


@dataclass(frozen=True, slots=True)
class Confused:
    """Two concepts that are taken for one another.

    Attributes:
        first: The one that is the more often taken for the other: its column, or its id.
        second: The other.
        share: Of their images that are torn between them, 0 to 1.
        decisions: How many decisions say so; 0 where it is from probabilities.
        advice: What may help.
        rows: Of images that show it, as far as they were looked for.
    """

    first: int
    second: int
    share: float
    decisions: int
    advice: Advice
    rows: NDArray[np.int64] = field(default_factory=lambda: NO_ROWS, compare=False)


Torn = tuple[NDArray[np.float64], NDArray[np.float64]]
"""How far images are torn between two of K concepts, by their probabilities.

K x K: for the images whose best concept is the first and whose next is the second, the sum of twice
the second's probability, which is 1 where both are as likely. K numbers of images whose best
concept it is."""


def torn(blocks: Iterable[Floats], count: int) -> Torn:
    """Return how far images are torn between two concepts.

    Args:
        blocks: n x K probabilities each; rows of NaN do not count.
        count: K.
    """
    between, best = np.zeros((count, count)), np.zeros(count)
    for block in blocks:
        known = block[~np.isnan(block).any(axis=1)]
        if count < _TWO or not len(known):
            continue
        two = np.argpartition(-known, 1, axis=1)[:, :2]
        values = np.take_along_axis(known, two, axis=1)
        is_turned = values[:, 0] < values[:, 1]
        two[is_turned] = two[is_turned][:, ::-1]
        np.add.at(between, (two[:, 0], two[:, 1]), 2 * values.min(axis=1))
        np.add.at(best, two[:, 0], 1)
    return between, best


def confused(
    taken_for: NDArray[np.int64], torn: Torn, cosines: NDArray[np.float32], alike: float
) -> list[Confused]:
    """Return the pairs of concepts that are confused most, the worst first.

    Where enough is decided about two concepts, decisions tell; else probabilities do.

    Args:
        taken_for: K x K numbers of decisions: what images were decided to be, and what the names
            alone suggest.
        torn: By their probabilities, by the names alone.
        cosines: K x K of their vectors.
        alike: The cosine from which on two names mean the same to the model.
    """
    right = np.diag(taken_for)
    crossed = taken_for + taken_for.T
    between, best = torn
    decided, images = crossed + right[:, None] + right, best[:, None] + best
    is_decided = decided >= FEWEST
    by_decisions = crossed / np.maximum(decided, 1)
    by_images = (between + between.T) / np.maximum(images, 1) * (images >= FEWEST)
    shares = np.where(is_decided, by_decisions, by_images)
    found = list[Confused]()
    for one, other in np.argwhere(np.triu(shares >= _LEAST, 1)).tolist():
        forth, back = int(taken_for[one, other]), int(taken_for[other, one])
        first, second = (one, other) if forth >= back else (other, one)
        decisions = int(decided[one, other]) if is_decided[one, other] else 0
        if not decisions:
            forth = back = 0
        is_same = float(cosines[one, other]) >= alike
        is_one_way = max(forth, back) >= _ONE_WAY * max(min(forth, back), 1)
        advice = Advice.DESCRIBE_FIRST if is_one_way else Advice.DESCRIBE_BOTH
        advice = Advice.MERGE if is_same else advice
        found.append(Confused(first, second, float(shares[one, other]), decisions, advice))
    return sorted(found, key=lambda one: -one.share)
