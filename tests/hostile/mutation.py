"""Damages files by chance: anywhere, and with knowledge of the format's parts, lengths and sizes.

data = mutated(random.Random(1), samples()["rgb.png"])
"""

import random
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG_ALONE = (0x01, *range(0xD0, 0xDA))
_BOXES_OF_BOXES = (b"meta", b"iprp", b"ipco", b"moov", b"trak", b"mdia", b"minf", b"stbl")
_TABLES_OF_NUMBERS = (b"ispe", b"iloc", b"ipma", b"pixi", b"iinf", b"pitm", b"iref", b"hvcC")


@dataclass(frozen=True)
class Number:
    """A number in a file: where it lies, its bytes and their order."""

    at: int
    size: int
    order: str = "big"


@dataclass
class Parts:
    """What a file is made of.

    Attributes:
        numbers: Lengths, sizes, counts and offsets.
        pieces: Start and end of each chunk, segment, block, box or entry.
    """

    numbers: list[Number] = field(default_factory=list)
    pieces: list[tuple[int, int]] = field(default_factory=list)


# Anywhere


def flip(chance: random.Random, data: bytearray) -> None:
    for _ in range(chance.choice((1, 1, 2, 8, 40))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def overwrite(chance: random.Random, data: bytearray) -> None:
    at = chance.randrange(len(data))
    count = chance.choice((1, 2, 4, 16, 100))
    filler = chance.choice((b"\0", b"\xff", b"\x7f", chance.randbytes(1)))
    data[at : at + count] = filler * min(count, len(data) - at)


def cut_out(chance: random.Random, data: bytearray) -> None:
    start, end = sorted(chance.randrange(len(data)) for _ in range(2))
    del data[start : min(end, start + chance.choice((1, 7, 200, len(data)))) + 1]


def cut_off(chance: random.Random, data: bytearray) -> None:
    del data[chance.randrange(len(data)) :]


def insert(chance: random.Random, data: bytearray) -> None:
    at = chance.randrange(len(data))
    data[at:at] = chance.randbytes(chance.choice((1, 3, 64, 5000)))


def repeat(chance: random.Random, data: bytearray) -> None:
    start, end = sorted(chance.randrange(len(data)) for _ in range(2))
    data[end:end] = data[start:end] * chance.choice((1, 2, 50))


def append(chance: random.Random, data: bytearray) -> None:
    data += chance.randbytes(chance.choice((1, 100, 20_000)))


ANYWHERE = (flip, flip, overwrite, cut_out, cut_off, insert, repeat, append)


# By the format


def change_number(chance: random.Random, data: bytearray, parts: Parts) -> None:
    number = chance.choice(parts.numbers)
    end, most = number.at + number.size, 256**number.size
    old = int.from_bytes(data[number.at : end], number.order)
    values = (0, 1, 2, old + 1, old - 1, 2 * old, most - 1, most // 2, most // 2 - 1, 65_535)
    value = chance.choice((*values, chance.randrange(most), chance.randrange(2000))) % most
    data[number.at : end] = value.to_bytes(number.size, number.order)


def swap_pieces(chance: random.Random, data: bytearray, parts: Parts) -> None:
    first, second = sorted(chance.sample(parts.pieces, 2))
    if first[1] <= second[0]:
        one, other = data[slice(*first)], data[slice(*second)]
        data[slice(*second)] = one
        data[slice(*first)] = other


def repeat_piece(chance: random.Random, data: bytearray, parts: Parts) -> None:
    start, end = chance.choice(parts.pieces)
    times = min(chance.choice((1, 2, 30, 2000)), 400_000 // max(1, end - start))
    data[end:end] = data[start:end] * times


def drop_piece(chance: random.Random, data: bytearray, parts: Parts) -> None:
    start, end = chance.choice(parts.pieces)
    del data[start:end]


def garble_piece(chance: random.Random, data: bytearray, parts: Parts) -> None:
    start, end = chance.choice(parts.pieces)
    for _ in range(chance.choice((1, 3, 20))):
        data[chance.randrange(start, end)] = chance.randrange(256)


BY_FORMAT = (change_number, change_number, swap_pieces, repeat_piece, drop_piece, garble_piece)


def mutated(chance: random.Random, data: bytes) -> bytes:
    """Return a damaged copy of a picture's file, never empty."""
    result = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4))):
        parts = parts_of(bytes(result))
        if len(parts.pieces) > 1 and parts.numbers and chance.random() < 0.65:
            chance.choice(BY_FORMAT)(chance, result, parts)
        else:
            chance.choice(ANYWHERE)(chance, result)
        if not result:
            return b"\0"
        if chance.random() < 0.8:
            mend_png(result)
    return bytes(result)


def parts_of(data: bytes) -> Parts:
    """Return the parts of a file that begins like one of the known formats; else of its head."""
    readers = [read for start, read in _READERS.items() if data.startswith(start)]
    read = (*readers, boxes if data[4:8] == b"ftyp" else head_words)[0]
    parts = Parts()
    for number, piece in read(data):
        end = number.at + number.size if number else 0
        if number and end <= len(data):
            parts.numbers.append(number)
        if piece and piece[0] < piece[1] <= len(data):
            parts.pieces.append(piece)
    return parts


