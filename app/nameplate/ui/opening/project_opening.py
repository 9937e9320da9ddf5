"""Opens a project for the window, off its thread; and the names of those that were open."""

import datetime as dt
import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSettings

from nameplate.project.file import backups
from nameplate.project.file.autosave import OnTrouble, ProjectFile
from nameplate.project.file.database import real_path
from nameplate.project.file.integrity import (
    OPEN_ELSEWHERE,
    DamagedProjectError,
    LockedProjectError,
    ProjectError,
)
from nameplate.project.file.recent import MOST_RECENT
from nameplate.project.file.store import ENDING
from nameplate.wording.texts import sentences, tr

_RECENT: Final = "project/recent"
"""Key of the setting that lists the projects with a name that were used last."""

_RESCUED: Final = "project/rescued"
"""Key of the setting that lists what was written elsewhere, until a person was told."""

_MOST_RESCUED: Final = 8


@dataclass(frozen=True, slots=True)
class Opened:
    """A project that was opened.

    Attributes:
        notice: What stands above it as long as it is open; may be empty.
    """

    file: ProjectFile
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A project that cannot be worked on where it is.

    Attributes:
        source: What a copy to go on with can be made of; None where there is nothing.
        changed_at: When `source` was written last, in seconds.
    """

    path: Path
    error: ProjectError
    source: Path | None
    changed_at: float = 0.0


class NamesOfProjects:
    """The projects with a name that were used last, and those rescued, in the settings."""

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings

    @property
    def paths(self) -> list[Path]:
        """Their files, the last one first."""
        return list(map(Path, self._list(_RECENT)))

    def note(self, path: Path) -> None:
        """Put a project before the others."""
        paths = [path, *(other for other in self.paths if other != path)][:MOST_RECENT]
        self._put(_RECENT, list(map(str, paths)))

    def note_rescued(self, rescued: Sequence[tuple[str, Path]]) -> None:
        """Keep the names of projects that were not saved, and where they were written instead."""
        both = dict.fromkeys([*self._rescued(), *rescued])
        texts = [text for name, path in both for text in (name, str(path))]
        self._put(_RESCUED, texts[-2 * _MOST_RESCUED :])

    def take_rescued(self) -> list[tuple[str, Path]]:
        """Return and forget the rescue copies of `note_rescued` that still exist."""
        if rescued := self._rescued():
            self._settings.remove(_RESCUED)
        return [(name, path) for name, path in rescued if path.exists()]

    def _rescued(self) -> list[tuple[str, Path]]:
        texts = self._list(_RESCUED)
        return [(name, Path(path)) for name, path in zip(texts[::2], texts[1::2], strict=False)]

    def _list(self, key: str) -> list[str]:
        try:
            return list(map(str, json.loads(str(self._settings.value(key) or "[]"))))
        except (ValueError, TypeError):
            return []

    def _put(self, key: str, texts: list[str]) -> None:
        # As text: a list of one would come back as something else.
        self._settings.setValue(key, json.dumps(texts))


def new_path(folder: Path, ending: str = ENDING) -> Path:
    """Return an unused path for a new file, by default a project, named after the time."""
    now = dt.datetime.now().astimezone()
    name = f"{now:%Y-%m-%d %H.%M.%S} {secrets.token_hex(3)}"
    return folder / f"{name}{ending}"


def opened(path: Path, now: Path, copy: Path, on_trouble: OnTrouble) -> Iterator[Opened | Refused]:
    """Yield the project in a file, or why it cannot be worked on.

    Args:
        path: The file; nothing is yielded if it is that of `now`.
        now: The file of the window's project.
        copy: Where the project is copied to if its file cannot be written.
        on_trouble: Told when nothing can be written into the file that is opened.

    Raises:
        ProjectError: It is not there, no project, or of a newer Nameplate.
    """
    path = real_path(path)
    if path == now:
        return
    try:
        yield Opened(ProjectFile.open(path, on_trouble))
    except LockedProjectError as error:
        if error.reason.code == OPEN_ELSEWHERE:
            yield Refused(path, error, path)
        else:
            notice = sentences(
                tr("{name} is read-only, so this is a copy.", name=path.name),
                tr("Save it where you want it."),
            )
            yield Opened(ProjectFile.copy(path, copy, on_trouble), notice)
    except DamagedProjectError as error:
        backup = backups.backup_of(path)
        try:
            yield Refused(path, error, backup, backup.stat().st_mtime)
        except OSError:
            yield Refused(path, error, None)
