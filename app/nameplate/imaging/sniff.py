"""Recognises formats and reads sizes from the first bytes of a file, before Pillow opens it.

Formats: PNG (W3C, 3rd edition, 11.2.1), GIF89a (18), WebP (RFC 9649, 2.5 to 2.7).
"""

import re
from pathlib import Path
from typing import Final

from nameplate.domain.messages import Message
from nameplate.system.opening import open_regular

HEAD_BYTES: Final = 512
"""Bytes of a file's start that the functions here need."""

DATABASE: Final = Message("database")
_PROGRAM: Final = Message("program")
_SOUND: Final = Message("sound")
_TEXT: Final = Message("text")
_VIDEO: Final = Message("video")

_PICTURES: Final = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF8", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"BM", "BMP"),
)
_OTHERS: Final = (
    (b"%PDF", Message("pdf")),
    (b"PK\x03\x04", Message("zip")),
    (b"%!PS", Message("postscript")),
    (b"8BPS", Message("photoshop")),
    (b"\x1aE\xdf\xa3", _VIDEO),
    (b"ID3", _SOUND),
    (b"OggS", _SOUND),
    (b"\x1f\x8b", Message("gzip")),
    (b"7z\xbc\xaf", Message("seven-zip")),
    (b"Rar!", Message("rar")),
    (b"MZ", _PROGRAM),
    (b"\x7fELF", _PROGRAM),
    (b"SQLite format 3", DATABASE),
    (b"\xff\xfe", _TEXT),
    (b"\xfe\xff", _TEXT),
)
_PORTABLE_MAP: Final = re.compile(rb"P([1-6])\s+[#0-9]")
_PORTABLE_MAPS: Final = ("PPM", "PBM", "PGM")
"""By the number after the P, modulo 3: first those in letters, then those in bytes (Netpbm)."""

_RARER_PICTURE: Final = re.compile(
    rb"MM\0[+*]|II\+\0|MM\*\0|II\0\*|[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0|.{4}ftyphe[iv][cxms]",
    re.DOTALL,
)
"""What Pillow and pi-heif read beyond that: large TIFFs, bitmaps without a file's header, HEIFs."""

_TGA: Final = re.compile(rb".[\0\1][\1-\3\x09-\x0b].{13}[\1\x08\x0f\x10\x18\x20]", re.DOTALL)
"""A TGA's header: length of a text, map of colours or none, kind, ..., bits a pixel."""

_PICTURE_BRANDS: Final = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis")
_OTHER_RIFF: Final = {b"AVI ": _VIDEO, b"WAVE": _SOUND}


def picture_kind(head: bytes) -> str | None:
    """Return the picture format of a file by its first bytes, such as `PNG`; None if unknown."""
    for magic, kind in _PICTURES:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WebP"
    if match := _PORTABLE_MAP.match(head):
        return _PORTABLE_MAPS[int(match[1]) % 3]
    if head[4:8] == b"ftyp" and head[8:12] in _PICTURE_BRANDS:
        return "AVIF" if head[8:11] == b"avi" else "HEIC"
    return None


def is_picture_head(head: bytes, name: str) -> bool:
    """Return whether `decode` would try to read a file that begins like this.

    Args:
        head: Its first `HEAD_BYTES`, or all of it.
        name: Of the file; a TGA has no signature, and is told by its extension and its header.
    """
    if picture_kind(head) is not None or _RARER_PICTURE.match(head):
        return True
    return name.lower().endswith(".tga") and _TGA.match(head) is not None


def is_picture_file(path: Path | str) -> bool:
    """Return whether `decode` would try to read a file; see `is_picture_head`.

    Raises:
        OSError: It cannot be opened, or is no regular file.
        ValueError: The path holds a NUL.
    """
    with open_regular(path) as stream:
        return is_picture_head(stream.read(HEAD_BYTES), str(path))


def other_kind(head: bytes) -> Message | None:
    """Return the format of a non-picture file by its first bytes; None if unknown."""
    for magic, kind in _OTHERS:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF":
        return _OTHER_RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _VIDEO
    if not head.strip(b"\0"):
        return Message("zeros")
    return _text_kind(head)


def claimed_size(head: bytes) -> tuple[int, int] | None:
    """Return (width, height) in pixels from the header; None if it has no fixed position.

    For the formats whose reader in Pillow makes room for the whole picture when it opens the file
    (GIF, WebP), and for PNG, the usual disguise of a picture that is far too large.
    """
    if head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR" and len(head) >= 24:
        return int.from_bytes(head[16:20]), int.from_bytes(head[20:24])
    if head.startswith(b"GIF8") and len(head) >= 10:
        return int.from_bytes(head[6:8], "little"), int.from_bytes(head[8:10], "little")
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP" and len(head) >= 30:
        return _claimed_webp_size(head)
    return None


def shows_through(head: bytes) -> bool:
    """Return whether a GIF or WebP may be partly transparent, by its header."""
    chunk = head[12:16]
    is_opaque = chunk == b"VP8 " or (chunk == b"VP8X" and not head[20] & 0x10)
    return not (head[:4] == b"RIFF" and is_opaque)


def _claimed_webp_size(head: bytes) -> tuple[int, int] | None:
    chunk = head[12:16]
    if chunk == b"VP8X":
        width, height = head[24:27], head[27:30]
        return int.from_bytes(width, "little") + 1, int.from_bytes(height, "little") + 1
    if chunk == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 ":
        width, height = head[26:28], head[28:30]
        return int.from_bytes(width, "little") & 0x3FFF, int.from_bytes(height, "little") & 0x3FFF
    return None


def _text_kind(head: bytes) -> Message | None:
    try:
        # The head may end in the middle of a letter, of at most 4 bytes.
        text = head.decode("utf-8", "ignore" if len(head) == HEAD_BYTES else "strict")
    except UnicodeDecodeError:
        return None
    lost = len(head) - len(text.encode())
    if lost > 3 or not all(letter.isprintable() or letter in "\t\r\n\f\ufeff" for letter in text):
        return None
    start = text.lstrip("\ufeff \t\r\n").lower()
    if "<svg" in start:
        return Message("svg")
    return Message("web-page") if start.startswith(("<!doctype html", "<html")) else _TEXT
