"""Files of TIFF, HEIF, AVIF, BMP, TGA and PPM that are much work, and what is no regular file."""

import os
import socket
import struct
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from bombs import jpeg, png, tga, tiff, zeros
from hostile.picture_bombs import XMP
from hostile.samples import encoded, samples

Entry = tuple[int, int, int, int]
"""Tag, type, count and value of an entry in a TIFF."""


# TIFF


def tiff_of(entries: list[Entry], after: bytes = b"", following: int = 0) -> bytes:
    """Return a TIFF with one directory; `after` lies behind it, see `behind`."""
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    count = struct.pack("<H", len(entries))
    return b"II*\0\x08\0\0\0" + count + packed + struct.pack("<I", following) + after


def behind(entries: int) -> int:
    """Return where what is behind the directory begins."""
    return 8 + 2 + 12 * entries + 4


def picture(width: int, height: int, compression: int, data: bytes, **more: int) -> bytes:
    """Return a TIFF of RGB in one strip."""
    entries = [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, more.get("bits", 8)),
        (259, 3, 1, compression), (262, 3, 1, more.get("colours", 2)), (273, 4, 1, behind(9)),
        (277, 3, 1, more.get("samples", 3)), (278, 4, 1, height), (279, 4, 1, len(data)),
    ]  # fmt: skip
    return tiff_of(entries, data)


def strips(count: int, tags: tuple[int, int] = (273, 279)) -> bytes:
    """Return a TIFF of `count` rows, each in a strip (or tile) of its own at the same place."""
    entries = [
        (256, 4, 1, 16), (257, 4, 1, count), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
        (tags[0], 4, count, behind(9)), (277, 3, 1, 1), (278, 4, 1, 1),
        (tags[1], 4, count, behind(9) + 4 * count),
    ]  # fmt: skip
    return tiff_of(entries, struct.pack("<I", 8) * count + struct.pack("<I", 16) * count)


def tiles(count: int) -> bytes:
    entries = [
        (256, 4, 1, 16 * count), (257, 4, 1, 16), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
        (277, 3, 1, 1), (322, 4, 1, 16), (323, 4, 1, 16), (324, 4, count, behind(10)),
        (325, 4, count, behind(10) + 4 * count),
    ]  # fmt: skip
    return tiff_of(entries, struct.pack("<I", 8) * count + struct.pack("<I", 256) * count)


def directories(count: int) -> bytes:
    """Return a TIFF of so many directories, the last of which leads back to the first."""
    size = 2 + 12 + 4
    tag = struct.pack("<HHHII", 1, 254, 4, 1, 0)
    offsets = [8 + size * ((number + 1) % count) for number in range(count)]
    return b"II*\0\x08\0\0\0" + b"".join(tag + struct.pack("<I", at) for at in offsets)


def sub_directories() -> bytes:
    """Return a TIFF whose EXIF, GPS and other directories are the main one."""
    loops = [(tag, 4, 1, 8) for tag in (330, 34665, 34853, 40965)]
    base = tiff(64, 64)
    entries = [struct.unpack("<HHII", base[at : at + 12]) for at in range(10, 10 + 9 * 12, 12)]
    return tiff_of(sorted([*entries, *loops]), bytes(5000))


def big_tiff(width: int, height: int, strip_count: int) -> bytes:
    tags = [(256, 1, width), (257, 1, height), (258, 1, 8), (259, 1, 1), (262, 1, 1),
            (273, strip_count, 16), (277, 1, 1), (278, 1, 1), (279, strip_count, 16)]  # fmt: skip
    packed = b"".join(struct.pack("<HHQQ", tag, 16, count, value) for tag, count, value in tags)
    return b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, len(tags)) + packed + bytes(8)


# HEIF and AVIF


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + kind + content


FTYP = box(b"ftyp", b"heic\0\0\0\0mif1heic")


MANY = b"\2\0\0\0\x44\x40\xff\xff\xff\xff"
"""The start of an `iloc` that says where four billion things lie."""

ALL_OF_IT = bytes(4) + b"\x44\0\0\1\0\1\0\0\0\1" + bytes(4) + b"\xff\xff\xff\xff"
"""One that says that a picture is the whole file, and four billion bytes long."""


def nested(depth: int, kind: bytes = b"meta") -> bytes:
    content = b""
    for _ in range(depth):
        content = box(kind, bytes(4) + content)
    return FTYP + content


def with_numbers(name: str, kind: bytes, content: bytes) -> bytes:
    """Return a sample with other bytes at the start of the content of its first such box."""
    data = samples()[name]
    at = data.index(kind) + 4
    return data[:at] + content + data[at + len(content) :]


def sides(width: int, height: int) -> bytes:
    return bytes(4) + struct.pack(">II", width, height)


def grid(rows: int, columns: int) -> bytes:
    """Return a HEIC whose picture is a grid of tiles, all of which are the same one."""
    data = samples()["phone.heic"]
    at = data.index(b"infe") + 4
    as_grid = data[:at] + data[at:].replace(b"hvc1", b"grid", 1)
    size = struct.pack(">BBBBII", 0, 1, rows - 1, columns - 1, 65_535, 65_535)
    media = as_grid.index(b"mdat") + 4
    return as_grid[:media] + size + as_grid[media + len(size) :]


# What Netpbm, BMP and TGA are


def text_picture(width: int, height: int, kind: bytes = b"P3") -> bytes:
    return kind + b" %d %d 255\n" % (width, height) + b"0 " * (width * height * 3)


