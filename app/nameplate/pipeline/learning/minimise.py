"""Finds the minimum of a smooth function of many variables."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Point = NDArray[np.float64]
Function = Callable[[Point], tuple[float, Point]]
"""Gives the value at a point, and the gradient there."""

_MEMORY = 10
_ENOUGH_DESCENT = 1e-4
_SHORTEST_STEP = 1e-8


class Minimum(NamedTuple):
    """Where the search ended.

    Attributes:
        is_found: Whether the gradient there is small enough; otherwise the search gave up.
    """

    at: Point
    is_found: bool


def minimise(function: Function, start: Point, *, gradient: float, steps: int = 200) -> Minimum:
    """Return a minimum, by L-BFGS with steps that are halved until they lead down.

    The method is that of Nocedal and Wright, Numerical Optimization, algorithms 7.4 and 7.5.

    Args:
        function: To be minimised.
        start: Where to begin.
        gradient: The search ends where no component of the gradient is larger.
        steps: It gives up after as many.
    """
    at, (value, slope) = start, function(start)
    pairs = list[tuple[Point, Point, float]]()
    for _ in range(steps):
        if not np.isfinite(value) or np.abs(slope).max(initial=0.0) <= gradient:
            break
        direction = _direction(slope, pairs)
        length, descent = 1.0, float(slope @ direction)
        while True:
            reached = at + length * direction
            new_value, new_slope = function(reached)
            if new_value <= value + _ENOUGH_DESCENT * length * descent:
                break
            length /= 2
            if length < _SHORTEST_STEP:
                return Minimum(at, is_found=False)
        step, change = reached - at, new_slope - slope
        at, value, slope = reached, new_value, new_slope
        if (curvature := float(step @ change)) > np.finfo(float).tiny:
            pairs = [*pairs[1 - _MEMORY :], (step, change, 1 / curvature)]
    is_found = bool(np.isfinite(value) and np.abs(slope).max(initial=0.0) <= gradient)
    return Minimum(at, is_found)


def _direction(slope: Point, pairs: list[tuple[Point, Point, float]]) -> Point:
    """Return the downward direction that the last steps and their changes of slope suggest."""
    direction = -slope
    factors = list[float]()
    for step, change, inverse in reversed(pairs):
        factors.append(inverse * float(step @ direction))
        direction = direction - factors[-1] * change
    if pairs:
        _, change, inverse = pairs[-1]
        direction = direction / (inverse * float(change @ change))
    else:
        direction = direction / max(1.0, float(np.abs(slope).sum()))
    for (step, change, inverse), factor in zip(pairs, reversed(factors), strict=True):
        direction = direction + step * (factor - inverse * float(change @ direction))
    return direction
