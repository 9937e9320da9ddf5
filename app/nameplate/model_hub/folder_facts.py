"""Caches the manifests derived from model folders, while their files stay unchanged.

One small file in the cache folder: safe to delete; an entry counts only for
the same mark of the folder's files, and is parsed like a manifest.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import platformdirs

from nameplate.storage.folders import own_folder
from nameplate.storage.kept_json import keep, read_kept

MOST_FOLDERS: Final = 50
LARGEST_FILE: Final = 5_000_000
"""Bytes; a manifest has 2,000."""

MOST_FILES: Final = 2_000
"""The most files of a folder that gets a mark."""


def facts_path() -> Path:
    """Return the file of the cache, which need not exist."""
    return own_folder(platformdirs.user_cache_path) / "model-folders.json"


def mark_of(folder: Path, version: str) -> str | None:
    """Return a digest that changes when a file in `folder` is changed, replaced, added or deleted.

    It covers each file's name, size, times of the last change of the content and of the entry, and
    number on the disk; the entry's time cannot be set back as the content's can.

    Args:
        folder: To look at; its files are not opened.
        version: Of the code that derives the text; another one gives another mark.

    Returns:
        Hexadecimal digits; None where the folder cannot be read or has too many files.
    """
    try:
        found = list(_entries(os.fspath(folder)))
    except OSError:
        return None
    if len(found) > MOST_FILES:
        return None
    return hashlib.sha256(json.dumps([version, sorted(found)]).encode()).hexdigest()


def recall(folder: Path, mark: str) -> str | None:
    """Return the text cached for `folder`; None if there is none with this mark."""
    match _kept().get(_key(folder)):
        case [str(kept_mark), str(text)] if kept_mark == mark:
            return text
        case _:
            return None


def remember(folder: Path, mark: str, text: str) -> None:
    """Cache `text` for `folder`, dropping the least recently used of too many.

    Where it cannot be written it is not kept.
    """
    facts = _kept()
    facts.pop(_key(folder), None)
    facts[_key(folder)] = [mark, text]
    keep(facts_path(), dict(list(facts.items())[-MOST_FOLDERS:]))


def _kept() -> dict[str, object]:
    return read_kept(facts_path(), LARGEST_FILE, dict[str, object]())


def _key(folder: Path) -> str:
    return os.path.realpath(folder)


def _entries(folder: str) -> Iterator[tuple[str | int, ...]]:
    """Yield the path and status of each file; one more than MOST_FILES at most."""
    count = 0
    for place, _, names in os.walk(folder, onerror=_raise):
        for name in names:
            path = os.path.join(place, name)  # noqa: PTH118 - names need not be text
            status = os.stat(path)  # noqa: PTH116 - likewise
            numbers = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
            yield os.path.relpath(path, folder), *numbers
            count += 1
            if count > MOST_FILES:
                return


def _raise(error: OSError) -> None:
    raise error
