"""Puts HEIF files together from coded pictures, so that tests need no encoder.

The coded pictures are the HEIC files of 1 to 5 kB beside this file, one picture each. They were
made by `python tests/heif/files.py` with pillow-heif 1.8.1, whose wheels have an encoder (x265,
under the GPL): it is installed for that into an environment of its own, and is no part of this
project's.
"""

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

Colours = tuple[tuple[int, int, int], ...]

PICTURES: Final = Path(__file__).parent
OWN: Final[Colours] = ((220, 30, 30), (30, 160, 30), (30, 30, 220), (240, 240, 240))
INNER: Final[Colours] = ((230, 200, 20), (20, 190, 200), (190, 30, 190), (20, 20, 20))
"""Colours of the picture and of the thumbnails inside its file, so that a test can tell which it
has: top left, top right, bottom left, bottom right."""

LETTERBOX: Final = (20, 20, 20)
"""Fills up the thumbnail `bars`, which shows the picture in another shape."""


@dataclass(frozen=True)
class Item:
    """A coded picture in a file.

    Attributes:
        name: Of a file in `PICTURES`.
        changes: Boxes that turn, mirror or crop it.
        size: What the file says of it; None: the truth.
        coded: What the decoder gets; None: what it should.
    """

    name: str
    changes: tuple[bytes, ...] = ()
    size: tuple[int, int] | None = None
    coded: bytes | None = None

    @property
    def data(self) -> bytes:
        """Return what the decoder gets."""
        return content(self._file, b"mdat") if self.coded is None else self.coded

    @property
    def properties(self) -> tuple[bytes, ...]:
        """Return the boxes that say what it is."""
        width, height = self.size or tuple(map(int, self.name.split("-")[1].split("x")))
        shape = box(b"ispe", struct.pack(">III", 0, width, height))
        return (box(b"hvcC", content(self._file, b"hvcC")), shape, *self.changes)

    @property
    def _file(self) -> bytes:
        return (PICTURES / f"{self.name}.heic").read_bytes()


def box(kind: bytes, *parts: bytes) -> bytes:
    """Return a box of ISO/IEC 14496-12."""
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def content(data: bytes, kind: bytes) -> bytes:
    """Return what is in the first box of a kind, wherever it stands."""
    at = data.index(kind)
    (length,) = struct.unpack_from(">I", data, at - 4)
    return data[at + 4 : at - 4 + length]


def turned(quarters: int) -> bytes:
    """Return the box that turns a picture anticlockwise."""
    return box(b"irot", bytes([quarters]))


def mirrored(axis: int) -> bytes:
    """Return the box that exchanges top and bottom (0), or left and right (1)."""
    return box(b"imir", bytes([axis]))


def heif(picture: Item, *thumbnails: Item, is_wide: bool = False) -> bytes:
    """Return a HEIF file of a picture with thumbnails.

    Args:
        picture: Item 1.
        thumbnails: Items 2, 3 and so on.
        is_wide: Whether numbers take twice the bytes, as in files with very many items.
    """
    items = (picture, *thumbnails)
    start = box(b"ftyp", b"heic", bytes(4), b"mif1heic")
    first = len(start) + len(_meta(items, 0, is_wide)) + 8
    return start + _meta(items, first, is_wide) + box(b"mdat", *(item.data for item in items))


def _meta(items: Sequence[Item], first: int, is_wide: bool) -> bytes:
    """Return the box about the items, whose data begins at `first`."""
    id_, index = (">I", ">H") if is_wide else (">H", ">B")
    wide = bytes([is_wide, 0, 0, 0])
    count = struct.pack(id_, len(items))
    places, infos, uses, references = [], [], [], []
    properties: list[bytes] = []
    for number, item in enumerate(items, 1):
        name = struct.pack(id_, number)
        method = bytes(2 if is_wide else 0)
        places.append(name + method + struct.pack(">HHII", 0, 1, first, len(item.data)))
        first += len(item.data)
        infos.append(box(b"infe", bytes([3 if is_wide else 2, 0, 0, 0]), name, b"\0\0hvc1\0"))
        mine = range(len(properties) + 1, len(properties) + 1 + len(item.properties))
        properties += item.properties
        uses.append(name + bytes([len(mine)]) + b"".join(struct.pack(index, i) for i in mine))
        if number > 1:
            references.append(box(b"thmb", name, b"\0\1", struct.pack(id_, 1)))
    return box(
        b"meta", bytes(4),
        box(b"hdlr", bytes(8), b"pict", bytes(13)),
        box(b"pitm", wide, struct.pack(id_, 1)),
        box(b"iloc", bytes([2 if is_wide else 0, 0, 0, 0]), b"\x44\0", count, *places),
        box(b"iinf", wide, count, *infos),
        box(b"iprp", box(b"ipco", *properties),
            box(b"ipma", bytes([is_wide, 0, 0, is_wide]), struct.pack(">I", len(items)), *uses)),
        *([box(b"iref", wide, *references)] if references else []),
    )  # fmt: skip


