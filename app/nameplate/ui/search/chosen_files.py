"""The files from elsewhere that were searched with on this machine; bounded, safe to delete.

A project may be a stranger's: a path in it is opened only where it was chosen here.
"""

import os
import threading
from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import Final

import platformdirs

from nameplate.storage.folders import own_folder
from nameplate.storage.kept_json import keep, read_kept

MOST: Final = 1000
_LONGEST: Final = 4096
_LARGEST: Final = 32_000_000
"""Bytes; each of the longest paths, with every character escaped."""

_lock = threading.Lock()


def chosen_path() -> Path:
    """Return the file with their paths, in the platform's data folder."""
    return own_folder(platformdirs.user_data_path) / "searched-with.json"


def chosen_files() -> frozenset[PurePath]:
    """Return the files that were chosen on this machine, also in earlier sessions."""
    return frozenset(map(PurePath, _kept()))


def remember_chosen(files: Iterable[PurePath]) -> None:
    """Remember files as chosen, in place of those that were chosen first where there are many."""
    texts = [text for text in map(os.fspath, files) if len(text) <= _LONGEST]
    with _lock:
        kept = _kept()
        if not set(texts) <= set(kept):
            keep(chosen_path(), list(dict.fromkeys([*kept, *texts]))[-MOST:])


def _kept() -> list[str]:
    found = read_kept(chosen_path(), _LARGEST, list[object]())
    return [one for one in found if isinstance(one, str)]
