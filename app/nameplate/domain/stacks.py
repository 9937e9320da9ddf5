"""Stacks: images that belong together and are decided as one, such as copies and bursts."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.facts import Derived
from nameplate.domain.images import Contents, same_contents

Pairs = NDArray[np.int64]
"""P x 2 rows of two images each, the lower one first."""


class StackKind(IntEnum):
    """Why an image is in its stack; of several reasons the strongest, which is the lowest."""

    NONE = 0
    SAME_FILE = 1
    """Another file has the same bytes."""
    COPY = 2
    """Another shows the same picture in another size, quality or crop."""
    BURST = 3
    """Another was taken just before or after and looks alike."""


@dataclass(frozen=True, slots=True)
class Stacks:
    """Which images belong together: a row for each of the first N of a project.

    Attributes:
        numbers: N int64: the number of each image's stack, from 0 in the order of their first
            images; -1 for an image that stands alone.
        kinds: N uint8 values of `StackKind`.
    """

    numbers: NDArray[np.int64]
    kinds: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def count(self) -> int:
        """The highest number of a stack and one; some below it may be of no stack."""
        return int(self.numbers.max()) + 1 if len(self) else 0

    def of(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the number of the stack of each of `rows`, -1 also for rows beyond the N."""
        found = np.full(len(rows), -1, np.int64)
        is_known = rows < len(self)
        found[is_known] = self.numbers[rows[is_known]]
        return found

    def having(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return for each number of a stack whether any of `rows` is in it."""
        numbers, found = self.of(rows), np.zeros(self.count, np.bool_)
        found[numbers[numbers >= 0]] = True
        return found

    def taken(self, rows: NDArray[np.int64]) -> "Stacks":
        """Return the stacks of n of the images alone, numbered by their places in `rows`."""
        kept = Stacks(self.numbers[rows], self.kinds[rows])
        return kept.without(np.zeros(len(rows), np.bool_))

    def without(self, is_out: NDArray[np.bool_]) -> "Stacks":
        """Return the stacks without these of the N images; one that is left alone stands alone."""
        numbers = np.where(is_out, -1, self.numbers)
        sizes = np.bincount(numbers[numbers >= 0], minlength=self.count)
        is_in = numbers >= 0
        is_in[is_in] = sizes[numbers[is_in]] > 1
        return Stacks(np.where(is_in, numbers, -1), self.kinds * is_in)


STACKS: Final = Derived[Stacks | None]("stacks", None)
"""The stacks of the first images; None before they were found."""


def no_stacks(count: int = 0) -> Stacks:
    """Return the stacks of `count` images that stand alone."""
    return Stacks(np.full(count, -1, np.int64), np.zeros(count, np.uint8))


def same_files(contents: Contents, is_there: NDArray[np.bool_]) -> Pairs:
    """Return the pairs that join those of N images that are there and have the same content."""
    rows = np.flatnonzero(is_there)
    return rows[same_contents(contents[rows])]


def joined(pairs: Mapping[StackKind, Pairs], count: int) -> Stacks:
    """Return the stacks of `count` images that pairs join, in which each pair has its reason."""
    kinds = np.zeros(count, np.uint8)
    for kind in sorted(pairs, reverse=True):
        kinds[pairs[kind]] = kind
    every = np.concatenate([np.empty((0, 2), np.int64), *pairs.values()])
    lowest = np.arange(count)
    while True:
        before = lowest.copy()
        reached = np.minimum(lowest[every[:, 0]], lowest[every[:, 1]])
        np.minimum.at(lowest, lowest[every[:, 0]], reached)
        np.minimum.at(lowest, lowest[every[:, 1]], reached)
        lowest = lowest[lowest]
        if np.array_equal(before, lowest):
            break
    numbers, is_in = np.full(count, -1, np.int64), kinds > StackKind.NONE
    numbers[is_in] = np.unique(lowest[is_in], return_inverse=True)[1]
    return Stacks(numbers, kinds)


def agreeing(stacks: Stacks, said: NDArray[np.int64]) -> Stacks:
    """Return the stacks of which the same is said of all images; others are broken up.

    Args:
        stacks: Of N images.
        said: N numbers, such as what each is suggested or decided as; -1 where nothing is said,
            which differs from nothing.
    """
    differs = np.append(differing(stacks.numbers, said), False)  # the last is for -1, no stack
    return stacks.without(differs[stacks.numbers])


def differing(numbers: NDArray[np.int64], said: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return for each number of a stack, from 0, whether different things are said of its images.

    Args:
        numbers: Of the stack of each of N images, -1 for none.
        said: As in `agreeing`.
    """
    is_in = (numbers >= 0) & (said >= 0)
    count = int(numbers.max()) + 1 if len(numbers) else 0
    lowest = np.full(count, np.iinfo(np.int64).max)
    highest = np.full(count, -1)
    np.minimum.at(lowest, numbers[is_in], said[is_in])
    np.maximum.at(highest, numbers[is_in], said[is_in])
    return lowest < highest


def members(stacks: Stacks, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the rows of all images of the stacks that `rows` are in, and `rows`; ascending."""
    is_wanted = np.append(stacks.having(rows), False)  # the last is for -1, no stack
    found = np.zeros(max(len(stacks), int(rows.max(initial=-1)) + 1), np.bool_)
    found[: len(stacks)] = is_wanted[stacks.numbers]
    found[rows] = True
    return np.flatnonzero(found)


def tops(stacks: Stacks, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which of `rows`, in their order, is the first of its stack, or stands alone."""
    of_rows = stacks.of(rows)
    among = np.flatnonzero(of_rows >= 0)
    first = np.empty(stacks.count, np.int64)
    first[of_rows[among[::-1]]] = among[::-1]  # what is assigned last stays: the first
    is_top = of_rows < 0
    is_top[among] = first[of_rows[among]] == among
    return is_top
