"""Saves an open project: writes each step to its file, in order, on a thread of its own.

Where the file cannot be written (a full disk, a drive that went away), the steps wait in memory and
are tried again until they are written; nothing is dropped.
"""

import logging
import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Final, Self

from nameplate.domain.changes import AddImages
from nameplate.domain.messages import Message
from nameplate.project.file import backups, store
from nameplate.project.file.database import real_path
from nameplate.project.file.integrity import (
    LockedProjectError,
    ProjectError,
    has_decisions,
    refuse_foreign,
    why_not_written,
)
from nameplate.project.file.notes import Notes
from nameplate.project.file.rescue_copy import RescueCopy
from nameplate.project.history import StepEvent
from nameplate.project.project import Project, ProjectEvent
from nameplate.storage.folders import make_private_folder, projects_folder

_LOG = logging.getLogger(__name__)
RETRY_S: Final = 2.0
"""Seconds between two tries where the file cannot be written; tests do not wait as long."""

_GATHER: Final = 0.25
"""Seconds that added images wait for more of their folder, unless a decision is waited for."""

_BACKUP_EVERY: Final = 600.0
"""Seconds between two backups while a project is worked on."""

_PATIENCE: Final = 10.0
"""Seconds that closing waits for the copy in the data folder."""

OnTrouble = Callable[[Message | None], None]
"""Called on the writing thread: why nothing can be written now, or None when all is written."""

Opened = tuple[sqlite3.Connection, Project]


