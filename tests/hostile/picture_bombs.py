"""Files of JPEG, PNG, GIF and WebP that are much work, beside those of tests/bombs.py."""

import struct
import zlib
from collections.abc import Callable

from PIL import Image

from bombs import EXIF, chunk, gif, jpeg, jpeg_of_scans, jpeg_with_segments, png, zeros
from hostile.samples import encoded, noise

HEAD = b"\x89PNG\r\n\x1a\n"
END = chunk(b"IEND", b"")
XMP_BYTES = 60_000_000
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a>' + b"<b/>" * (XMP_BYTES // 4)
"""An XML text that is never closed."""


EXTENSION = b"http://ns.adobe.com/xmp/extension/\0" + bytes(65_000)
PHOTOSHOP = b"Photoshop 3.0\0" + b"8BIM\4\4\0\0\0\0\0\0" * 5000


# JPEG


def with_frame(data: bytes, width: int, height: int, marker: int | None = None) -> bytes:
    """Return a JPEG that claims another size, and another kind of coding."""
    at = next(place for kind in (b"\xff\xc0", b"\xff\xc2") if (place := data.find(kind)) > 0)
    kind = data[at + 1] if marker is None else marker
    size = struct.pack(">HH", height, width)
    return data[: at + 1] + bytes([kind]) + data[at + 2 : at + 5] + size + data[at + 9 :]


def copies_of(data: bytes, marker: int, count: int) -> bytes:
    """Return a JPEG with `count` copies of its first segment of this kind."""
    at = data.index(bytes([0xFF, marker]))
    end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
    return data[:at] + count * data[at:end] + data[at:]


def segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def thumbnails_in_thumbnails(depth: int) -> bytes:
    """Return a JPEG whose EXIF has a thumbnail, which has one, and so on."""
    picture = jpeg(8)
    for _ in range(depth):
        entries = struct.pack(">HHII", 0x201, 4, 1, 44) + struct.pack(
            ">HHII", 0x202, 4, 1, len(picture)
        )
        ifds = struct.pack(">HI", 0, 14) + struct.pack(">H", 2) + entries + bytes(4)
        exif = b"Exif\0\0MM\0*\0\0\0\x08" + ifds + picture
        if len(exif) > 65_000:
            break
        picture = picture[:2] + segment(0xE1, exif) + picture[2:]
    return picture


def mpo(entries: int) -> bytes:
    """Return a JPEG whose index says that so many pictures follow."""
    tags = [(0xB000, 7, 4, 0x30313030), (0xB001, 4, 1, entries), (0xB002, 7, 16 * entries, 50)]
    packed = b"".join(struct.pack(">HHII", *tag) for tag in tags)
    index = b"MPF\0MM\0*\0\0\0\x08" + struct.pack(">H", len(tags)) + packed + bytes(4)
    whole = jpeg()
    return whole[:2] + segment(0xE2, index + bytes(16 * min(entries, 4000))) + whole[2:]


def icc_in_parts(count: int) -> bytes:
    parts = [b"ICC_PROFILE\0" + bytes([n % 255 + 1, 255]) + bytes(65_000) for n in range(count)]
    whole = jpeg()
    return whole[:2] + b"".join(segment(0xE2, part) for part in parts) + whole[2:]


# PNG


def png_with(*before: bytes, idat: bytes | None = None) -> bytes:
    """Return a small PNG with chunks before its picture."""
    header = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(8 * 25)) if idat is None else idat
    return HEAD + chunk(b"IHDR", header) + b"".join(before) + chunk(b"IDAT", data) + END


def png_of_bits(width: int, height: int, bits: int, colour: int, *, interlaced: bool) -> bytes:
    """Return a black PNG with other bits a sample, also in the seven passes of Adam7."""
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
              (0, 1, 1, 2)] if interlaced else [(0, 0, 1, 1)]  # fmt: skip
    count = 0
    for left, top, across, down in passes:
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        count += rows * (1 + -(-columns * samples * bits // 8))
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, int(interlaced))
    palette = chunk(b"PLTE", bytes(768)) if colour == 3 else b""
    return HEAD + chunk(b"IHDR", header) + palette + chunk(b"IDAT", zeros(count)) + END


def apng(frames: int, side: int) -> bytes:
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    row = zeros((side + 1) * side)
    parts = [chunk(b"IHDR", header), chunk(b"acTL", struct.pack(">II", frames, 0))]
    for number in range(frames):
        control = struct.pack(">IIIIIHHBB", 2 * number, side, side, 0, 0, 1, 1, 0, 0)
        parts.append(chunk(b"fcTL", control))
        data = struct.pack(">I", 2 * number + 1) + row
        parts.append(chunk(b"fdAT", data) if number else chunk(b"IDAT", row))
    return HEAD + b"".join(parts) + END


def in_small_chunks(count: int) -> bytes:
    """Return a PNG of random rows, each byte of it in a chunk of its own."""
    header = struct.pack(">IIBBBBB", 1000, 1000, 8, 0, 0, 0, 0)
    data = zlib.compress(bytes(1_001_000), 0)[:count]
    return HEAD + chunk(b"IHDR", header) + b"".join(chunk(b"IDAT", bytes([b])) for b in data) + END


# GIF and WebP


def gif_frames(frames: int, width: int, height: int) -> bytes:
    screen = struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6)
    frame = b"," + struct.pack("<HHHH", 0, 0, 1, 1) + b"\0\x02\x02\x4c\x01\0"
    return b"GIF89a" + screen + b"\x21\xf9\x04\0\0\0\0\0" + frames * frame + b";"


