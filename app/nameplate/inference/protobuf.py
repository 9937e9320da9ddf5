"""The wire format of protobuf, in which ONNX graphs are stored: the fields of a message.

The `onnx` package is no run-time dependency.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from mmap import mmap
from typing import Final

VARINT: Final = 0
LENGTH: Final = 2
"""Kinds of fields: a number, and bytes with their length."""

_EIGHT_BYTES, _FOUR_BYTES = 1, 5
GRAPH, OUTPUT, NAME = 7, 12, 1  # of a ModelProto, a GraphProto and a ValueInfoProto
LARGEST: Final = 1 << 31
"""Bytes that a message has not."""

Field = tuple[int, int, int, int, int]
"""Number and kind of a field; where it begins, and where its content begins and ends."""


class TooManyFieldsError(Exception):
    """A message has more fields than may be parsed."""


class UnreadableError(Exception):
    """Bytes that no exporter writes, and that the runtime could read otherwise than `fields`.

    Such as a group, a kind of field that ONNX does not have: the runtime skips it and reads on.
    """


@dataclass
class Bytes:
    """The bytes of a graph, and how many fields may still be parsed."""

    data: mmap | bytes
    left: int


def fields(graph: Bytes, start: int, end: int) -> Iterator[Field]:
    """Yield the fields of the message between `start` and `end`.

    Raises:
        TooManyFieldsError: The limit of fields is reached.
        UnreadableError: It is no message.
    """
    position = start
    while position < end:
        graph.left -= 1
        if graph.left < 0:
            raise TooManyFieldsError
        begin = position
        tag, position = number_at(graph.data, position, end)
        first, kind, size = position, tag & 7, 0
        if kind == LENGTH:
            size, position = number_at(graph.data, position, end)
            first = position
        elif kind == VARINT:
            _, position = number_at(graph.data, position, end)
        elif kind in {_EIGHT_BYTES, _FOUR_BYTES}:
            size = 8 if kind == _EIGHT_BYTES else 4
        # Of a tag or a size that is larger protobuf takes the lowest bits, or nothing.
        if not 8 <= tag < 2 * LARGEST or size >= LARGEST or position + size > end:
            raise UnreadableError
        if kind not in {VARINT, _EIGHT_BYTES, LENGTH, _FOUR_BYTES}:
            raise UnreadableError
        position += size
        yield tag >> 3, kind, begin, first, position


def number_at(data: mmap | bytes, position: int, end: int) -> tuple[int, int]:
    """Return the varint at `position` (seven bits a byte, lowest first), and its end."""
    number = shift = 0
    while position < end and shift < 70:
        byte = data[position]
        position += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return number, position
    raise UnreadableError


def message(field: int, content: bytes) -> bytes:
    """Return a field with bytes, such as a message inside another."""
    return varint(field << 3 | LENGTH) + varint(len(content)) + content


def with_outputs(graph: bytes, tensors: Sequence[str]) -> bytes:
    """Return an ONNX model with inner tensors of its graph as further outputs.

    A second graph with nothing but outputs is appended: protobuf merges it into the first.
    """
    added = b"".join(message(OUTPUT, message(NAME, name.encode())) for name in tensors)
    return graph + message(GRAPH, added) if added else graph


def varint(number: int) -> bytes:
    """Return a number that is not negative as a varint; see `number_at`."""
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])