class ProjectFile:
    """The file of an open project, which only this process writes.

    Attributes:
        project: What is in it; its steps are written as they are taken.
        rescued: Where the project was written when it was closed, if it is not whole in its file.
    """

    def __init__(self, path: Path, project: Project, on_trouble: OnTrouble) -> None:
        """Begin to save `project`; call `begin`, `create` or `open` instead."""
        self.path = path
        self.project = project
        self.rescued: Path | None = None
        self._identity: os.stat_result | None = None
        self._db: sqlite3.Connection | None = None
        self._begun = Project(project.settings)  # as it was before its first step
        self._begun.identity = project.identity
        self._on_trouble = on_trouble
        self._decided = self._written = project.counts.decided
        self._waiting = deque[StepEvent]()
        self._notes = Notes()
        self._adds_due = 0.0
        self._is_awaited = False
        self._writing: StepEvent | None = None
        self._backed_up = -_BACKUP_EVERY
        self._has_backup = True
        self._is_backup_old = False
        self._backup: threading.Thread | None = None
        self._changed = threading.Condition()
        self._on_written = list[Callable[[], object]]()
        self._move: tuple[Path, OnTrouble] | None = None
        self._is_closing = False
        self._is_left = False  # closed, while the thread still waits for a drive
        self._has_ended = False
        self._is_in_trouble = False
        self._copy: RescueCopy | None = None
        self._lock = ExitStack()
        self._thread = threading.Thread(target=self._run, name="project", daemon=True)
        project.on_step = self._put

    @classmethod
    def begin(
        cls,
        path: Path,
        project: Project,
        on_trouble: OnTrouble = lambda _: None,
        *,
        has_backup: bool = True,
    ) -> Self:
        """Save a project that has no steps yet; its first step creates the file.

        Args:
            path: The new file, in a folder without links; nothing is looked at.
            project: What is saved.
            on_trouble: Told when nothing can be written.
            has_backup: Whether anything of it is kept anywhere else.
        """
        file = cls(path, project, on_trouble)
        file._has_backup = has_backup
        file._thread.start()
        return file

    @classmethod
    def create(cls, path: Path, project: Project, on_trouble: OnTrouble = lambda _: None) -> Self:
        """Write `project` to a new file, and save it there from now on.

        Raises:
            ProjectError: The file is there already, or cannot be made.
        """
        return cls._holding(path, lambda: (store.create(path, project), project), on_trouble)

    @classmethod
    def open(cls, path: Path, on_trouble: OnTrouble = lambda _: None) -> Self:
        """Open a project and save it in its file from now on.

        Raises:
            ProjectError: It is no project, damaged, of a newer Nameplate, open elsewhere, or its
                folder cannot be written; the file is not changed.
        """
        path = real_path(path)
        refuse_foreign(path)  # before a lock is left beside it
        if not os.access(path, os.W_OK):
            raise LockedProjectError("project-not-writable", where=str(path))

        def opened() -> Opened:
            with closing(store.open_file(path, read_only=True, rolls_back=True)) as db:
                project = store.load(db, path)
            return store.open_file(path), project  # all of it is judged before it is written

        return cls._holding(path, opened, on_trouble)

    @classmethod
    def copy(cls, source: Path, path: Path, on_trouble: OnTrouble = lambda _: None) -> Self:
        """Copy a read-only project to the new file `path`, and save it there from now on.

        Raises:
            ProjectError: The source cannot be read, or the copy cannot be made.
        """
        with closing(store.open_file(source, read_only=True)) as db:
            project = store.load(db, source)
        make_private_folder(path.parent)
        return cls.create(path, project, on_trouble)

    @classmethod
    def _holding(cls, path: Path, make: Callable[[], Opened], on_trouble: OnTrouble) -> Self:
        """Return the file that `make` opens under its lock; the lock is held until `close`."""
        path = real_path(path)
        with ExitStack() as stack:
            store.hold(path, stack)
            db, project = make()
            file = cls(path, project, on_trouble)
            file._write_to(db)
            file._lock = stack.pop_all()
        file._thread.start()
        return file

    def _write_to(self, db: sqlite3.Connection) -> None:
        """Write steps to `db` from now on, the database of the file `path`."""
        self._db, self._identity = db, self.path.stat()

    @property
    def unwritten(self) -> int:
        """The number of steps that are not in the file yet."""
        with self._changed:
            return len(self._waiting)

    def move(self, path: Path, on_moved: OnTrouble) -> None:
        """Save the project in the file `path` from now on, replacing a project there.

        Args:
            path: The new file; the one before stays as it is.
            on_moved: Called on the writing thread: why the project stays where it was, or None.
        """
        with self._changed:
            self._move = path, on_moved
            self._changed.notify_all()

    def keep_copy(self, on_kept: Callable[[Path], object]) -> None:
        """Keep a copy in the data folder too, until the file can be written again.

        It is written now and after each step; called on the thread that changes the project.

        Args:
            on_kept: Called once with the file of the copy, on another thread.
        """
        with self._changed:
            if self._has_backup and self._is_in_trouble and self._copy is None:
                self._copy = RescueCopy(self.path, on_kept)
                self._copy.put(self.project)

    def when_written(self, act: Callable[[], object]) -> bool:
        """Call `act` on the writing thread once all steps are written.

        Returns:
            False where they are already; `act` is not called then.
        """
        with self._changed:
            if self._waiting:
                self._on_written.append(act)
            return bool(self._waiting)

    def flush(self, timeout: float | None = None) -> bool:
        """Wait until all steps are written; return whether they are."""
        with self._changed:
            self._is_awaited = True
            self._changed.notify_all()
            is_done = self._changed.wait_for(lambda: not (self._waiting or self._move), timeout)
            self._is_awaited = False
            return is_done

    def close(self, timeout: float | None = None) -> bool:
        """Write all pending steps, and close the file; return whether the project is kept.

        If another program emptied or replaced its file, or the steps cannot be written, it is
        written into the data folder; see `rescued`.

        Args:
            timeout: Seconds to wait; a project whose steps are not written by then is written
                into the data folder as it is. None waits until all are written.
        """
        if self._is_closing:
            return not self._waiting
        is_written = self.flush(timeout)
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        self._thread.join(timeout)
        with self._changed:
            self._is_left = not self._has_ended
        if not self._is_left:
            is_written = is_written and self._is_whole()
            self._finish(is_whole=is_written)
        return is_written or self._rescue()

    def _is_whole(self) -> bool:
        """Return whether the file still holds the decisions: it may have been emptied."""
        if self._db is None:
            return True
        return self._is_there() and has_decisions(self._db, self._written)

    def _is_there(self) -> bool:
        """Return whether the file is the one that was opened."""
        try:
            return self._identity is None or os.path.samestat(self._identity, self.path.stat())
        except OSError:
            return False

    def _finish(self, *, is_whole: bool) -> None:
        """Close the file, and release its lock."""
        if self._backup is not None:
            self._backup.join()
        if self._db is not None:
            if self._is_backup_old and is_whole:
                self._back_up()
            store.close(self._db)
        self._lock.close()

    def _put(self, item: ProjectEvent) -> None:
        with self._changed:
            if isinstance(item, StepEvent):
                self._put_step(item)
            elif self._db is not None or self._waiting:  # a look around makes no file
                self._notes.put(item)
            self._changed.notify_all()

    def _put_step(self, event: StepEvent) -> None:
        """Queue a step; added images join those of a pending step."""
        if self._copy is not None:
            self._copy.put(self.project)
        self._decided = self.project.counts.decided
        last = self._waiting[-1] if self._waiting else None
        joined = event.joined_to(last) if last is not None and last is not self._writing else None
        if joined is not None:
            self._waiting[-1] = joined
            return
        self._waiting.append(event)
        is_adding = isinstance(event.change, AddImages)
        self._adds_due = time.monotonic() + _GATHER if is_adding and len(self._waiting) == 1 else 0

    def _run(self) -> None:
        while self._wait_for_work():
            self._work()
        with self._changed:
            self._has_ended = True
            is_left = self._is_left
        if is_left:
            self._finish(is_whole=False)

    def _work(self) -> None:
        """Write the next step, or move the file."""
        with self._changed:
            steps = [self._waiting[0]] if self._waiting else []
            self._writing = steps[0] if steps else None
            # They may be of images that a step adds which is still to be written.
            is_due = self._is_closing or time.monotonic() >= self._notes.due
            notes = self._notes.all() if is_due and len(self._waiting) < 2 else []
            move = self._move
        # Where nothing can be written here, it may be possible there.
        if move is not None and (not steps or self._is_in_trouble):
            self._do_move(*move)
            return
        why = self._write([*steps, *notes])
        with self._changed:
            self._writing = None
            if not why:
                for _ in steps:
                    self._waiting.popleft()
                self._notes.take_out(notes)
                self._changed.notify_all()
            is_over = not why and not self._waiting
            # A project goes on while its file is copied: what that holds is counted here.
            self._written = self._decided if is_over else self._written
            done = self._on_written if is_over else []
            self._on_written = [] if done else self._on_written
        for act in done:
            act()
        if (why and not self._is_in_trouble) or (is_over and self._is_in_trouble):
            self._is_in_trouble = bool(why)
            self._on_trouble(why)
            if not why:
                self._discard_copy()
        if why:
            with self._changed:
                self._changed.wait_for(lambda: self._is_closing or self._move, RETRY_S)
        elif is_over and time.monotonic() - self._backed_up > _BACKUP_EVERY:
            self._back_up()

    def _wait_for_work(self) -> bool:
        """Wait for work; return False at the end."""
        with self._changed:
            while not self._is_closing:
                due = [self._notes.due] if self._notes else []
                due += [0.0 if self._is_awaited else self._adds_due] if self._waiting else []
                left = min(due) - time.monotonic() if due else None
                if self._move or (left is not None and left <= 0):
                    return True
                self._changed.wait(left)
            # Steps were waited for by `close`; what was read since is written without a wait.
            return bool(self._notes) and not self._waiting and not self._is_in_trouble

    def _back_up(self) -> None:
        """Copy the file between two steps; another thread checks and keeps the copy."""

        def check(copied: Path, decided: int) -> None:
            with suppress(OSError):
                if not backups.replace(self.path, copied, decided):
                    self._is_backup_old = True  # never False: a step may be written meanwhile

        self._backed_up = time.monotonic()
        if not self._has_backup or self._db is None:
            return
        try:
            copied = backups.copy(self._db, self.path)
        except OSError as error:
            _LOG.warning("no backup of the project: %s", error)
            return
        self._is_backup_old = False
        self._backup = threading.Thread(target=check, args=(copied, self._written), name="backup")
        self._backup.start()

    def _discard_copy(self) -> None:
        with self._changed:
            copy, self._copy = self._copy, None
        if copy is not None:
            copy.discard()

    def _rescue(self) -> bool:
        """Write the current project to the data folder, which may be on another drive."""
        is_own = self.path.parent == projects_folder().resolve()
        self.rescued = self._copy.finish(_PATIENCE) if self._copy is not None else None
        if self.rescued is None and self._has_backup and not (is_own and self._is_left):
            self.rescued = store.rescue(self.path, self.project)
        return self.rescued is not None

    def _write(self, items: Sequence[ProjectEvent]) -> Message | None:
        """Write steps and notes; return why they cannot be written now, else None."""
        try:
            if self._db is None:
                self._make()
            # SQLite goes on writing into a file that was deleted, which would be lost.
            elif not self._is_there():
                return Message("project-is-gone")
            if self._db is not None:
                store.write(self._db, self.path, items, self.project.labels)
                self._is_backup_old = True
        except ProjectError as error:
            return error.reason
        except Exception as error:  # noqa: BLE001 - whatever it is, the steps must be kept
            if not isinstance(error, (sqlite3.Error, OSError)):
                _LOG.exception("a step cannot be written")
            return why_not_written(error)
        return None

    def _do_move(self, path: Path, on_moved: OnTrouble) -> None:
        wanted = path, on_moved
        try:
            path = real_path(path)
            with ExitStack() as stack:
                if path != self.path:
                    if is_there := os.path.lexists(path):
                        refuse_foreign(path)  # a picture stays one, whatever was agreed to
                    store.hold(path, stack)
                    if is_there:
                        store.keep_replaced(path)
                    if self._db is None:
                        moved = store.create_anew(path, self._begun)
                    else:
                        moved = store.copied(self._db, path)
                        store.close(self._db)
                    self._lock.close()
                    self._lock = stack.pop_all()
                    self.path = path
                    self._write_to(moved)
                    self._is_backup_old = True
            why = None
        except ProjectError as error:
            why = error.message
        except Exception as error:  # noqa: BLE001 - the thread has to go on
            if not isinstance(error, (sqlite3.Error, OSError)):
                _LOG.exception("the project cannot be moved")
            why = Message("project-not-moved", {"path": str(path), "why": str(error)})
        with self._changed:
            if self._move == wanted:  # else another was asked for meanwhile
                self._move = None
            self._changed.notify_all()
        on_moved(why)

    def _make(self) -> None:
        """Create the file with the project as it was before its first step."""
        make_private_folder(self.path.parent)
        with ExitStack() as stack:
            store.hold(self.path, stack)
            self._write_to(store.create(self.path, self._begun))
            self._lock = stack.pop_all()
