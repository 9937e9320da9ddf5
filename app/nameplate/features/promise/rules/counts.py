"""How probable it is to find so many wrong ones in a random sample: exact, without tables.

Drawing n of N without replacement, of which W are wrong, finds x wrong ones with the hypergeometric
probability C(W, x) C(N - W, n - x) / C(N, n).
"""

from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

_FIRST: Final = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1.0, 20.0)))])
"""The logarithms of 0! to 19!."""


def allowed_wrong(target: float, population: int) -> int:
    """Return how many of a set may be wrong where the share `target` is to be right.

    0.98 is meant as it is written, not as the binary number next to it: 2 of 100.
    """
    return population - -(-population * Fraction(str(target)) // 1)


def log_factorial(count: ArrayLike) -> NDArray[np.float64]:
    """Return the logarithm of the factorial of whole numbers, by Stirling's series above 19.

    The relative error is below 1e-13; 0 for negative numbers.
    """
    numbers = np.asarray(count, dtype=np.float64)
    n = np.maximum(numbers, 20.0)
    rest = (1 / 12 - (1 / 360 - 1 / (1260 * n * n)) / (n * n)) / n
    large = n * np.log(n) - n + 0.5 * np.log(2 * np.pi * n) + rest
    return np.where(numbers < 20, _FIRST[np.clip(numbers, 0, 19).astype(np.int64)], large)


def hypergeometric(
    found: ArrayLike, drawn: ArrayLike, population: ArrayLike, wrong: ArrayLike
) -> NDArray[np.float64]:
    """Return the probability to find `found` wrong ones among `drawn`; all are broadcast.

    0 for what cannot be.
    """
    x, n, size, w = map(np.asarray, (found, drawn, population, wrong))
    is_possible = (x >= 0) & (x <= w) & (x <= n) & (n - x <= size - w)
    ways = log_factorial(w) - log_factorial(x) - log_factorial(w - x)
    ways = ways + log_factorial(size - w) - log_factorial(n - x) - log_factorial(size - w - n + x)
    ways = ways - (log_factorial(size) - log_factorial(n) - log_factorial(size - n))
    return np.exp(np.where(is_possible, ways, -np.inf))
