"""Small files that are much work: each is one that a decoder would take minutes or gigabytes for.

from bombs import BOMBS
(folder / name).write_bytes(BOMBS[name]())
"""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

COLOUR_CHANNELS = {0: 1, 2: 3, 6: 4}
"""By PNG's colour type: grey, colour, colour with transparency."""


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def zeros(count: int) -> bytes:
    """Return what `zlib.compress` could make of so many zero bytes, without making them."""
    at_once = 10_000_000
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(bytes(at_once)) + packer.flush(zlib.Z_FULL_FLUSH)
    last = packer.compress(bytes(count % at_once)) + packer.flush()
    checksum = (count % 65521) << 16 | 1  # Adler-32 of zeros
    return b"\x78\x01" + count // at_once * block + last + struct.pack(">I", checksum)


def png(
    width: int, height: int, colour_type: int = 2, *, before: bytes = b"", rows: int | None = None
) -> bytes:
    """Return a black PNG with 8 bits a channel, in a few kB.

    Args:
        width: That it claims.
        height: Likewise.
        colour_type: See `COLOUR_CHANNELS`.
        before: Chunks that come before the picture.
        rows: That there are; None: all.
    """
    data = zeros((width * COLOUR_CHANNELS[colour_type] + 1) * (height if rows is None else rows))
    header = struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0)
    body = chunk(b"IHDR", header) + before + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def jpeg(side: int = 64, **options: object) -> bytes:
    """Return a JPEG of noise."""
    noise = np.random.default_rng(0).integers(0, 255, (side, side, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(noise).save(stream, "JPEG", **options)
    return stream.getvalue()


def jpeg_of_scans(scans: int, side: int = 2000) -> bytes:
    """Return a progressive JPEG with so many more passes, each empty, over the whole picture."""
    whole = jpeg(side, progressive=True, quality=30)
    last = whole.rindex(b"\xff\xda")
    empty = bytes([0xFF, 0xDA, 0, 8, 1, 1, 0x11, 1, 63, 0x00])
    return whole[:last] + scans * empty + b"\xff\xd9"


def jpeg_with_segments(marker: int, content: bytes, count: int) -> bytes:
    """Return a JPEG with `count` times the same segment in front."""
    segment = bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content
    whole = jpeg()
    return whole[:2] + count * segment + whole[2:]


def gif(width: int, height: int, *, comment: int = 0) -> bytes:
    """Return a GIF that claims its size and holds a pixel, with so many blocks of comment."""
    words = b"\x21\xfe" + comment * (b"\xff" + 255 * b"c") + b"\0" if comment else b""
    screen = struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6)
    frame = b"," + struct.pack("<HHHH", 0, 0, width, height) + b"\0\x02\x02\x4c\x01\0;"
    return b"GIF89a" + screen + words + frame


def tga(width: int, height: int) -> bytes:
    """Return the header of a TGA and one run of pixels."""
    return bytes([0, 0, 10, *bytes(9)]) + struct.pack("<HHBB", width, height, 24, 0) + b"\xff\0\0\0"


def tiff(width: int, height: int) -> bytes:
    """Return a TIFF whose one strip claims the whole picture and holds nothing of it."""
    entries = [
        (256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 1), (262, 3, 1),
        (273, 4, 8), (277, 3, 1), (278, 4, height), (279, 4, width * height),
    ]  # fmt: skip
    packed = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + packed + bytes(4)


EXIF = b"Exif\0\0MM\0*\0\0\0\x08" + bytes(65_000)

BOMBS: dict[str, Callable[[], bytes]] = {
    "scans.jpg": lambda: jpeg_of_scans(20_000),
    "exif.jpg": lambda: jpeg_with_segments(0xE1, EXIF, 800),
    "comments.jpg": lambda: jpeg_with_segments(0xFE, bytes(65_000), 800),
    "tall.png": lambda: png(1, 399_999_999, 0, rows=1000),
    "wide.png": lambda: png(399_999_999, 1, 0, rows=0),
    "text.png": lambda: png(8, 8, before=50 * chunk(b"tEXt", b"Comment\0" + 900_000 * b"x")),
    "large.gif": lambda: gif(20_000, 20_000),
    "comment.gif": lambda: gif(8, 8, comment=200_000),
    "large.ppm": lambda: b"P6 20000 20000 255\n",
    "large.pgm": lambda: b"P5 20000 19999 65535\n",
    "large.tga": lambda: tga(20_000, 20_000),
    "large.tif": lambda: tiff(20_000, 19_999),
}
"""What each of them is, by a name that fits."""


def make_deadly(file: Path) -> None:
    """Change one byte of a table, the type of its column `path`: pyarrow ends its process."""
    content, (before, after) = file.read_bytes(), (b"\x0c%\x02\x18\x04path", b"\0%\x02\x18\x04path")
    assert content.count(before) == 1
    file.write_bytes(content.replace(before, after))
