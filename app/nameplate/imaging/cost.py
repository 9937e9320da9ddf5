"""Estimates the memory and time of decoding a file from its headers.

Formats: JPEG (ITU T.81, B.1.1 and B.2), and for the others see `imaging.sniff`.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO, Final

from nameplate.domain.errors import ImageError
from nameplate.imaging.sniff import HEAD_BYTES, claimed_size
from nameplate.system.opening import open_regular

MOST_SCANS: Final = 500
"""Passes over the picture that a JPEG may have; encoders write a dozen. Each takes the decoder once
over all blocks, however few bytes it has."""

PLAIN_PIXELS: Final = 64_000_000
"""Of a JPEG that is decoded in this process: half a second. A camera has up to 100 million."""

PLAIN_PIXELS_OTHERS: Final = 25_000_000
"""Likewise of a PNG or a WebP, whose decoders take three times as long for a pixel."""

_PLAIN_SCAN_PIXELS: Final = 1_000_000_000
"""Pixels times passes, likewise: a second."""

_PLAIN_BYTES: Final = 64_000_000
_PLAIN_METADATA: Final = 4_000_000
"""Bytes before the picture; a large embedded preview has 1 MB."""

MOST_EXIF: Final = 100
"""Segments of EXIF, 64 kB each. Pillow joins them in time that grows with their square: 2 takes no
time, 800 take 20 seconds."""

_MOST_SEGMENTS: Final = 1_000
_MOST_CHUNKS: Final = 10_000
"""Of a PNG: its picture comes in pieces of 8 kB or more."""

_MOST_FILL: Final = 1_000
"""Bytes before a marker. Any number is allowed, and nobody writes more than one."""

_BLOCK: Final = 1 << 20

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_SOI: Final = b"\xff\xd8"
_START_OF_SCAN: Final = 0xDA
_END_OF_IMAGE: Final = 0xD9
_NO_LENGTH: Final = (0x01, *range(0xD0, 0xD9))
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Start of frame: all of C0 to CF but tables and the reserved one."""

_PROGRESSIVE: Final = (0xC2, 0xC6, 0xCA, 0xCE)
_APP1: Final = 0xE1


@dataclass(frozen=True, slots=True)
class JpegHeader:
    """The header of a JPEG: everything before its first scan.

    Attributes:
        size: Width and height in pixels.
        metadata: Bytes before the first scan.
        exif_segments: How many segments hold EXIF.
        has_scans: Whether the picture comes in several passes, all of which the decoder keeps.
        samples: Numbers that are kept for a pixel then, all components together.
    """

    size: tuple[int, int]
    metadata: int
    exif_segments: int
    has_scans: bool
    samples: float


def is_plain(path: Path) -> bool:
    """Return whether a file can be decoded quickly and safely enough in this process.

    That is so for JPEG, PNG and WebP of usual sizes, nearly all that people have. A file that
    cannot be opened is plain too, since the decoder says why without reading it.
    """
    try:
        status = path.stat()
        if not S_ISREG(status.st_mode) or not status.st_size:
            return True
        if status.st_size > _PLAIN_BYTES:
            return False
        with open_regular(path) as stream:
            return _is_plain(stream)
    except (OSError, ValueError):
        return True


def _is_plain(stream: BinaryIO) -> bool:
    head = stream.read(HEAD_BYTES)
    if head.startswith(_SOI):
        header = jpeg_header(stream)
        return header is not None and _is_plain_jpeg(stream, header)
    size = claimed_size(head)
    if size is None or size[0] * size[1] > PLAIN_PIXELS_OTHERS:
        return False
    return head.startswith(b"RIFF") or (head.startswith(_PNG) and _has_few_chunks(stream))


def _has_few_chunks(stream: BinaryIO) -> bool:
    """Return whether a PNG has only usual chunks, little metadata, and an end."""
    stream.seek(len(_PNG))
    others = 0
    for _ in range(_MOST_CHUNKS):
        header = stream.read(8)
        if len(header) < 8 or others > _PLAIN_METADATA:
            return False
        length, kind = int.from_bytes(header[:4]), header[4:]
        if kind == b"IEND":
            return True
        others += 0 if kind == b"IDAT" else length
        stream.seek(length + 4, 1)
    return False


def _is_plain_jpeg(stream: BinaryIO, header: JpegHeader) -> bool:
    pixels = header.size[0] * header.size[1]
    if pixels > PLAIN_PIXELS or header.exif_segments > 1:
        return False
    if header.metadata > _PLAIN_METADATA:
        return False
    return not header.has_scans or pixels * count_scans(stream) <= _PLAIN_SCAN_PIXELS


def refuse_endless(stream: BinaryIO, header: JpegHeader) -> None:
    """Refuse a JPEG with so many scans or EXIF segments that decoding would take minutes.

    Raises:
        ImageError: It is one; `where` is left to the caller.
    """
    if header.exif_segments > MOST_EXIF:
        raise ImageError("too-much-exif", pieces=header.exif_segments, most=MOST_EXIF)
    if header.has_scans and (scans := count_scans(stream)) > MOST_SCANS:
        raise ImageError("too-many-passes", passes=scans, most=MOST_SCANS)


def count_scans(stream: BinaryIO) -> int:
    """Return an upper bound of a JPEG's scans; those of embedded pictures are counted too.

    A start-of-scan marker cannot stand in the coded data, where 0 or a restart follows each 0xFF.
    """
    stream.seek(0)
    count, last = 0, b""
    while block := stream.read(_BLOCK):
        count += (last + block).count(b"\xff\xda")
        last = block[-1:]
    return count


def jpeg_header(stream: BinaryIO) -> JpegHeader | None:
    """Return the header; None if it is damaged or does not end."""
    stream.seek(2)
    frame: tuple[int, bytes] | None = None
    exif_segments = 0
    for _ in range(_MOST_SEGMENTS):
        marker = _next_marker(stream)
        if marker is None or marker == _END_OF_IMAGE:
            return None
        if marker in _NO_LENGTH:
            continue
        start = stream.read(8)
        if len(start) < 3:
            return None
        length = int.from_bytes(start[:2])
        if marker == _START_OF_SCAN:
            return _header(frame, start[2], stream.tell() - len(start), exif_segments)
        exif_segments += marker == _APP1 and start[2:6] == b"Exif"
        if marker in _FRAMES:
            frame = marker, start[2:] + stream.read(max(0, length - len(start)))
        else:
            stream.seek(length - len(start), 1)
    return None


def _next_marker(stream: BinaryIO) -> int | None:
    """Return the second byte of the next marker; None if there is none."""
    if stream.read(1) != b"\xff":
        return None
    for _ in range(_MOST_FILL):
        if (byte := stream.read(1)) != b"\xff":
            return byte[0] if byte else None
    return None


def _header(
    frame: tuple[int, bytes] | None, scanned: int, metadata: int, exif_segments: int
) -> JpegHeader | None:
    """Return the header from the first frame segment and the number of components scanned first."""
    if frame is None or len(frame[1]) < 6:
        return None
    marker, content = frame
    height, width, components = struct.unpack(">xHHB", content[:6])
    factors = [(byte >> 4, byte & 15) for byte in content[7 : 6 + 3 * components : 3]]
    largest = max((across * down for across, down in factors), default=0)
    if len(factors) != components or not largest:
        return None
    return JpegHeader(
        size=(width, height),
        metadata=metadata,
        exif_segments=exif_segments,
        has_scans=marker in _PROGRESSIVE or scanned < components,
        samples=sum(across * down for across, down in factors) / largest,
    )
