"""Finds the best image of each of some stacks, which takes reading their pictures."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.errors import ImageError
from nameplate.domain.paths import PathList
from nameplate.domain.progress import CancelToken, Progress
from nameplate.domain.stacks import Stacks, members
from nameplate.imaging import pictures
from nameplate.scoring.best import Qualities, best_of, sharpness

_SIDE: Final = 1024
"""Pixels of the longer side of the picture whose sharpness is told: a JPEG is decoded that small.
What is not sharp there is not sharp on a screen either."""


@dataclass(frozen=True, slots=True)
class BestFound:
    """Event: the best image of each stack is known.

    Attributes:
        rows: Of these images, ascending; a stack of which no file can be read has none.
    """

    rows: NDArray[np.int64]


def find_best(
    stacks: Stacks, rows: NDArray[np.int64], paths: PathList, cancel: CancelToken
) -> Iterator[Progress | BestFound]:
    """Yield progress, and at the end the best image of each stack that `rows` are in.

    Args:
        stacks: Of the project's images, such as those that agree.
        rows: Of images; those that stand alone do not count.
        paths: A copy of those of all images.
        cancel: Checked before each file.

    Raises:
        CancelledError: `cancel` was set.
    """
    some = members(stacks, rows[stacks.of(rows) >= 0])
    pixels, sizes = np.zeros(len(some), np.int64), np.zeros(len(some), np.int64)
    sharp, started = np.zeros(len(some), np.float32), time.monotonic()
    for place, path in enumerate(paths.select(some.tolist())):
        cancel.raise_if_cancelled()
        try:
            read = pictures.picture(path, _SIDE, cancel)
            sizes[place] = path.stat().st_size
        except (ImageError, OSError):
            continue
        pixels[place] = read.width * read.height
        sharp[place] = sharpness(np.asarray(read.image.convert("L")))
        yield Progress(place + 1, len(some), time.monotonic() - started)
    is_best = best_of(stacks.of(some), Qualities(pixels, sharp, sizes))
    yield BestFound(some[is_best])
