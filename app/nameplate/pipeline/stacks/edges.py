"""How well the edges of two pictures agree once one is laid over the other.

Two T-shirts on the same cloth have nearly the same areas of colour; their outlines, folds and
prints differ (docs/adr/0037-stacks.md).
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

FINE: Final = 32
"""Pixels of a grey picture that is compared, across and down."""

_STEPS: Final = 8
_STIFFNESS: Final = 0.01 * FINE * FINE
"""Keeps the fit still where a picture has too little in it to tell where it lies."""
_FARTHEST: Final = 0.2
"""Of half a side: how far a picture may be moved or made larger."""
_HALF: Final = (FINE - 1) / 2
_LINE = np.linspace(-1, 1, FINE, dtype=np.float32)
_ACROSS, _DOWN = np.meshgrid(_LINE, _LINE)

Grey = NDArray[np.floating[Any]]
"""n x FINE x FINE levels."""


def edge_correlations(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return for each of n pairs how the gradients of their levels correlate, from -1 to 1.

    Both are n x FINE x FINE, grey. The other picture is moved, stretched and shrunk before, in each
    direction by itself, so that it lies on the first (Gauss-Newton steps as by Lucas and Kanade,
    1981), as a crop of it does. Where there is nothing but one level it is 0.
    """
    first, second = one.astype(np.float32), other.astype(np.float32)
    place = _Place.of(_fitted(_even(first), _even(second)))
    seen = place.seen(second)
    (a, b), (c, d) = np.gradient(first, axis=(1, 2)), np.gradient(seen, axis=(1, 2))
    both = _total((a * c + b * d) * place.is_inside)
    sizes = _total((a * a + b * b) * place.is_inside) * _total((c * c + d * d) * place.is_inside)
    return (both / np.sqrt(np.maximum(sizes, 1))).astype(np.float32)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where each pixel of the first picture lies in the other, from -1 to 1; n x FINE x FINE."""

    across: Grey
    down: Grey
    is_inside: NDArray[np.bool_]

    @classmethod
    def of(cls, fit: NDArray[np.floating[Any]]) -> "_Place":
        wider, right, taller, lower = (column[:, None, None] for column in fit.T)
        across, down = _ACROSS * (1 + wider) + right, _DOWN * (1 + taller) + lower
        return cls(across, down, (np.abs(across) <= 1) & (np.abs(down) <= 1))

    def seen(self, picture: Grey) -> Grey:
        """Sample the picture at these points, by bilinear interpolation."""
        x = np.clip((self.across + 1) * _HALF, 0, FINE - 1.001)
        y = np.clip((self.down + 1) * _HALF, 0, FINE - 1.001)
        left, above = x.astype(np.int64), y.astype(np.int64)
        n, right, lower = np.arange(len(picture))[:, None, None], x - left, y - above
        upper_line = picture[n, above, left] * (1 - right) + picture[n, above, left + 1] * right
        above += 1
        lower_line = picture[n, above, left] * (1 - right) + picture[n, above, left + 1] * right
        return upper_line * (1 - lower) + lower_line * lower


def _fitted(first: Grey, second: Grey) -> NDArray[np.floating[Any]]:
    """Return n x 4: how much wider, further right, taller and lower the second is."""
    fit = np.zeros((len(first), 4), np.float32)
    stiffness = _STIFFNESS * np.eye(4, dtype=np.float32)
    for _ in range(_STEPS):
        place = _Place.of(fit)
        seen = _even(place.seen(second))
        down, across = np.gradient(seen * _HALF, axis=(1, 2))
        slopes = np.stack([across * _ACROSS, across, down * _DOWN, down], axis=-1)
        slopes = (slopes * place.is_inside[..., None]).reshape(len(fit), -1, 4)
        away = ((first - seen) * place.is_inside).reshape(len(fit), -1, 1)
        turned = slopes.transpose(0, 2, 1)
        step = np.linalg.solve(turned @ slopes + stiffness, turned @ away)[..., 0]
        fit = np.clip(fit + step, -_FARTHEST, _FARTHEST)
    return fit


def _even(levels: Grey) -> Grey:
    """Return pictures without light and contrast."""
    even = levels - np.mean(levels, axis=(1, 2), keepdims=True)
    contrast = np.sqrt(np.mean(even * even, axis=(1, 2), keepdims=True))
    return even / np.maximum(contrast, 1.0)


def _total(values: Grey) -> Grey:
    return np.asarray(values.sum(axis=(1, 2)))
