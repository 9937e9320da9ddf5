"""Finds the external data files of an ONNX graph, which hold its weights.

Only the fields of onnx.proto that lead to file names are parsed; all others, weights above all, are
skipped.
"""

import mmap
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from nameplate.domain.errors import ModelError
from nameplate.inference.model_files import inside
from nameplate.inference.protobuf import LENGTH, Bytes, TooManyFieldsError, UnreadableError, fields
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
            found = set(_locations(Bytes(data, MAX_FIELDS), 0, len(data), MODEL, 0))
        except TooManyFieldsError as error:
            raise ModelError("too-many-fields", where=str(path), most=MAX_FIELDS) from error
        except UnreadableError as error:
            raise ModelError("no-onnx", where=str(path)) from error
    home = PurePosixPath(graph).parent
    names = sorted((home / name.decode("utf-8", "replace")).as_posix() for name in found)
    for name in names:
        plain = PurePosixPath(name)
        is_inside = not plain.is_absolute() and ".." not in plain.parts
        # Path's own raises for a name that is too long.
        if not is_inside or not os.path.isfile(inside(folder, name)):  # noqa: PTH113
            raise ModelError("weights-elsewhere", where=str(path), file=name[:200])
    return tuple(names)


def _locations(graph: Bytes, start: int, end: int, paths: Paths, depth: int) -> Iterator[bytes]:
    """Yield the file names in the message between `start` and `end`."""
    if depth > MAX_DEPTH:
        raise UnreadableError
    for field, kind, _, first, last in fields(graph, start, end):
        if kind != LENGTH or field not in paths:
            continue
        inner = paths[field]
        if inner is not None:
            yield from _locations(graph, first, last, inner, depth + 1)
            continue
        entry = {
            number: graph.data[begin : min(end, begin + LONGEST_NAME)]
            for number, kind, _, begin, end in fields(graph, first, last)
            if kind == LENGTH
        }
        if entry.get(_KEY) == b"location":
            yield entry.get(_VALUE, b"")
