"""Which image of a stack is the best, and what keeping it does to it and to the others.

The best is the largest, of these the sharpest, of these the largest file. Sharpness is the variance
of the Laplacian (Pertuz et al., 2013, LAPV): edges of a sharp picture have large second
differences. It is compared between pictures of one thing alone, and means nothing else.
"""

import time
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.changes import Change, Several
from nameplate.domain.errors import ImageError
from nameplate.domain.labels import NO_CONCEPT, NO_LABEL, DecidedBy, ReviewState
from nameplate.domain.paths import PathList
from nameplate.domain.progress import CancelToken, Progress
from nameplate.domain.stacks import Stacks, members
from nameplate.imaging import pictures
from nameplate.project.labelling import Circumstances, Rows, decided, skip
from nameplate.project.project import Project

AS_SHARP: Final = 0.9
"""What has this share of the greatest sharpness counts as sharp as that: the quality of a JPEG, or
another light, changes it by as much."""
_SIDE: Final = 1024
"""Pixels of the longer side of the picture whose sharpness is told: a JPEG is decoded that small.
What is not sharp there is not sharp on a screen either."""


def sharpness(grey: NDArray[np.uint8]) -> float:
    """Return how sharp a picture of h x w levels of grey is; 0 for one of less than 3 x 3."""
    if min(grey.shape) < 3:
        return 0.0
    levels = grey.astype(np.float32)
    middle = levels[1:-1, 1:-1]
    around = levels[:-2, 1:-1] + levels[2:, 1:-1] + levels[1:-1, :-2] + levels[1:-1, 2:]
    return float(np.var(around - 4 * middle))


def best_of(
    numbers: Rows, pixels: Rows, sharp: NDArray[np.float32], sizes: Rows
) -> NDArray[np.bool_]:
    """Return which of n images is the best of its stack; of equally good ones the first.

    Args:
        numbers: Of their stacks, from 0.
        pixels: Of the whole pictures; 0 for one that cannot be read.
        sharp: How sharp each is, see `sharpness`.
        sizes: Bytes of the files.
    """
    is_in = pixels == _highest(numbers, pixels)
    sharp = np.where(is_in, sharp, -1)
    is_in &= sharp >= AS_SHARP * _highest(numbers, sharp)
    is_in &= sizes == _highest(numbers, np.where(is_in, sizes, -1))
    among = np.flatnonzero(is_in)
    found = np.zeros(len(numbers), np.bool_)
    found[among[np.unique(numbers[among], return_index=True)[1]]] = True
    return found & (pixels > 0)


def _highest(numbers: NDArray[np.int64], values: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return for each image the highest of the values in its stack."""
    found = np.full(int(numbers.max(initial=-1)) + 1, -np.inf)
    np.maximum.at(found, numbers, values.astype(np.float64))
    return found[numbers]


def find_best(stacks: Stacks, paths: PathList, cancel: CancelToken) -> Iterator[Progress | Rows]:
    """Yield progress, and at the end the rows of the best images of some stacks, ascending.

    A stack of which no file can be read has none.
    """
    some = np.flatnonzero(stacks.numbers >= 0)
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
    yield some[best_of(stacks.of(some), pixels, sharp, sizes)]


def keep_best(project: Project, stacks: Stacks, best: Rows, now: Circumstances) -> Several:
    """Return the change by which of some stacks the best image is kept and the others are skipped.

    The best keeps its label. Where it has none, it gets the one that a person gave others of its
    stack, if that is one; else it stays undecided. One of `best` that stands alone stays as it is.
    """
    best = best[stacks.of(best) >= 0]
    others = np.setdiff1d(members(stacks, best), best)
    labels, suggested = project.labels, now.suggestions.suggested[best]
    codes = _given(project, stacks, best, others)
    is_suggested = (suggested != NO_CONCEPT) & (codes == labels.sets.codes_of(suggested))
    state = np.where(is_suggested, ReviewState.ACCEPTED, ReviewState.CORRECTED).astype(np.uint8)
    gets = codes != NO_LABEL
    others = others[~project.images.is_removed[others]]
    others = others[labels.states[others] != ReviewState.SKIPPED]
    changes = list[Change]()
    if gets.any():
        changes.append(decided(project, best[gets], codes[gets], state[gets], now))
    if len(others):
        changes.append(skip(project, others, now))
    return Several(tuple(changes))


def _given(project: Project, stacks: Stacks, best: Rows, others: Rows) -> NDArray[np.int32]:
    """Return the code of the label that each of `best` gets from its stack; NO_LABEL for none."""
    labels = project.labels
    is_given = (labels.decided_by[others] == DecidedBy.PERSON) & labels.has_label[others]
    numbers, codes = stacks.of(others[is_given]), labels.concepts[others[is_given]]
    lowest = np.full(stacks.count, np.iinfo(np.int32).max, np.int32)
    highest = np.full(stacks.count, NO_LABEL, np.int32)
    np.minimum.at(lowest, numbers, codes)
    np.maximum.at(highest, numbers, codes)
    is_free = ~labels.has_label[best] & (labels.decided_by[best] != DecidedBy.PERSON)
    is_one = (lowest == highest)[stacks.of(best)]
    return np.where(is_free & is_one, highest[stacks.of(best)], np.int32(NO_LABEL))
