"""Knows which other machines a person agreed to contact: from now on, or for this session."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import platformdirs

from nameplate.storage.folders import own_folder
from nameplate.storage.kept_json import keep, read_kept
from nameplate.system.elsewhere import host_of, is_elsewhere

_MOST_BYTES: Final = 1 << 20

_session: Final = set[str]()
_kept = frozenset[str]()
"""As they were read last: replaced whole, since other threads look at it meanwhile."""


def agree(paths: Iterable[str]) -> None:
    """Remember the machines of paths that a person chose; paths of this machine are passed over."""
    hosts = set(map(host_of, filter(is_elsewhere, paths)))
    kept = _read()
    if hosts - kept:
        keep(_file(), sorted(kept | hosts))
        _read()


def allow(hosts: Iterable[str]) -> None:
    """Let machines be contacted in this session: each as `host_of` has it, or its name alone."""
    for one in hosts:
        starts = ("",) if is_elsewhere(one) else ("https://", "http://", "\\\\")
        _session.update(host_of(start + one) for start in starts)


def agreed() -> frozenset[str]:
    """Return all machines that may be contacted."""
    return _read() | _session


def agreed_as_known() -> frozenset[str]:
    """Return them as the file of those that are kept was read last: for the window's thread."""
    return _kept | _session


def is_agreed(path: str) -> bool:
    """Return whether `path` leads to another machine, which a person agreed to contact."""
    return is_elsewhere(path) and host_of(path) in agreed()


def not_agreed(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the machines of `paths` that nobody agreed to contact; sorted."""
    return tuple(sorted(set(map(host_of, filter(is_elsewhere, paths))) - agreed()))


def forget() -> None:
    """Take back what was agreed."""
    _session.clear()
    _file().unlink(missing_ok=True)
    _read()


def _read() -> frozenset[str]:
    global _kept  # noqa: PLW0603 - it belongs to the process
    empty: list[object] = []
    found = _kept = frozenset(map(str, read_kept(_file(), _MOST_BYTES, empty)))
    return found


def _file() -> Path:
    return own_folder(platformdirs.user_data_path) / "agreed-hosts.json"
