"""Reads dates and cameras of a project's pictures, for the filter and the sort orders."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.filtering.columns import FoundImages
from nameplate.domain.images import ImageTable
from nameplate.domain.paths import PathList
from nameplate.domain.progress import CancelToken, Progress
from nameplate.features.camera.exif_cache import ExifCache
from nameplate.imaging.exif import UNKNOWN, Exif

_BLOCK = 256
"""Files that are looked up in the cache at once."""


@dataclass(frozen=True, slots=True)
class ToRead:
    """A copy of the paths of a project.

    Attributes:
        paths: Of N images.
        is_there: N bool; False for images that were removed.
    """

    paths: PathList
    is_there: NDArray[np.bool_]

    @classmethod
    def of(cls, images: ImageTable) -> "ToRead":
        """Copy the paths of a project's images."""
        return cls(PathList.of_texts(images.paths.texts), ~images.is_removed)


def read_all(
    of: ToRead, cache: ExifCache, cancel: CancelToken
) -> Iterator[Progress | Mapping[str, FoundImages]]:
    """Yield progress, then the findings by key, `taken` and `camera`."""
    rows, started = np.flatnonzero(of.is_there).tolist(), time.monotonic()
    taken = np.full(len(of.paths), UNKNOWN, np.int64)
    codes, names = taken.copy(), dict[str, int]()
    for start in range(0, len(rows), _BLOCK):
        yield Progress(start, len(rows), time.monotonic() - started)
        some = rows[start : start + _BLOCK]
        found: list[Exif] = cache.read([*of.paths.select(some)], cancel)
        for row, exif in zip(some, found, strict=True):
            taken[row] = exif.taken
            codes[row] = names.setdefault(exif.camera, len(names)) if exif.camera else UNKNOWN
    cameras = sorted(names, key=str.casefold)
    places = np.full(len(names) + 1, UNKNOWN, np.int64)  # the last entry is for no camera
    for place, name in enumerate(cameras):
        places[names[name]] = place
    there = np.array(rows, np.int64)
    yield {
        "taken": FoundImages(
            {"none": there[taken[there] == UNKNOWN]}, numbers=taken, texts=_months(taken)
        ),
        "camera": FoundImages(
            {"none": there[codes[there] == UNKNOWN]}, numbers=places[codes], texts=tuple(cameras)
        ),
    }


def _months(taken: NDArray[np.int64]) -> tuple[str, ...]:
    """Return the months in which pictures were taken, the latest first."""
    times = np.datetime64("0001-01-01", "ms") + taken[taken >= 0].astype("timedelta64[ms]")
    months = np.unique(times.astype("datetime64[M]"))
    return tuple(map(str, months[::-1]))