def bmp(width: int, height: int, compression: int, data: bytes) -> bytes:
    info = struct.pack(
        "<IiiHHIIiiII", 40, width, height, 1, 8, compression, len(data), 1, 1, 256, 0
    )
    start = 14 + 40 + 1024
    return b"BM" + struct.pack("<IHHI", start + len(data), 0, 0, start) + info + bytes(1024) + data


# What is no usual file


def sparse(head: bytes, size: int = 2_000_000_000) -> Callable[[Path], object]:
    def make(path: Path) -> None:
        with path.open("wb") as stream:
            stream.write(head)
            stream.truncate(size)

    return make


def make_socket(path: Path) -> None:
    before = Path.cwd()
    os.chdir(path.parent)  # the path of a socket must be short
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(path.name)
    finally:
        os.chdir(before)


OTHER_BOMBS: dict[str, Callable[[], bytes]] = {
    "directories.tif": lambda: directories(200_000),
    "loop.tif": lambda: directories(1),
    "sub-directories.tif": sub_directories,
    "count.tif": lambda: tiff_of([(256, 4, 2**32 - 1, 8), (257, 4, 1, 9), (270, 2, 2**31, 8)]),
    "entries.tif": lambda: tiff_of([(t, 4, 1, 1) for t in range(65_535)]),
    "strips.tif": lambda: strips(2_000_000),
    "tiles.tif": lambda: tiles(500_000),
    "deflate.tif": lambda: picture(17_000, 17_000, 8, zeros(17_000 * 17_000 * 3)),
    "deflate-small.tif": lambda: picture(64, 64, 8, zeros(2_000_000_000)),
    "lzw.tif": lambda: encoded(Image.new("L", (14_000, 14_000)), "TIFF", compression="tiff_lzw"),
    "jpeg.tif": lambda: picture(16_000, 16_000, 7, jpeg()),
    "fax.tif": lambda: picture(20_000, 19_000, 4, b"\0" * 100_000, bits=1, samples=1, colours=0),
    "samples.tif": lambda: picture(8, 8, 1, bytes(9000), samples=65_535),
    "big.tif": lambda: big_tiff(20_000, 20_000, 20_000),
    "big-strips.tif": lambda: big_tiff(1, 1, 2**60),
    "xmp.tif": lambda: tiff_of([(256, 4, 1, 8), (257, 4, 1, 8), (700, 1, len(XMP), 50)], XMP),
    "nested.heic": lambda: nested(20_000),
    "nested-tracks.heic": lambda: nested(20_000, b"trak"),
    "endless-box.heic": lambda: FTYP + 100_000 * struct.pack(">I4s", 8, b"free") + bytes(8),
    "sides.heic": lambda: with_numbers("phone.heic", b"ispe", sides(65_535, 65_535)),
    "large-sides.heic": lambda: with_numbers("phone.heic", b"ispe", sides(16_000, 16_000)),
    "locations.heic": lambda: with_numbers("phone.heic", b"iloc", MANY),
    "properties.heic": lambda: with_numbers("phone.heic", b"ipma", b"\0\0\0\1\xff\xff\xff\xff"),
    "grid.heic": lambda: grid(256, 256),
    "sides.avif": lambda: with_numbers("web.avif", b"ispe", sides(65_535, 65_535)),
    "large-sides.avif": lambda: with_numbers("web.avif", b"ispe", sides(16_000, 16_000)),
    "overlap.avif": lambda: with_numbers("web.avif", b"iloc", ALL_OF_IT),
    "text.ppm": lambda: text_picture(10_000, 5_000),
    "number.pgm": lambda: b"P2 2 2 255 " + b"0" * 100_000_000,
    "comment.ppm": lambda: b"P6\n" + b"#" * 100_000_000 + b"\n8 8 255\n" + bytes(192),
    "comments.ppm": lambda: b"P6\n" + b"#\n" * 10_000_000 + b"8 8 255\n" + bytes(192),
    "text.pbm": lambda: b"P1 14000 14000\n" + b"1" * 14_000**2,
    "runs.bmp": lambda: bmp(20_000, 19_000, 1, b"\xff\0" * 1_600_000 + b"\0\1"),
    "jumps.bmp": lambda: bmp(14_000, 14_000, 1, b"\0\2\xff\0" * 1_000_000),
    "runs.tga": lambda: tga(17_000, 17_000) + b"\xff\0\0\0" * 2_300_000,
}  # fmt: skip
"""What each of them is, by a name that fits."""

FILES: dict[str, Callable[[Path], object]] = {
    "sparse.jpg": sparse(jpeg()[:400]),
    "sparse.png": sparse(png(8, 8)[:60]),
    "sparse.tif": sparse(tiff(20_000, 15_000)),
    "sparse.ppm": sparse(b"P6 20000 15000 255\n"),
    "sparse.heic": sparse(FTYP),
    "sparse.gif": sparse(samples()["one.gif"][:900]),
    "zeros.bmp": sparse(b""),
    "device.png": lambda path: path.symlink_to("/dev/zero"),
    "random.jpg": lambda path: path.symlink_to("/dev/urandom"),
    "pipe.png": os.mkfifo,
    "socket.png": make_socket,
    "folder.jpg": lambda path: path.mkdir(),
    "loop.png": lambda path: path.symlink_to(path.name),
    "nowhere.png": lambda path: path.symlink_to("not-there"),
}
"""What makes each of them at a path."""
