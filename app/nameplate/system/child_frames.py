"""Frames between a process and its children: JSON values and raw bytes, length first."""

import json
import struct
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, cast

from nameplate.domain.errors import NameplateError
from nameplate.domain.messages import as_json, of_json

_LENGTHS: Final = struct.Struct(">IQ")
_LARGEST_VALUES: Final = 10_000_000
_LONGEST_PLACE: Final = 10_000
_LARGEST_BLOB: Final = 64_000_000
"""Bytes; a picture of 1,600 x 1,600 pixels has 8 million."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A request or an answer: JSON values by name, and raw bytes, such as pixels."""

    values: Mapping[str, Any]
    blob: bytes = b""


Room = Callable[[tuple[int, int], int], AbstractContextManager[None]]
"""Reserves bytes for a picture of a size (width, height) while it is decoded; see
`memory.room_for`."""

Task = Callable[[Mapping[str, Any], Room], Frame]
"""Is done in a child process, which finds it by its name: it takes the arguments of a request, and
what asks the parent for memory."""


def write_frame(stream: BinaryIO, frame: Frame) -> None:
    """Write a frame."""
    values = json.dumps(dict(frame.values)).encode()
    stream.write(_LENGTHS.pack(len(values), len(frame.blob)) + values)
    stream.write(frame.blob)
    stream.flush()


def read_frame(stream: BinaryIO) -> Frame:
    """Wait for a frame of `write_frame` and read it.

    Raises:
        EOFError: The other side ended.
        ValueError: It sends something else.
    """
    value_bytes, blob_bytes = _LENGTHS.unpack(_exactly(stream, _LENGTHS.size))
    if value_bytes > _LARGEST_VALUES or blob_bytes > _LARGEST_BLOB:
        raise ValueError("too large to be a frame")
    values: object = json.loads(_exactly(stream, value_bytes))
    if not isinstance(values, dict):
        raise ValueError("no JSON object")  # noqa: TRY004 - as all that cannot be read
    return Frame(cast("dict[str, Any]", values), _exactly(stream, blob_bytes))


def values_of(error: NameplateError) -> dict[str, object]:
    """Return an error as JSON values."""
    return {"reason": as_json(error.reason), "where": str(error.where)}


def error_of(values: Any, kind: type[NameplateError]) -> NameplateError:
    """Return an error of the expected `kind`, with the reason in `values`, if any."""
    try:
        return kind(of_json(values["reason"]), where=str(values["where"])[:_LONGEST_PLACE])
    except (LookupError, TypeError, ValueError):
        return kind("failed")


def _exactly(stream: BinaryIO, count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise EOFError
    return data
