"""Makes the thumbnails of the grid, from the embedded thumbnail if that is suitable.

A type of their own: what a model sees and what is shown large is a `DecodedImage`, which no
thumbnail inside a file ever becomes.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image, ImageFile

from nameplate.imaging.decode import BROKEN, DecodedImage, decode
from nameplate.imaging.heif import thumbnails_as_pictures
from nameplate.imaging.pixels import to_rgb
from nameplate.system.child_frames import Room
from nameplate.system.memory import MOST_PIXELS
from nameplate.system.opening import open_regular

_UNUSABLE: Final = (*BROKEN, MemoryError, Warning, Image.DecompressionBombError)
"""Errors of a thumbnail inside a file, which are ignored: the picture itself is read instead."""

_MOST_INNER_PIXELS: Final = 4_000_000
"""Of a thumbnail inside a file: more than the largest in the grid has, and little memory."""

_MOST_FILE_BYTES: Final = 32_000_000
"""Of a file in which thumbnails are looked for, with a copy for each; phones write up to 10 MB."""


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small picture of a file, for the grid.

    Attributes:
        image: Mode RGB, upright.
        width: Pixels of the whole picture in the file, after it was turned upright.
        height: Likewise.
    """

    image: Image.Image
    width: int
    height: int


def scaled(path: Path, side: int, room: Room) -> DecodedImage:
    """Read the picture of a file, in this process, so that it fits into `side` x `side`.

    Args:
        path: The file; it is never changed.
        side: Pixels; a smaller picture is not enlarged.
        room: See `decode`.

    Raises:
        ImageError: It cannot be read.
    """
    decoded = decode(path, fit_side=side, room=room)
    decoded.image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return decoded


def make_thumbnail(path: Path, side: int, room: Room) -> Thumbnail:
    """As `scaled`, but from the embedded thumbnail if there is one of that size."""
    return _inner(path, side) or of_picture(scaled(path, side, room))


def of_picture(decoded: DecodedImage) -> Thumbnail:
    """Return a thumbnail that was scaled from the picture itself."""
    return Thumbnail(decoded.image, decoded.width, decoded.height)


def _inner(path: Path, side: int) -> Thumbnail | None:
    try:
        with open_regular(path) as stream:
            if stream.read(8)[4:] != b"ftyp":
                return None
            stream.seek(0)
            data = stream.read(_MOST_FILE_BYTES + 1)
        if len(data) > _MOST_FILE_BYTES:
            return None
        picture = _opened(data)
        if picture.width * picture.height > MOST_PIXELS:
            return None
        found = sorted(_alike(data, picture, side), key=lambda thumbnail: thumbnail.width)
    except _UNUSABLE:
        return None
    image = next((image for thumbnail in found if (image := _loaded(thumbnail))), None)
    if image is None:
        return None
    image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return Thumbnail(image, picture.width, picture.height)


def _opened(data: bytes) -> ImageFile.ImageFile:
    return Image.open(io.BytesIO(data), formats=("HEIF",))


def _alike(data: bytes, picture: Image.Image, side: int) -> Iterator[ImageFile.ImageFile]:
    """Yield the embedded thumbnails, not yet decoded, that show the whole picture large enough."""
    for copy in thumbnails_as_pictures(data):
        try:
            thumbnail = _opened(copy)
        except _UNUSABLE:  # such as one that is a JPEG
            continue
        is_large_enough = max(thumbnail.size) >= side
        is_small = thumbnail.width * thumbnail.height <= _MOST_INNER_PIXELS
        if (
            is_large_enough
            and is_small
            and thumbnail.mode == picture.mode
            and _is_scaled(thumbnail.size, picture.size)
        ):
            yield thumbnail


def _is_scaled(small: tuple[int, int], large: tuple[int, int]) -> bool:
    """Return whether one size is the other scaled down, rounded to whole pixels.

    Some cameras fill thumbnails of another shape with black bars.
    """
    (width, height), (whole_width, whole_height) = small, large
    difference = abs(width * whole_height - height * whole_width)
    return width < whole_width and difference <= max(whole_width, whole_height)


def _loaded(thumbnail: ImageFile.ImageFile) -> Image.Image | None:
    size = thumbnail.size
    try:
        thumbnail.load()
    except _UNUSABLE:
        return None
    # libheif before 1.22 accepts a picture of another size than the file says.
    return to_rgb(thumbnail) if thumbnail.size == size else None
