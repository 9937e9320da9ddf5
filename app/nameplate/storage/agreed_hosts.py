"""Remembers which other machines a person agreed to contact, by opening something there."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import platformdirs

from nameplate.storage.folders import own_folder
from nameplate.storage.kept_json import keep, read_kept
from nameplate.system.elsewhere import host_of, is_elsewhere

_MOST_BYTES: Final = 1 << 20


def agree(paths: Iterable[str]) -> None:
    """Remember the machines of paths that a person chose; paths of this machine are passed over."""
    if new := set(map(host_of, filter(is_elsewhere, paths))) - _agreed():
        keep(_file(), sorted(_agreed() | new))


def not_agreed(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the machines of `paths` that nobody agreed to contact; sorted."""
    hosts = set(map(host_of, filter(is_elsewhere, paths)))
    return tuple(sorted(hosts - _agreed())) if hosts else ()


def _agreed() -> set[str]:
    empty: list[object] = []
    return set(map(str, read_kept(_file(), _MOST_BYTES, empty)))


def _file() -> Path:
    return own_folder(platformdirs.user_data_path) / "agreed-hosts.json"