Found = Iterator[tuple[Number | None, tuple[int, int] | None]]


def png(data: bytes) -> Found:
    at = len(_PNG)
    yield from ((Number(place, 4), None) for place in (16, 20))
    yield from ((Number(place, 1), None) for place in range(24, 29))
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4])
        yield Number(at, 4), (at, at + 12 + length)
        if data[at + 4 : at + 8] in (b"acTL", b"fcTL", b"fdAT"):
            yield from ((Number(at + 8 + 4 * word, 4), None) for word in range(length // 4))
        at += 12 + length


def mend_png(data: bytearray) -> None:
    """Make the checksums of a PNG right again, so that more than the first of its parts is read."""
    at = len(_PNG)
    while data.startswith(_PNG) and at + 12 <= len(data):
        end = at + 8 + int.from_bytes(data[at : at + 4])
        if end + 4 > len(data):
            return
        data[end : end + 4] = struct.pack(">I", zlib.crc32(data[at + 4 : end]))
        at = end + 4


def jpeg(data: bytes) -> Found:
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF or data[at + 1] in (0, 0xFF, *_JPEG_ALONE):
            at += 1
            continue
        length = int.from_bytes(data[at + 2 : at + 4])
        yield Number(at + 2, 2), (at, at + 2 + length)
        if data[at + 1] in (0xC0, 0xC2):
            yield from ((Number(at + place, 2), None) for place in (5, 7))
            yield from ((Number(at + place, 1), None) for place in range(9, 2 + length))
        at += 2 + max(2, length)


def tiff(data: bytes) -> Found:
    order = "little" if data.startswith(b"II") else "big"

    def value(at: int, size: int) -> int:
        return int.from_bytes(data[at : at + size], order)

    at, seen = value(4, 4), set[int]()
    yield Number(4, 4, order), None
    while 0 < at < len(data) and at not in seen:
        seen.add(at)
        count = min(value(at, 2), 100)
        yield Number(at, 2, order), None
        for entry in range(at + 2, at + 2 + 12 * count, 12):
            yield Number(entry, 2, order), (entry, entry + 12)
            yield from ((Number(entry + n, s, order), None) for n, s in ((2, 2), (4, 4), (8, 4)))
        at += 2 + 12 * count
        yield Number(at, 4, order), None
        at = value(at, 4)


def gif(data: bytes) -> Found:
    yield from ((Number(place, 2, "little"), None) for place in (6, 8))
    yield Number(10, 1), None
    at = 13 + (3 << (data[10] & 7) + 1 if len(data) > 10 and data[10] & 0x80 else 0)
    while at + 11 < len(data):
        start = at
        if data[at] == 0x2C:
            yield from ((Number(at + place, 2, "little"), None) for place in (1, 3, 5, 7))
            yield Number(at + 9, 1), None
            at += 11 + (3 << (data[at + 9] & 7) + 1 if data[at + 9] & 0x80 else 0)
        else:
            at += 2
        while at < len(data) and data[at]:
            yield Number(at, 1), None
            at += 1 + data[at]
        at += 1
        yield None, (start, at)


def riff(data: bytes) -> Found:
    yield Number(4, 4, "little"), None
    at = 12
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        yield Number(at + 4, 4, "little"), (at, at + 8 + length)
        if data[at : at + 4] in (b"VP8X", b"ANMF"):
            yield from ((Number(at + 8 + 3 * n, 3, "little"), None) for n in range(min(5, length)))
        else:
            yield from ((Number(at + 8 + place, 2, "little"), None) for place in (1, 6, 8))
        at += 8 + length + length % 2


def boxes(data: bytes, at: int = 0, end: int | None = None) -> Found:
    end = len(data) if end is None else min(end, len(data))
    while at + 8 <= end:
        length = int.from_bytes(data[at : at + 4])
        kind, after = data[at + 4 : at + 8], at + length
        yield Number(at, 4), (at, after)
        if kind in _BOXES_OF_BOXES:
            yield from boxes(data, at + (12 if kind == b"meta" else 8), after)
        if kind in _TABLES_OF_NUMBERS:
            yield from ((Number(n, 2), None) for n in range(at + 8, min(after, end) - 1, 2))
        if length < 8:
            return
        at = after


def head_words(data: bytes) -> Found:
    """The numbers at the start of BMP, TGA and the like; rows of bytes as pieces."""
    for at in range(2, min(54, len(data) - 4), 2):
        yield Number(at, 2, "little"), None
        yield Number(at, 4, "little"), None
    yield from ((None, (at, at + 48)) for at in range(18, len(data) - 48, 48))


_READERS: dict[bytes, Callable[[bytes], Found]] = {
    _PNG: png,
    b"\xff\xd8": jpeg,
    b"II*\0": tiff,
    b"MM\0*": tiff,
    b"GIF8": gif,
    b"RIFF": riff,
}
