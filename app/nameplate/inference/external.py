"""The data files that an ONNX graph keeps its weights in."""

import mmap
import os
import re
from pathlib import Path, PurePosixPath
from typing import Final

from nameplate.domain.errors import ModelError
from nameplate.inference.files import inside

_LOCATION: Final = re.compile(rb"\x0a\x08location\x12([\x80-\xff]{0,4}[\x00-\x7f])")
"""`StringStringEntryProto` of onnx.proto with the key `location`: field 1 has eight bytes, and
field 2 is as long as what is caught says, seven bits a byte, the lowest first."""

LONGEST_NAME: Final = 4096


def external_files(folder: Path, graph: str) -> tuple[str, ...]:
    """Return the data files of `graph`, relative to `folder`.

    Raises:
        ModelError: One of them lies outside the folder, or is missing.
    """
    path = folder / graph
    if path.stat().st_size == 0:
        return ()
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        found = {
            data[m.end() : m.end() + min(_number(m.group(1)), LONGEST_NAME)]
            for m in _LOCATION.finditer(data)
        }
    home = PurePosixPath(graph).parent
    names = sorted((home / name.decode("utf-8", "replace")).as_posix() for name in found)
    for name in names:
        plain = PurePosixPath(name)
        is_inside = not plain.is_absolute() and ".." not in plain.parts
        if not is_inside or not _is_file(inside(folder, name)):
            what = f"keeps weights in “{name[:200]}”, which is missing or outside the folder"
            raise ModelError(what, where=str(path), remedy="Put the model's data files beside it.")
    return tuple(names)


def _number(varint: bytes) -> int:
    """Return the number that protobuf wrote as `varint`."""
    return sum((byte & 0x7F) << (7 * place) for place, byte in enumerate(varint))


def _is_file(path: Path) -> bool:
    return os.path.isfile(path)  # noqa: PTH113 - Path's own raises for a name that is too long
