"""Which labels are worth promising: the surest ones, with far fewer errors than promised."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

SHARE_OF_ALLOWED: Final = 0.2
"""How many of the errors that are allowed should be expected: with a fifth, 97 of 100 audits of
98% pass; with a half, 60."""


def surest(probability: NDArray[np.float32], target: float) -> NDArray[np.int64]:
    """Return the places of the surest labels, as many as keep the expected share of errors low.

    Args:
        probability: n, calibrated: of each label being right; NaN is never offered.
        target: The share that is to be right.
    """
    known = np.flatnonzero(~np.isnan(probability))
    order = known[np.argsort(-probability[known], kind="stable")]
    errors = np.cumsum(1 - np.clip(probability[order].astype(np.float64), 0, 1))
    counts = np.arange(1, len(order) + 1)
    fits = np.flatnonzero(
        errors <= SHARE_OF_ALLOWED * (1 - target) * counts
    )  # the mean error only rises
    count = int(fits[-1]) + 1 if len(fits) else 0
    return np.sort(order[:count])
