"""The file of the window's project: created at its first step, or opened."""

import datetime as dt
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QSettings, Signal, Slot

from nameplate.domain.changes import Effects, Settings
from nameplate.domain.messages import Message
from nameplate.project import store
from nameplate.project.autosave import ProjectFile
from nameplate.project.project import Project
from nameplate.project.store import ENDING, ProjectError
from nameplate.storage.folders import projects_folder
from nameplate.storage.lock import locked
from nameplate.ui.controller import Controller
from nameplate.ui.jobs.jobs import JobRunner
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.wording.texts import error_text, text_of, what_of

_LAST_NAMED: Final = "project/last"
"""Key of the setting that says which project with a name was used last."""

_PATIENCE: Final = 10.0
"""Seconds that closing waits at most: a drive that never answers must not keep the program."""

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
        moved: The project is kept in another file; its path.
        trouble_said: The project cannot be saved now, or can be again.
        last_found: The `LastProject`.
        trouble_changed: Of which file, as `_begun` counts them, and why nothing can be written into
            it now, a `Message`; None when all is written.
    """

    opened = Signal(object)
    moved = Signal(object)
    trouble_said = Signal()
    last_found = Signal(object)
    _move_ended = Signal(object)
    trouble_changed = Signal(int, object)

    def __init__(
        self,
        controller: Controller,
        messages: MessageBar,
        settings: QSettings,
        folder: Path | None = None,
    ) -> None:
        """Keep the project of `controller`.

        Args:
            controller: Owns the project.
            messages: Where a person is told what went wrong.
            settings: Remember the last project with a name.
            folder: Where projects without a name are kept; by default `projects_folder()`.
        """
        folder = folder or projects_folder()
        super().__init__(controller)
        self._settings, self._folder = settings, folder.resolve()
        self._controller = controller
        self._messages = messages
        self._trouble = ""
        self._begun = 0
        self._runner, self._closing = JobRunner("project", self), JobRunner("close", self)
        self._runner.event_arrived.connect(self._on_event)
        self._runner.failed.connect(self._on_failed)
        self.trouble_changed.connect(self._on_trouble)
        self._move_ended.connect(self._on_move_ended)
        controller.changed.connect(self._on_changed)
        self._moved_from = Path()
        self._file = ProjectFile.begin(_new_path(folder), controller.project, self._teller(0))

    @property
    def title(self) -> str:
        """What the window is called after its project."""
        name = self._name
        if not name and len(paths := self._controller.project.images.paths):
            name = paths[0].parent.name
        return f"{name} (not saved)" if self._trouble else name

    @property
    def _name(self) -> str:
        """The project's name; empty where the person gave it none."""
        path = self._file.path
        is_unnamed = path.parent == self._folder
        return "" if is_unnamed else path.name.removesuffix(ENDING)

    @property
    def may_close(self) -> bool:
        """Whether all steps are written, or can be at once."""
        return not (self._trouble and self._file.unwritten)

    @property
    def unwritten(self) -> int:
        """How many steps are not in the file yet."""
        return self._file.unwritten

    def look_for_last(self) -> None:
        """Find the project that was changed last; `last_found` follows where there is one."""
        named, but = str(self._settings.value(_LAST_NAMED) or ""), self._file.path
        self._runner.start(lambda _cancel: _last(named, but))

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

    def new(self) -> None:
        """Begin an empty project in the place of the one that is open, which is kept."""
        if not self.may_close:
            self._messages.warn("What you did here is not saved yet; then you can begin anew.")
        elif not self._runner.is_running and self._controller.project.revision:
            self._begun += 1
            project = Project(Settings())
            self._on_event(
                ProjectFile.begin(_new_path(self._folder), project, self._teller(self._begun))
            )

    def save_as(self, path: Path) -> None:
        """Keep the project in another file from now on; one without a name is not kept twice."""
        self._moved_from = self._file.path
        self._file.move(path, self._move_ended.emit)

    @Slot(object)
    def _on_move_ended(self, why: Message | None) -> None:
        if why:
            self._messages.warn(f"The project stays where it was. {text_of(why)}")
            return
        self._messages.tell(f"The project is kept in {self._file.path} now.", is_reply=True)
        before, now = self._moved_from, self._file.path
        if before != now and before.parent == self._folder:
            before.unlink(missing_ok=True)
        self._settings.setValue(_LAST_NAMED, str(now))
        self.moved.emit(now)

    def shut_down(self) -> None:
        """Write pending steps and close the file; if writing fails, drop them."""
        self._runner.shut_down()
        self._closing.shut_down()
        self._file.close(0 if self._trouble else _PATIENCE)

    def _teller(self, number: int) -> Callable[[Message | None], None]:
        """Return a callback that reports errors of that file on the GUI thread."""
        return lambda why: self.trouble_changed.emit(number, why)

    @Slot(object)
    def _on_event(self, event: object) -> None:
        if isinstance(event, LastProject):
            self.last_found.emit(event)
        elif isinstance(event, ProjectFile):
            before, self._file, self._trouble = self._file, event, ""
            self._controller.open_project(event.project)  # no step goes to the one before now
            self._closing.start(lambda _cancel: iter([before.close(_PATIENCE)]))
            if self._name:
                self._settings.setValue(_LAST_NAMED, str(event.path))
            self.opened.emit(event.path)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._messages.warn(f"The project was not opened. {error_text(error)}")

    @Slot(int, object)
    def _on_trouble(self, number: int, why: Message | None) -> None:
        if number != self._begun:
            return
        self._trouble = what_of(why) if why else ""
        self.trouble_said.emit()
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


def _new_path(folder: Path) -> Path:
    """Return an unused path for a new project, named after the time."""
    now = dt.datetime.now().astimezone()
    name = f"{now:%Y-%m-%d %H.%M.%S} {secrets.token_hex(3)}"
    return folder / f"{name}{ENDING}"


def _last(named: str, but: Path) -> Iterator[LastProject]:
    """Yield the project that was changed last, if there is one that can be read.

    Args:
        named: Of the project that was opened by name or saved last; empty where there is none.
        but: The file of this window.
    """
    try:
        files = list(projects_folder().glob(f"*{ENDING}"))
        files += [Path(named)] if named and Path(named).is_file() else []
        files.sort(key=os.path.getmtime, reverse=True)
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
