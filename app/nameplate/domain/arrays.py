"""Growing arrays, and lookup of numbers in arrays."""

from collections.abc import Mapping
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T", bound=np.generic)

_LARGEST_TABLE: Final = 2**16


def grown(values: NDArray[T], size: int, fill: object = 0) -> NDArray[T]:
    """Return `values` enlarged to at least `size` items; new items are `fill`.

    The size at least doubles, so that appending in small batches copies each value once or twice.
    """
    if size <= len(values):
        return values
    more = max(size, 2 * len(values)) - len(values)
    return np.concatenate([values, np.full(more, fill, dtype=values.dtype)])


def keys_among(known: Mapping[int, object], numbers: NDArray[np.int64]) -> list[int]:
    """Return the distinct `numbers` that are keys of `known`; the smaller one is iterated over."""
    if len(numbers) < len(known):
        return list(known.keys() & numbers.tolist())
    keys = np.fromiter(known, np.int64, len(known))
    return keys[np.isin(keys, numbers)].tolist()


def runs_of(ids: NDArray[np.int64]) -> list[list[int]]:
    """Return `[first id, length]` of each run of consecutive ids; `ids` ascend from 0 or above."""
    starts = np.flatnonzero(np.diff(ids, prepend=np.int64(-2)) != 1)
    lengths = np.diff(starts, append=len(ids))
    return np.stack([ids[starts], lengths], axis=1).tolist()


def places_among(values: NDArray[np.int32], few: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the index in `few`, whose numbers are distinct, of each value; -1 if not there.

    Small numbers, such as ids of concepts, use a table: ten times as fast as a search.
    """
    if not len(few):
        return np.full(len(values), -1, np.int64)
    highest = int(few.max())
    if few.min() < 0 or highest >= _LARGEST_TABLE:
        order = np.argsort(few)
        found = np.searchsorted(few[order], values)  # both int32, so neither is converted
        places = order[np.minimum(found, len(few) - 1)]
        places[few[places] != values] = -1
        return places
    table = np.full(highest + 2, -1, np.int64)  # the last entry is for numbers out of range
    table[few] = np.arange(len(few))
    return table[np.clip(values, -1, highest + 1)]
