"""Makes the thumbnails of the grid, from the embedded thumbnail if that is suitable.

A type of their own: what a model sees and what is shown large is a `DecodedImage`, which no
thumbnail inside a file ever becomes.

A HEIF file holds several pictures as numbered items. The box `pitm` says which of them is the
picture, `iref` which are thumbnails of it, `iprp` how each is turned and cropped (ISO/IEC 23008-12,
6; ISO/IEC 14496-12, 8.11). A copy of the file that calls a thumbnail the picture is read by
decoders that offer no way to ask for thumbnails.
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from PIL import Image, ImageFile

from nameplate.imaging.decode import BROKEN, DecodedImage, decode
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

_MOST_THUMBNAILS: Final = 4
"""Cameras write one to three."""

_CHANGES: Final = (b"irot", b"imir", b"clap")
"""Boxes that turn, mirror and crop."""

_NO_REFERENCE: Final = b"skip"
"""In place of `thmb`: a decoder does not list a picture that is a thumbnail of another."""


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
    """Read the picture of a file, in this process, so that it fits into `side` x `side`."""
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
    for copy in _thumbnails_as_pictures(data):
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


@dataclass(frozen=True, slots=True)
class _Box:
    """A box of a file: its type, its start, and the start and end of its content."""

    kind: bytes
    begin: int
    start: int
    end: int


def _thumbnails_as_pictures(data: bytes) -> Iterator[bytes]:
    """Yield copies of a HEIF file, each with another of its thumbnails as the main picture.

    Those that are not turned, mirrored and cropped as the picture is are left out: they may show
    something else.

    Raises:
        LookupError, struct.error: It is damaged, or no HEIF file.
    """
    top = {box.kind: box for box in _boxes(data, 0, len(data))}
    parts = {box.kind: box for box in _boxes(data, top[b"meta"].start + 4, top[b"meta"].end)}
    if b"iref" not in parts:
        return
    at, width = parts[b"pitm"].start + 4, _id_bytes(data, parts[b"pitm"])
    picture = int.from_bytes(data[at : at + width])
    changes = _changes(data, parts[b"iprp"])
    for reference, item in islice(_thumbnails(data, parts[b"iref"], picture), _MOST_THUMBNAILS):
        if changes.get(item, ()) != changes.get(picture, ()) or item >> (8 * width):
            continue
        copy = bytearray(data)
        copy[at : at + width] = item.to_bytes(width)
        copy[reference.begin + 4 : reference.begin + 8] = _NO_REFERENCE
        yield bytes(copy)


def _boxes(data: bytes, start: int, end: int) -> Iterator[_Box]:
    while end - start >= 8:
        size, kind = struct.unpack_from(">I4s", data, start)
        header = 8
        if size == 1:
            (size,), header = struct.unpack_from(">Q", data, start + 8), 16
        elif size == 0:
            size = end - start
        if not header <= size <= end - start:
            raise LookupError("a box that does not fit into the one around it")
        yield _Box(kind, start, start + header, start + size)
        start += size


def _id_bytes(data: bytes, box: _Box) -> int:
    """Return the size in bytes of item ids in a box of this version."""
    return 4 if data[box.start] else 2


def _thumbnails(data: bytes, references: _Box, picture: int) -> Iterator[tuple[_Box, int]]:
    """Yield the references from thumbnails to `picture`, each with the thumbnail's item."""
    width = _id_bytes(data, references)
    layout = "I" if width == 4 else "H"
    for box in _boxes(data, references.start + 4, references.end):
        item, count = struct.unpack_from(f">{layout}H", data, box.start)
        targets = struct.unpack_from(f">{count}{layout}", data, box.start + width + 2)
        if box.kind == b"thmb" and picture in targets:
            yield box, item


def _changes(data: bytes, properties: _Box) -> dict[int, tuple[bytes, ...]]:
    """Return the boxes that rotate, mirror or crop each item, in the order of application."""
    boxes = list(_boxes(data, properties.start, properties.end))
    (container,) = (box for box in boxes if box.kind == b"ipco")
    known = list(_boxes(data, container.start, container.end))
    changes = dict[int, tuple[bytes, ...]]()
    for box in boxes:
        if box.kind == b"ipma":
            for item, indices in _associations(data, box):
                used = (known[index - 1] for index in indices if index)
                changes[item] = tuple(
                    data[one.begin : one.end] for one in used if one.kind in _CHANGES
                )
    return changes


def _associations(data: bytes, box: _Box) -> Iterator[tuple[int, list[int]]]:
    """Yield each item with the indices of its properties, counted from 1."""
    id_layout = ">I" if data[box.start] else ">H"
    wide = bool(data[box.start + 3] & 1)
    index_layout, mask = (">H", 0x7FFF) if wide else (">B", 0x7F)
    (count,) = struct.unpack_from(">I", data, box.start + 4)
    at = box.start + 8
    for _ in range(count):
        (item,) = struct.unpack_from(id_layout, data, at)
        at += struct.calcsize(id_layout)
        (length,) = struct.unpack_from(">B", data, at)
        layout = f">{length}{index_layout[1]}"
        yield item, [index & mask for index in struct.unpack_from(layout, data, at + 1)]
        at += 1 + struct.calcsize(layout)
