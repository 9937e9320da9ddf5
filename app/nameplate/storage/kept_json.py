"""Small JSON files of the program's own: bounded, private, safe to delete."""

import json
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from nameplate.domain.errors import OutputError
from nameplate.storage.atomic import write_bytes
from nameplate.storage.folders import make_private_folder
from nameplate.system.opening import open_regular

T = TypeVar("T", list[object], dict[str, object])


def read_json(path: Path, limit: int, *, follow_links: bool = True) -> object:
    """Return the content of a JSON file of at most `limit` bytes; links as `open_regular` has it.

    Raises:
        OSError: It cannot be read; FileNotFoundError where there is none.
        ValueError: It is larger, or no JSON.
    """
    with open_regular(path, follow_links=follow_links) as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise ValueError("too large")
    try:
        return json.loads(data)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def read_kept(path: Path, limit: int, empty: T) -> T:
    """Read a value that `keep` wrote; `empty` if it is missing, damaged or of another type."""
    try:
        found = read_json(path, limit)
    except (OSError, ValueError):
        return empty
    return found if isinstance(found, type(empty)) else empty


def keep(path: Path, value: object) -> None:
    """Write `value` to a file that only this user can read; on failure keep the old file."""
    with suppress(OSError, OutputError):
        make_private_folder(path.parent)
        write_bytes(path, json.dumps(value, indent=0).encode(), is_private=True)
