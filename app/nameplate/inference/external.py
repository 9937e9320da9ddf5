"""Finds the external data files of an ONNX graph, which hold its weights.

The `onnx` package is no run-time dependency, so the protobuf is parsed here: only the fields of
onnx.proto that lead to file names; all others, weights above all, are skipped.
"""

import mmap
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from nameplate.domain.errors import ModelError
from nameplate.inference.files import inside
from nameplate.system.opening import open_regular

Paths = dict[int, "Paths | None"]
"""Numbers of fields with messages -> the paths inside those; None: an external data entry."""

# onnx.proto: TensorProto.external_data; its StringStringEntryProto has key 1 and value 2.
_TENSOR: Final[Paths] = {13: None}
_SPARSE: Final[Paths] = {1: _TENSOR, 2: _TENSOR}
_ATTRIBUTE: Final[Paths] = {5: _TENSOR, 10: _TENSOR, 22: _SPARSE, 23: _SPARSE}
_NODE: Final[Paths] = {5: _ATTRIBUTE}
_GRAPH: Final[Paths] = {1: _NODE, 5: _TENSOR, 15: _SPARSE}
_ATTRIBUTE.update({6: _GRAPH, 11: _GRAPH})  # the branches of an If, the body of a Loop
_FUNCTION: Final[Paths] = {7: _NODE, 11: _ATTRIBUTE}
MODEL: Final[Paths] = {7: _GRAPH, 20: {1: _GRAPH, 2: _GRAPH}, 25: _FUNCTION}

_KEY, _VALUE = 1, 2
_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5
_LARGEST: Final = 1 << 31
MAX_DEPTH: Final = 100
MAX_FIELDS: Final = 2_000_000
"""Of a graph; one of 10,000 nodes has 300,000. Each takes a microsecond."""

LONGEST_NAME: Final = 4096


def external_files(folder: Path, graph: str) -> tuple[str, ...]:
    """Return the data files of `graph`, relative to `folder`.

    Raises:
        ModelError: One of them lies outside the folder, or is missing; or the graph is damaged, or
            written in a way in which weights could be hidden from this search.
    """
    path = folder / graph
    if path.stat().st_size == 0:
        return ()
    with (
        open_regular(path) as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data,
    ):
        try:
            found = set(_locations(_Fields(data, MAX_FIELDS), 0, len(data), MODEL, 0))
        except _TooManyError as error:
            raise ModelError("too-many-fields", where=str(path), most=MAX_FIELDS) from error
        except _UnreadableError as error:
            raise ModelError("no-onnx", where=str(path)) from error
    home = PurePosixPath(graph).parent
    names = sorted((home / name.decode("utf-8", "replace")).as_posix() for name in found)
    for name in names:
        plain = PurePosixPath(name)
        is_inside = not plain.is_absolute() and ".." not in plain.parts
        if not is_inside or not _is_file(inside(folder, name)):
            raise ModelError("weights-elsewhere", where=str(path), file=name[:200])
    return tuple(names)


class _TooManyError(Exception):
    """A graph has more than `MAX_FIELDS`."""


class _UnreadableError(Exception):
    """Bytes that no exporter writes, and that the runtime could read otherwise than this search.

    Such as a group, a kind of field that ONNX does not have: the runtime skips it and reads on.
    """


@dataclass
class _Fields:
    """The bytes of a graph, and how many fields may still be parsed."""

    data: mmap.mmap
    left: int


def _locations(graph: _Fields, start: int, end: int, paths: Paths, depth: int) -> Iterator[bytes]:
    """Yield the file names in the message between `start` and `end`."""
    if depth > MAX_DEPTH:
        raise _UnreadableError
    for field, first, last in _fields(graph, start, end):
        if field not in paths:
            continue
        inner = paths[field]
        if inner is not None:
            yield from _locations(graph, first, last, inner, depth + 1)
            continue
        parts = _fields(graph, first, last)
        entry = {f: graph.data[a : min(b, a + LONGEST_NAME)] for f, a, b in parts}
        if entry.get(_KEY) == b"location":
            yield entry.get(_VALUE, b"")


def _fields(graph: _Fields, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield number, start and end of the length-delimited fields of a protobuf message.

    Raises:
        _TooManyError: The limit of fields is reached.
        _UnreadableError: It is none.
    """
    data, position = graph.data, start
    while position < end:
        graph.left -= 1
        if graph.left < 0:
            raise _TooManyError
        tag, position = _number(data, position, end)
        kind, size = tag & 7, 0
        if kind == _LENGTH:
            size, position = _number(data, position, end)
        elif kind == _VARINT:
            _, position = _number(data, position, end)
        elif kind in {_EIGHT_BYTES, _FOUR_BYTES}:
            size = 8 if kind == _EIGHT_BYTES else 4
        # Of a tag or a size that is larger protobuf takes the lowest bits, or nothing.
        if not 8 <= tag < 2 * _LARGEST or size >= _LARGEST or position + size > end:
            raise _UnreadableError
        if kind not in {_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES}:
            raise _UnreadableError
        if kind == _LENGTH:
            yield tag >> 3, position, position + size
        position += size


def _number(data: mmap.mmap, position: int, end: int) -> tuple[int, int]:
    """Return the varint at `position` (seven bits a byte, lowest first), and its end."""
    number = shift = 0
    while position < end and shift < 70:
        byte = data[position]
        position += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return number, position
    raise _UnreadableError


def _is_file(path: Path) -> bool:
    return os.path.isfile(path)  # noqa: PTH113 - Path's own raises for a name that is too long