def riff_chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + len(data) % 2 * b"\0"


def webp(*chunks: bytes) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def webp_frames(frames: int, side: int) -> bytes:
    one = encoded(noise(sides=(2, 2)), "WEBP", lossless=True)[12:]
    canvas = struct.pack("<I", 0x12) + (side - 1).to_bytes(3, "little") * 2
    frame = bytes(6) + b"\1\0\0" * 2 + bytes(4) + one
    parts = [riff_chunk(b"VP8X", canvas), riff_chunk(b"ANIM", bytes(6))]
    return webp(*parts, frames * riff_chunk(b"ANMF", frame))


def webp_with(kind: bytes, flag: int, content: bytes) -> bytes:
    canvas = struct.pack("<I", flag) + b"\x2f\0\0\x23\0\0"
    picture = encoded(noise(), "WEBP", lossless=True)[12:]
    return webp(riff_chunk(b"VP8X", canvas), picture, riff_chunk(kind, content))


PICTURE_BOMBS: dict[str, Callable[[], bytes]] = {
    "exif-99.jpg": lambda: jpeg_with_segments(0xE1, EXIF, 99),
    "scans-499.jpg": lambda: jpeg_of_scans(499, 3000),
    "scans-40.jpg": lambda: jpeg_of_scans(40, 6000),
    "65535.jpg": lambda: with_frame(jpeg(), 65_535, 65_535),
    "65535-progressive.jpg": lambda: with_frame(jpeg(progressive=True), 65_535, 6_000),
    "arithmetic.jpg": lambda: with_frame(jpeg(), 15_000, 15_000, 0xC9),
    "lossless.jpg": lambda: with_frame(jpeg(), 15_000, 15_000, 0xC3),
    "tables.jpg": lambda: copies_of(jpeg(), 0xC4, 60_000),
    "quantisers.jpg": lambda: copies_of(jpeg(), 0xDB, 60_000),
    "restarts.jpg": lambda: jpeg_with_segments(0xDD, b"\0\1", 60_000),
    "fill.jpg": lambda: jpeg()[:2] + b"\xff" * 50_000_000 + jpeg()[2:],
    "thumbnails.jpg": lambda: thumbnails_in_thumbnails(200),
    "entries.mpo": lambda: mpo(60_000),
    "more-entries.mpo": lambda: mpo(200_000_000),
    "profiles.jpg": lambda: icc_in_parts(255),
    "xmp.jpg": lambda: jpeg_with_segments(0xE1, EXTENSION, 900),
    "photoshop.jpg": lambda: jpeg_with_segments(0xED, PHOTOSHOP, 500),
    "profile.png": lambda: png_with(chunk(b"iCCP", b"a\0\0" + zeros(1_000_000_000))),
    "text.png": lambda: png_with(60 * chunk(b"zTXt", b"a\0\0" + zeros(60_000_000))),
    "xmp.png": lambda: png_with(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)),
    "packed-xmp.png": lambda: png_with(chunk(b"iTXt", b"XMP\0\1\0\0\0" + zeros(10**9))),
    "exif.png": lambda: png_with(chunk(b"eXIf", b"MM\0*\0\0\0\x08" + b"\xff" * 60_000_000)),
    "many-texts.png": lambda: png_with(200_000 * chunk(b"tEXt", b"a\0b")),
    "small-chunks.png": lambda: in_small_chunks(300_000),
    "data.png": lambda: png_with(idat=zeros(10**9)),
    "interlaced.png": lambda: png_of_bits(12_000, 12_000, 8, 2, interlaced=True),
    "interlaced-16.png": lambda: png_of_bits(9_000, 9_000, 16, 6, interlaced=True),
    "grey-16.png": lambda: png_of_bits(12_000, 12_000, 16, 0, interlaced=False),
    "bits.png": lambda: png_of_bits(20_000, 19_999, 1, 3, interlaced=False),
    "large.png": lambda: png(17_300, 17_300),
    "frames.apng": lambda: apng(5000, 500),
    "frames.gif": lambda: gif_frames(200_000, 64, 64),
    "large-frames.gif": lambda: gif_frames(2000, 10_000, 10_000),
    "pixels.gif": lambda: encoded(Image.new("P", (16_000, 12_000)), "GIF"),
    "comments.gif": lambda: gif(8, 8, comment=10) + 100_000 * b"\x21\xfe\1c\0",
    "frames.webp": lambda: webp_frames(20_000, 64),
    "large-frames.webp": lambda: webp_frames(2000, 16_383),
    "xmp.webp": lambda: webp_with(b"XMP ", 4, XMP),
    "exif.webp": lambda: webp_with(b"EXIF", 8, b"Exif\0\0MM\0*\0\0\0\x08" + b"\xff" * 60_000_000),
}  # fmt: skip
"""What each of them is, by a name that fits."""
