"""Finds the recent projects, to continue with."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nameplate.domain.progress import CancelToken
from nameplate.project.file import store
from nameplate.project.file.integrity import DamagedProjectError, ProjectError
from nameplate.project.file.store import ENDING
from nameplate.storage.lock import locked

MOST_RECENT: Final = 200
"""Projects that are looked into, the last ones, and so offered at most."""

_FIRST: Final = 8
"""Projects that are offered before the others are looked into: they fill the start page."""


@dataclass(frozen=True, slots=True)
class RecentProject:
    """A project to continue with.

    Attributes:
        path: Its file.
        changed_at: When that was changed, in seconds since 1970, UTC.
        summary: What it is about; None where the file is damaged.
        is_named: Whether a person gave it a name.
    """

    path: Path
    changed_at: float
    summary: store.Summary | None
    is_named: bool


def recent_projects(
    named: Sequence[Path], folder: Path, but: Path, cancel: CancelToken
) -> Iterator[list[RecentProject]]:
    """Yield the recently changed projects that no window has open, newest first.

    The first ones are yielded as soon as they are known, then all. Those with nothing but pictures
    come last. One without a name in which nothing is left, as after undo, is none to go on with.

    Args:
        named: Files of projects that a person gave a name, which may be gone.
        folder: Where projects without a name are kept.
        but: Not this one.
        cancel: Ends it early.
    """
    found, unworked = list[RecentProject](), list[RecentProject]()
    for path, changed_at in _free(named, folder, but):
        if cancel.is_cancelled:
            return
        summary, is_named = None, path in named
        with suppress(ProjectError, OSError):
            with suppress(DamagedProjectError), _opened(path) as db:
                summary = store.summary(db, path)
            one = RecentProject(path, changed_at, summary, is_named)
            if is_named or summary is None or summary.decided or summary.concepts:
                found.append(one)
                if len(found) == _FIRST:
                    yield list(found)
            elif summary.images:
                unworked.append(one)
    yield [*found, *unworked]


@dataclass(frozen=True, slots=True)
class KnownFolder:
    """A project in which a person decided about some pictures of a folder.

    Attributes:
        changed_at: When its file was changed, in seconds since 1970, UTC.
    """

    path: Path
    changed_at: float
    decided: int


def known_folder(
    pictures: Path, named: Sequence[Path], folder: Path, but: Path
) -> KnownFolder | None:
    """Return the project with most decisions about pictures in a folder, the newest of equals."""
    best: KnownFolder | None = None
    for path, changed_at in _free(named, folder, but):
        with suppress(ProjectError, OSError):
            with _opened(path) as db:
                decided = store.decided_in(db, path, str(pictures.absolute()))
            if decided > (best.decided if best else 0):
                best = KnownFolder(path, changed_at, decided)
    return best


def _free(named: Sequence[Path], folder: Path, but: Path) -> Iterator[tuple[Path, float]]:
    """Yield the projects that no window has open, and when each was changed, newest first."""
    times = dict[Path, float]()
    for path in {*named, *folder.glob(f"*{ENDING}")}:
        with suppress(OSError):
            times[path] = path.stat().st_mtime
    for path in sorted(times, key=times.__getitem__, reverse=True)[:MOST_RECENT]:
        with suppress(OSError):
            if path != but and _is_free(path):
                yield path, times[path]


def _is_free(path: Path) -> bool:
    """Return whether no window has a project open; in a read-only folder, assume so."""
    lock = path.with_name(f".{path.name}.lock")
    if not lock.exists():
        return True
    with locked(lock) as is_free:
        return is_free


def _opened(path: Path) -> AbstractContextManager[sqlite3.Connection]:
    return closing(store.open_file(path, read_only=True, is_light=True))
