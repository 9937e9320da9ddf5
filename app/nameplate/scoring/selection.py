"""Which of many suggestions a person should look at next: arrays in, arrays out."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

_STEPS: Final = 256


def riskiest_group(groups: NDArray[np.int64], risk: NDArray[np.float32], size: int) -> int:
    """Return the group whose next page has the most expected errors; -1 where there is none.

    The next page of a group are its `size` riskiest members. Risks are counted in steps of 1/255,
    so that a million take some milliseconds: nothing is sorted.

    Args:
        groups: n numbers from 0 on.
        risk: n probabilities of being wrong, 0 to 1.
        size: Of a page.

    Returns:
        The lowest of equal groups.
    """
    if not len(groups):
        return -1
    steps = (risk * (_STEPS - 1)).astype(np.int64)
    width = int(groups.max()) + 1
    counts = np.bincount(groups * _STEPS + steps, minlength=width * _STEPS)
    falling = counts.reshape(width, _STEPS)[:, ::-1]
    on_page = np.diff(np.minimum(np.cumsum(falling, axis=1), size), axis=1, prepend=0)
    # A page of sure suggestions is still better than none.
    expected = on_page @ np.arange(_STEPS - 1, -1, -1) + (falling.any(axis=1) - 1)
    return int(np.argmax(expected))


def first_page(
    groups: NDArray[np.int64], risk: NDArray[np.float32], group: int, size: int
) -> NDArray[np.int64]:
    """Return the places of the `size` riskiest members of a group, riskiest first.

    The earlier one comes first where two are as risky.
    """
    places = np.flatnonzero(groups == group)
    if len(places) > size:
        limit = np.partition(risk[places], len(places) - size)[len(places) - size]
        places = places[risk[places] >= limit]
    return places[np.argsort(-risk[places], kind="stable")][:size]


def pages_of(groups: NDArray[np.int64], size: int) -> int:
    """Return how many pages of one group each all of them take."""
    return int((-(-np.bincount(groups) // size)).sum()) if len(groups) else 0
