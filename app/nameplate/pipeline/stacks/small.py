"""SmallPicture pictures by which files are compared, read once."""

from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nameplate.domain.errors import ImageError
from nameplate.domain.progress import CancelToken
from nameplate.imaging import pictures
from nameplate.imaging.thumbnail_cache import ThumbnailCache
from nameplate.pipeline.stacks.edges import FINE
from nameplate.pipeline.stacks.rules import SIDE

_READ: Final = 128
"""Pixels of the longer side of what is read of a file: a JPEG is decoded that small."""
_MOST: Final = 40_000
"""Pictures that are kept: 73 MB."""


class SmallPicture(NamedTuple):
    """The small versions of a picture for comparison, black where the file cannot be read.

    Attributes:
        colours: SIDE x SIDE x 3.
        greys: Levels of grey, FINE x FINE.
    """

    colours: NDArray[np.uint8]
    greys: NDArray[np.uint8]


class SmallPictures:
    """Reads small pictures: from thumbnails that were made for the grid, where there are any.

    What was read is kept by its content, so that stacks are found anew without reading it again.
    Called from one thread at a time.
    """

    def __init__(self, thumbnails: ThumbnailCache | None = None) -> None:
        self._thumbnails = thumbnails
        self._kept = dict[bytes, SmallPicture]()

    def read(self, path: Path, content: bytes, cancel: CancelToken) -> SmallPicture:
        """Return the picture in a file.

        `content` is digest and size of its content; empty where they are not known.
        """
        found = self._kept.get(content)
        if found is None:
            picture = self._picture(path, cancel)
            colours = picture.resize((SIDE, SIDE), Image.Resampling.BOX)
            grey = picture.convert("L").resize((FINE, FINE), Image.Resampling.BOX)
            found = SmallPicture(np.asarray(colours), np.asarray(grey))
            if content and len(self._kept) < _MOST:
                self._kept[content] = found
        return found

    def _picture(self, path: Path, cancel: CancelToken) -> Image.Image:
        kept = None if self._thumbnails is None else self._thumbnails.kept(path, _READ)
        if kept is not None:
            kept.thumbnail((_READ, _READ), Image.Resampling.LANCZOS)
            return kept
        try:
            return pictures.thumbnail(path, _READ, cancel).image.convert("RGB")
        except ImageError:
            return Image.new("RGB", (FINE, FINE))
