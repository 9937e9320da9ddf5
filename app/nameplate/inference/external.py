"""The data files that an ONNX graph keeps its weights in."""

import mmap
import re
from pathlib import Path, PurePosixPath
from typing import Final

from nameplate.domain.errors import ModelError
from nameplate.inference.files import inside

_LOCATION: Final = re.compile(rb"\x0a\x08location\x12([\x01-\x7f])")
"""`StringStringEntryProto` of onnx.proto with the key `location`: field 1 has eight bytes, and
field 2 is as long as the byte that is caught. Names of 128 bytes and more are not met."""


def external_files(folder: Path, graph: str) -> tuple[str, ...]:
    """Return the data files of `graph`, relative to `folder`.

    Raises:
        ModelError: One of them lies outside the folder, or is missing.
    """
    path = folder / graph
    if path.stat().st_size == 0:
        return ()
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        found = {data[m.end() : m.end() + m.group(1)[0]] for m in _LOCATION.finditer(data)}
    home = PurePosixPath(graph).parent
    names = sorted((home / name.decode("utf-8", "replace")).as_posix() for name in found)
    for name in names:
        if ".." in PurePosixPath(name).parts or not inside(folder, name).is_file():
            what = f"keeps weights in “{name}”, which is missing or outside the folder"
            raise ModelError(what, where=str(path), remedy="Put the model's data files beside it.")
    return tuple(names)
