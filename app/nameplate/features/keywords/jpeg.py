"""Parts a JPEG file into its XMP packet and all the rest, to tell that nothing else was changed."""

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from nameplate.domain.errors import ImageError

_PACKET: Final = b"http://ns.adobe.com/xap/1.0/\0"
_FURTHER: Final = b"http://ns.adobe.com/xmp/extension/\0"
_APP1: Final = 0xE1
_APP2: Final = 0xE2
_APP11: Final = 0xEB
_SCAN: Final = 0xDA

MOST_PACKET: Final = 0xFFFF - 2 - len(_PACKET)
"""Bytes of a packet that fit into a segment, whose length has 16 bits and counts itself."""


class Jpeg(NamedTuple):
    """A JPEG file in two parts.

    Attributes:
        packet: Its XMP packet; None where there is none.
        rest: All other bytes, in their order: other metadata, tables, pixels, what comes after.
        is_behind_table: Whether the packet stands behind a table of where further pictures in the
            file begin, counted from that table.
    """

    packet: bytes | None
    rest: bytes
    is_behind_table: bool


def jpeg_of(content: bytes) -> Jpeg:
    """Return the parts of a JPEG file (ITU T.81, B.1.1; Adobe, XMP Specification Part 3, 1.1.3).

    Raises:
        ImageError: It is none, or has what another packet would damage: a second packet, further
            XMP that belongs to the first, or content credentials, which are signed for all bytes.
    """
    found, has_table = Jpeg(None, content, False), False
    for kind, first, end in _segments(content):
        body = content[first + 4 : end]
        if kind == _APP1 and body.startswith(_FURTHER):
            raise ImageError("further-xmp")
        if kind == _APP11 and body.startswith(b"JP"):
            raise ImageError("has-credentials")
        has_table |= kind == _APP2 and body.startswith(b"MPF\0")
        if kind == _APP1 and body.startswith(_PACKET):
            if found.packet is not None:
                raise ImageError("two-packets")
            rest = content[:first] + content[end:]
            found = Jpeg(body.removeprefix(_PACKET), rest, has_table)
    return found


def _segments(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield kind, start and end of each segment before the pixels."""
    if not content.startswith(b"\xff\xd8\xff"):
        raise ImageError("no-jpeg")
    at = 2
    while content[at + 1 : at + 2] != bytes([_SCAN]):
        try:
            mark, kind, size = struct.unpack_from(">BBH", content, at)
        except struct.error as error:
            raise ImageError("damaged-segments") from error
        if mark != 0xFF or size < 2 or at + 2 + size > len(content) or not 0xC0 <= kind < 0xFF:
            raise ImageError("damaged-segments")
        yield kind, at, at + 2 + size
        at += 2 + size
