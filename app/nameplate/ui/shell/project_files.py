"""The file of the window's project: created at its first step, or opened."""

import datetime as dt
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from nameplate.domain.changes import Effects
from nameplate.project import store
from nameplate.project.autosave import ProjectFile
from nameplate.project.store import ENDING, ProjectError
from nameplate.storage.folders import projects_folder
from nameplate.storage.lock import locked
from nameplate.ui.controller import Controller
from nameplate.ui.jobs.jobs import JobRunner
from nameplate.ui.widgets.message_bar import MessageBar

_WAIT: Final = 0.1
"""Longest wait in seconds for a decision to be written before it is shown; most take 2 ms."""

_MANY: Final = 1000
_WAIT_FOR_MANY: Final = 0.3
"""The same for more than `_MANY` labels, where a delay is expected; 50,000 take 0.1 s."""


@dataclass(frozen=True, slots=True)
class LastProject:
    """The most recent project, offered for opening."""

    path: Path
    summary: store.Summary


class ProjectFiles(QObject):
    """Keeps the window's project in a file, and opens others.

    Signals:
        opened: Another project was opened; its path.
        last_found: The `LastProject`.
        trouble_changed: Of which file, as `_begun` counts them, and why nothing can be written into
            it now; empty when all is written.
    """

    opened = Signal(object)
    last_found = Signal(object)
    trouble_changed = Signal(int, str)

    def __init__(self, controller: Controller, messages: MessageBar) -> None:
        super().__init__(controller)
        self._controller = controller
        self._messages = messages
        self._trouble = ""
        self._begun = 0
        self._runner, self._closing = JobRunner("project", self), JobRunner("close", self)
        self._runner.event_arrived.connect(self._on_event)
        self._runner.failed.connect(self._on_failed)
        self.trouble_changed.connect(self._on_trouble)
        controller.changed.connect(self._on_changed)
        self._file = ProjectFile.begin(_new_path(), controller.project, self._teller(0))

    @property
    def title(self) -> str:
        """The window title: the name of the project."""
        path = self._file.path
        is_unnamed = path.parent == projects_folder().resolve()
        return "" if is_unnamed else path.name.removesuffix(ENDING)

    @property
    def may_close(self) -> bool:
        """Whether all steps are written, or can be at once."""
        return not (self._trouble and self._file.unwritten)

    def look_for_last(self) -> None:
        """Look for the unnamed project changed last; `last_found` follows if there is one."""
        self._runner.start(lambda _cancel: _last(self._file.path))

    def open(self, path: Path) -> None:
        """Open a project file in place of the open one, which is kept."""
        if not self.may_close:
            self._messages.warn("What you did here is not saved yet; then another can be opened.")
            return
        if self._runner.is_running or path.resolve() == self._file.path:
            return
        self._begun += 1
        on_trouble = self._teller(self._begun)
        self._runner.start(lambda _cancel: iter([ProjectFile.open(path, on_trouble)]))

    def shut_down(self) -> None:
        """Write pending steps and close the file; if writing fails, drop them."""
        self._runner.shut_down()
        self._closing.shut_down()
        self._file.close(0 if self._trouble else None)

    def _teller(self, number: int) -> Callable[[str], None]:
        """Return a callback that reports errors of that file on the GUI thread."""
        return lambda why: self.trouble_changed.emit(number, why)

    @Slot(object)
    def _on_event(self, event: object) -> None:
        if isinstance(event, LastProject):
            self.last_found.emit(event)
        elif isinstance(event, ProjectFile):
            before, self._file, self._trouble = self._file, event, ""
            self._controller.open_project(event.project)  # no step goes to the one before now
            self._closing.start(lambda _cancel: iter([before.close()]))
            self.opened.emit(event.path)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._messages.warn(f"The project was not opened. {error}")

    @Slot(int, str)
    def _on_trouble(self, number: int, why: str) -> None:
        if number != self._begun:
            return
        self._trouble = why
        if why:
            self._say_trouble()
        else:
            self._messages.tell("Everything is saved again.", is_reply=True)

    @Slot(object)
    def _on_changed(self, effects: Effects) -> None:
        """Wait briefly for the write, so that the next paint shows stored data."""
        if self._trouble:
            self._say_trouble()  # the bar is cleared by each step
        elif len(effects.labelled):
            is_bulk = len(effects.labelled) > _MANY
            self._file.flush(_WAIT_FOR_MANY if is_bulk else _WAIT)

    def _say_trouble(self) -> None:
        self._messages.warn(
            f"What you do is not being saved: {self._trouble} ({self._file.path}). Go on working: "
            "it is tried again every few seconds, and kept in memory until then."
        )


def _new_path() -> Path:
    """Return an unused path for a new project, named after the time."""
    now = dt.datetime.now().astimezone()
    name = f"{now:%Y-%m-%d %H.%M.%S} {secrets.token_hex(3)}"
    return projects_folder() / f"{name}{ENDING}"


def _last(but: Path) -> Iterator[LastProject]:
    """Yield the project changed last, if one can be read."""
    try:
        files = sorted(projects_folder().glob(f"*{ENDING}"), key=os.path.getmtime, reverse=True)
    except OSError:
        return
    for path in files:
        try:
            with locked(path.with_name(f".{path.name}.lock")) as is_free:
                if not is_free or path.resolve() == but:
                    continue
            with closing(store.open_file(path, read_only=True)) as db:
                yield LastProject(path, store.summary(db, path))
        except (ProjectError, OSError):
            continue
        return
