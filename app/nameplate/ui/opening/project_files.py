"""The file of the window's project: created at its first step, or opened."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from nameplate.domain.changes import Settings
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.imaging.scan import common_folder
from nameplate.project.file.autosave import OnTrouble, ProjectFile
from nameplate.project.file.recent import KnownFolder, RecentProject, known_folder, recent_projects
from nameplate.project.file.store import ENDING
from nameplate.project.project import Project
from nameplate.storage.folders import make_private_folder, projects_folder
from nameplate.ui.grid.arrangement import Arrangement
from nameplate.ui.jobs.jobs import Task
from nameplate.ui.opening.project_opening import NamesOfProjects, Opened, Refused, new_path, opened
from nameplate.ui.opening.project_questions import (
    ask_before_closing,
    offer_to_open,
    say_not_kept,
    say_not_opened,
)
from nameplate.ui.services import Services
from nameplate.ui.widgets.file_dialogs import ask_where_to_save, kinds_of_projects
from nameplate.ui.widgets.message_bar import MessageBar
from nameplate.wording.texts import sentences, text_of, tr, what_of

_PATIENCE: Final = 10.0
"""Seconds that closing waits at most: a drive that never answers must not keep the program."""

_SAMPLE: Final = 200
"""Pictures that are looked at for the name of a project without one."""


class ProjectFiles(QObject):
    """Keeps the window's project in a file, and opens others.

    The window's thread hands over what is to be written, and never waits for it.

    Signals:
        opened: Another project was opened; its path.
        moved: The project is kept in another file; the paths of before and now.
        title_changed: `title` may be another.
        recent_found: `recent` was found again.
    """

    opened = Signal(object)
    moved = Signal(object, object)
    title_changed = Signal()
    recent_found = Signal(object)
    _told = Signal(object)
    """What another thread has to tell: a function, which is called on the window's."""

    def __init__(
        self,
        services: Services,
        arrangement: Arrangement,
        notices: MessageBar,
        folder: Path,
    ) -> None:
        """Keep the project of a window."""
        owner = self._owner = services.owner
        super().__init__(owner)
        self._window, self._jobs, self._messages = (
            services.window,
            services.jobs,
            services.messages,
        )
        self._arrangement, self._notices = arrangement, notices
        self._names, self._folder = NamesOfProjects(services.settings), folder.resolve()
        self.recent: Sequence[RecentProject] = ()
        self._trouble, self._notice = "", ""
        self._begun, self._current = 0, 0
        self._is_opening = self._drops = False
        self._threads = list[threading.Thread]()
        self._rescued = list[tuple[str, Path]]()
        self._closing: threading.Thread | None = None
        self._told.connect(self._on_told)
        # What is done for a picture of the window is nobody's work.
        has_backup = folder == projects_folder()
        self._file = ProjectFile.begin(
            new_path(self._folder), owner.project, self._teller(0), has_backup=has_backup
        )
        QTimer.singleShot(0, self, self._say_rescued)  # once there is a window to say it in

    @property
    def path(self) -> Path:
        """The file that the project is kept in now."""
        return self._file.path

    @property
    def title(self) -> str:
        """The title of the window, from its project."""
        name = self._name_of(self._file.path)
        if not name and len(self._owner.project.images):
            name = self.suggested_path.stem
        return tr("{name} (not saved)", name=name) if self._trouble else name

    @property
    def suggested_path(self) -> Path:
        """Where "Save project as" begins: the project's file, or beside the folder of pictures."""
        if self._name_of(self._file.path):
            return self._file.path
        images, first = self._owner.project.images, self._owner.project.first_images
        count = int(images.ids.searchsorted(first, "right")) if first else len(images)
        texts = images.paths.texts[:count]  # the name stays when other folders are added
        some = texts[:: max(1, len(texts) // _SAMPLE)]  # asked for while a folder is scanned
        folder = common_folder({os.path.dirname(text) for text in some})  # noqa: PTH120
        name = Path(folder).name or "project"
        return Path(folder).parent / f"{name}{ENDING}" if folder else Path(f"{name}{ENDING}")

    def _name_of(self, path: Path) -> str:
        """Return the name of the project in a file; empty where the person gave it none."""
        return "" if path.parent == self._folder else path.name.removesuffix(ENDING)

    @property
    def may_close(self) -> bool:
        """Whether all steps are written, or can be at once."""
        return not (self._trouble and self._file.unwritten)

    def confirm_close(self, parent: QWidget) -> bool:
        """Ask about steps that are not saved; return whether the window may close."""
        return ask_before_closing(parent, self.unwritten, self._trouble, self.ask_where_to_save)

    def when_written(self, act: Callable[[], object]) -> bool:
        """Call `act` once all is written; False where it is, or cannot be."""
        return not self._trouble and self._file.when_written(partial(self._told.emit, act))

    @property
    def unwritten(self) -> int:
        """How many steps are not in the file yet."""
        return self._file.unwritten

    def look_for_recent(self) -> None:
        """Find the projects that were changed last; the first ones of many come before all."""
        named, but, closing = self._names.paths, self._file.path, self._closing

        def job(cancel: CancelToken) -> Iterator[list[RecentProject]]:
            if closing is not None:  # the one that was just left is the first to go back to
                closing.join(_PATIENCE)
            yield from recent_projects(named, self._folder, but, cancel)

        self._jobs.run("recent", Task(job, self._on_recent))

    def _on_recent(self, found: Sequence[RecentProject]) -> None:
        self.recent = found
        self.recent_found.emit(found)

    def look_for_folder(self, pictures: Path) -> Callable[[], KnownFolder | None]:
        """Return a function that finds another project with a folder; for another thread."""
        return partial(known_folder, pictures, self._names.paths, self._folder, self._file.path)

    def open(self, path: Path, *, drops: bool = False) -> None:
        """Open a project file in place of the open one, which is kept.

        One that cannot be written is opened as a copy; for one that is open elsewhere or damaged,
        a message offers a copy of it, or of its backup.

        Args:
            path: The file.
            drops: Whether the open one is deleted if nothing but pictures was added to it.
        """
        now, copy, closing = self._file.path, new_path(self._folder), self._closing

        def found(on_trouble: OnTrouble) -> Iterator[Opened | Refused]:
            if closing is not None:  # it may be of the project that is opened
                closing.join(_PATIENCE)
            yield from opened(path, now, copy, on_trouble)

        self._open_another(found, drops=drops)

    def open_made(self, project: Project) -> None:
        """Open a project that was just made in place of the open one, which is kept."""
        path = new_path(self._folder)

        def created(on_trouble: OnTrouble) -> Iterator[Opened]:
            make_private_folder(path.parent)
            yield Opened(ProjectFile.create(path, project, on_trouble))

        self._open_another(created)

    def _open_copy(self, source: Path, notice: str) -> None:
        """Open a new project that begins as a copy of another, and let `notice` stand."""
        path = new_path(self._folder)

        def copied(on_trouble: OnTrouble) -> Iterator[Opened]:
            yield Opened(ProjectFile.copy(source, path, on_trouble), notice)

        self._open_another(copied)

    def _open_another(
        self, found: Callable[[OnTrouble], Iterator[Opened | Refused]], *, drops: bool = False
    ) -> None:
        """Open a project that `found` yields on a thread, if the current one can be closed."""
        if (on_trouble := self._begin_another()) is not None:
            self._drops = drops
            done = self._on_event, self._on_failed, self._on_finished
            self._jobs.run("project", Task(lambda _cancel: found(on_trouble), *done))

    @Slot(object)
    def _on_told(self, act: Callable[[], object]) -> None:
        act()

    def _say_not_saved(self) -> None:
        self._messages.warn(
            tr("This project isn't saved. Save it somewhere else before you open another."),
            (tr("Save project as…"), self.ask_where_to_save),
        )

    def _begin_another(self) -> OnTrouble | None:
        """Begin to open a project; return its error handler, or None if it cannot be opened now."""
        if not self.may_close:
            self._say_not_saved()
            return None
        if self._is_opening:
            return None
        self._begun += 1
        self._is_opening, self._drops = True, False
        return self._teller(self._begun)

    def new(self) -> None:
        """Begin an empty project in the place of the one that is open, which is kept."""
        project = self._owner.project
        if not (project.revision or len(project.images) or project.concepts):
            return
        if (on_trouble := self._begin_another()) is not None:
            path = new_path(self._folder)
            self._replace(Opened(ProjectFile.begin(path, Project(Settings()), on_trouble)))

    def ask_where_to_save(self) -> None:
        """Let the person choose where the project is kept from now on."""
        path = self.suggested_path
        ask_where_to_save(
            self._window, self.save_as, tr("Save project as"), path, kinds_of_projects()
        )

    def save_as(self, path: Path) -> None:
        """Keep the project in another file from now on; one without a name is not kept twice."""
        file, before = self._file, self._file.path
        tell = self._told.emit
        file.move(path, lambda why: tell(partial(self._on_move_ended, file, before, why)))

    def _on_move_ended(self, file: ProjectFile, before: Path, why: Message | None) -> None:
        """Report the new place of a project; another one may have been opened since."""
        if why:
            self._messages.warn(sentences(tr("The project stays where it was."), text_of(why)))
            return
        now = file.path
        self._messages.tell(tr("Saved as {path}.", path=now), is_reply=True)
        if before != now and before.parent == self._folder:
            self._do_later(lambda: before.unlink(missing_ok=True))
        self._note_name(now)
        if file is self._file:
            self._notice = ""
            self._show_standing()
        self.moved.emit(before, now)
        self.look_for_recent()
        self.title_changed.emit()

    def shut_down(self, patience: float = _PATIENCE) -> None:
        """Write pending steps and close the file; if writing fails, into the data folder.

        Args:
            patience: Seconds to wait for a drive at each of two moments.
        """
        self._jobs.end("project")
        for thread in self._threads:
            thread.join()
        self._jobs.end("recent")
        self._file.close(0 if self._trouble else patience)
        self._note_rescued(self._file)
        if self._rescued:
            self._names.note_rescued(self._rescued)

    @property
    def _has_pictures_alone(self) -> bool:
        project = self._owner.project
        steps = (*project.history.done, *project.history.undone)
        return not project.concepts and all(step.title.code == "add-images" for step in steps)

    def _leave(self, file: ProjectFile, *, is_dropped: bool = False) -> None:
        """Close a file that was worked on; on a thread of its own."""
        is_written = file.close(_PATIENCE)
        if is_dropped:
            file.path.unlink(missing_ok=True)
        elif not is_written or file.rescued:
            self._note_rescued(file)
            self._told.emit(partial(self._on_not_saved, file.path.name, file.rescued))

    def _note_rescued(self, file: ProjectFile) -> None:
        """Remember a rescue copy for a message at the next start."""
        if file.rescued is not None:
            self._rescued.append((file.path.name, file.rescued))

    def _say_rescued(self) -> None:
        """Report the rescue copies of the last session."""
        for name, path in self._names.take_rescued():
            self._on_not_saved(name, path)

    def _on_not_saved(self, name: str, rescued: Path | None) -> None:
        self._rescued = [one for one in self._rescued if one != (name, rescued)]
        say_not_kept(self._messages, name, rescued, self.open)

    def _do_later(self, work: Callable[[], object]) -> threading.Thread:
        """Run work that a slow drive may delay on a thread; `shut_down` waits for it."""
        thread = threading.Thread(target=work, name="close")
        self._threads = [*filter(threading.Thread.is_alive, self._threads), thread]
        thread.start()
        return thread

    def _teller(self, number: int) -> OnTrouble:
        """Return a callback that reports errors of that file on the GUI thread."""
        return lambda why: self._told.emit(partial(self._on_trouble, number, why))

    def _on_event(self, event: object) -> None:
        self._is_opening = False
        if isinstance(event, Opened):
            self._replace(event)
        elif isinstance(event, Refused):
            offer_to_open(self._messages, event, self._open_copy)

    def _replace(self, opened: Opened) -> None:
        """Go on with the project in another file."""
        self._is_opening = False
        if not self.may_close:  # since it was asked for
            self._do_later(opened.file.close)
            self._say_not_saved()
            return
        before, self._file, self._trouble = self._file, opened.file, ""
        self._current, self._notice = self._begun, opened.notice
        is_dropped = self._drops and not self._name_of(before.path) and self._has_pictures_alone
        self._owner.open_project(opened.file.project)  # no step goes to the one before now
        self._arrangement.go_on()
        self._closing = self._do_later(lambda: self._leave(before, is_dropped=is_dropped))
        self._note_name(opened.file.path)
        self._show_standing()
        self.opened.emit(opened.file.path)

    def _on_failed(self, error: Exception) -> None:
        self._is_opening = False
        say_not_opened(self._messages, error)

    def _on_finished(self) -> None:
        self._is_opening = False

    def _on_trouble(self, number: int, why: Message | None) -> None:
        if number != self._current:
            return
        self._trouble = what_of(why) if why else ""
        self._show_standing()
        self.title_changed.emit()
        if why:
            name, tell = self._file.path.name, self._told.emit
            note = self._names.note_rescued
            self._file.keep_copy(lambda path: tell(partial(note, [(name, path)])))
        else:
            self._messages.tell(tr("Everything is saved again."), is_reply=True)

    def _show_standing(self) -> None:
        """Show the lasting notice about this project, or none."""
        if self._trouble:
            trouble, path = self._trouble, self._file.path
            self._notices.warn(
                sentences(
                    tr("Your work is not being saved: {why} ({path}).", why=trouble, path=path),
                    tr("It is kept in memory, and saving is tried again every few seconds."),
                ),
                (tr("Save project as…"), self.ask_where_to_save),
            )
        elif self._notice:
            self._notices.warn(self._notice, (tr("Save project as…"), self.ask_where_to_save))
        else:
            self._notices.clear()

    def _note_name(self, path: Path) -> None:
        if self._name_of(path):
            self._names.note(path)