def quarters(size: tuple[int, int], colours: Colours) -> Image.Image:
    """Return a picture that no turn or mirroring leaves as it is."""
    small = Image.new("RGB", (2, 2))
    for place, colour in zip(((0, 0), (1, 0), (0, 1), (1, 1)), colours, strict=True):
        small.putpixel(place, colour)
    return small.resize(size, Image.Resampling.NEAREST)


def noise(size: tuple[int, int]) -> Image.Image:
    """Return a picture of random pixels, always the same."""
    rows = np.random.default_rng(7).integers(0, 256, (*size[::-1], 3), dtype=np.uint8)
    return Image.fromarray(rows)


def exif(orientation: int, *, is_nested: bool = False) -> Image.Exif:
    """Return metadata with a turn and a description; nested: with a table inside the table too."""
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010E] = "description"
    if is_nested:
        tags[0x8769] = {0x9003: "2020:01:01 00:00:00", 0x927C: b"maker" * 20}
    return tags


def coded(name: str) -> bytes:
    """Return a file of `PICTURES`."""
    return (PICTURES / f"{name}.heic").read_bytes()


TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""EXIF orientation -> how the upright picture is turned so that the orientation undoes it."""

BRIGHT: Final[Colours] = ((255, 0, 0), (0, 128, 0), (0, 0, 255), (255, 255, 255))


def turned_away(orientation: int) -> Image.Image:
    """Return quarters that the EXIF orientation turns upright, to 40 x 24 pixels."""
    picture = quarters((40, 24), BRIGHT)
    return picture.transpose(TURNS[orientation]) if orientation in TURNS else picture


def _make() -> None:
    import pillow_heif

    def save(picture: Image.Image, name: str, **options: object) -> None:
        stream = io.BytesIO()
        picture.save(stream, "HEIF", **options)
        (PICTURES / f"{name}.heic").write_bytes(stream.getvalue())

    pillow_heif.register_heif_opener()
    pictures = {"own-640x480": quarters((640, 480), OWN)}
    for size in ((160, 120), (320, 240), (512, 384)):
        pictures[f"inner-{size[0]}x{size[1]}"] = quarters(size, INNER)
    pictures["bars-320x212"] = Image.new("RGB", (320, 212), LETTERBOX)
    pictures["bars-320x212"].paste(quarters((282, 212), INNER), (19, 0))
    for name, picture in pictures.items():
        save(picture, name, quality=90)
    for orientation in range(1, 9):
        # As bytes: only then does pillow_heif write the turn that HEIF readers must obey.
        exif_bytes = exif(orientation).tobytes()
        save(turned_away(orientation), f"turned-{orientation}", exif=exif_bytes)
    save(quarters((300, 200), OWN), "own-300x200")
    save(Image.new("RGB", (60, 40), "red"), "red-60x40")
    save(noise((32, 24)), "noise-32x24", exif=exif(1))
    taken = Image.Exif()
    taken.get_ifd(0x8769).update({0x9003: "1970:01:02 00:00:01", 0x9291: "25"})
    save(Image.new("RGB", (32, 24), "green"), "taken-32x24", exif=taken.tobytes())
    phone = noise((48, 36))
    save(phone, "phone-48x36", exif=exif(6, is_nested=True))
    phone.putalpha(phone.convert("L"))
    save(phone, "alpha-48x36")


if __name__ == "__main__":
    _make()
