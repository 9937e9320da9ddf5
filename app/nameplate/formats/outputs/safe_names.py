"""Makes safe names of files and folders from any text.

What a label is called exactly is written beside the folders, so that it comes back on import.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Final, cast

from nameplate.storage.kept_json import read_json

NAMES_FILE: Final = "nameplate-names.json"
"""The file beside class folders that says which label each folder stands for."""

PICTURES_FILE: Final = "nameplate-pictures.jsonl"
"""The file beside class folders that says which picture each file is, an object a line."""

MOST_BYTES: Final = 120
"""Of a name in UTF-8; systems allow 255 bytes, and some 143, and endings are added."""

_MOST_FILE: Final = 16_000_000
_UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\ud800-\udfff]')
_HIDDEN: Final = re.compile("^__+")
"""How names begin that `datasets` passes over."""

_RESERVED: Final = frozenset((
    "con", "prn", "aux", "nul", "conin$", "conout$",
    *(f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³"),
))  # fmt: skip


def safe_name(text: str) -> str:
    """Return `text` as the name of a file or folder on every system; never empty.

    Different texts may give the same name; see `folder_names` and `FreeNames`.
    """
    name = _UNSAFE.sub("_", unicodedata.normalize("NFC", text))
    encoded = name.encode()[:MOST_BYTES]
    name = encoded.decode("utf-8", "ignore").strip(" .")
    name = _HIDDEN.sub("_", name)
    if not name or name.split(".")[0].strip().casefold() in _RESERVED or name[0] in "-~":
        name = f"_{name}"
    return name


class FreeNames:
    """Gives unique names in one folder, also on systems that ignore case."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(map(_key, taken))

    def take(self, name: str) -> str:
        """Return a safe name, with a number before its ending if it is taken."""
        safe = PurePosixPath(safe_name(name))
        ending = safe.suffix if len(safe.suffix) < MOST_BYTES // 2 else ""
        stem, found, number = safe.name.removesuffix(ending), safe.name, 1
        while _key(found) in self._taken:
            number += 1
            found = f"{stem}-{number}{ending}"
        self._taken.add(_key(found))
        return found


def folder_names(labels: Iterable[str], reserved: Iterable[str] = ()) -> dict[str, str]:
    """Return the name of a folder for each of `labels`; no two are the same on any system.

    Args:
        labels: In any order.
        reserved: Names that none of them gets.
    """
    free = FreeNames([NAMES_FILE, PICTURES_FILE, *reserved])
    ordered = sorted(set(labels), key=lambda label: (label != safe_name(label), label))
    return {label: free.take(label) for label in ordered}  # exact ones keep their name


def names_content(folders: Mapping[str, str]) -> bytes:
    """Return the content of `NAMES_FILE` for an export's folders (label -> folder)."""
    of_folder = {folder: label for label, folder in folders.items()}
    return json.dumps({"folders": of_folder}, ensure_ascii=False, indent=1).encode()


def read_names(root: Path) -> dict[str, str]:
    """Return folder -> label for the folders in `root`; empty without a usable `NAMES_FILE`."""
    try:
        values = read_json(root / NAMES_FILE, _MOST_FILE)
    except (OSError, ValueError):
        return {}
    match values:
        case {"folders": dict()}:
            found = cast("dict[str, dict[str, object]]", values)["folders"]
            return {name: label for name, label in found.items() if isinstance(label, str)}
        case _:
            return {}


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
