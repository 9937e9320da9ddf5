"""Keeps a project in its file while it is worked on: each step is written, in order, on one thread.

Where the file cannot be written (a full disk, a drive that went away), the steps wait in memory and
are tried again until they are written; nothing is dropped.
"""

import logging
import os
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Self

from nameplate.domain.changes import Settings
from nameplate.domain.messages import Message
from nameplate.project import store
from nameplate.project.history import Taken
from nameplate.project.project import Project
from nameplate.project.store import ProjectError
from nameplate.storage.cache_file import TROUBLE, code_of
from nameplate.storage.folders import make_private_folder
from nameplate.storage.lock import locked

_LOG = logging.getLogger(__name__)
_RETRY: Final = 2.0
"""Seconds between two tries where the file cannot be written."""

OnTrouble = Callable[[Message | None], None]
"""Called on the writing thread: why nothing can be written now, or None when all is written."""


OnMoved = Callable[[Message | None], None]
Opened = tuple[sqlite3.Connection, Project]


class ProjectFile:
    """The file of an open project, which this process alone writes.

    Attributes:
        path: The file.
        project: What is in it; its steps are written as they are taken.
    """

    def __init__(self, path: Path, project: Project, on_trouble: OnTrouble) -> None:
        """Begin to keep `project`; use `begin`, `create` or `open`."""
        self.path = path
        self.project = project
        self._db: sqlite3.Connection | None = None
        self._empty: Project | None = None
        self._on_trouble = on_trouble
        self._waiting = deque[Taken]()
        self._changed = threading.Condition()
        self._move: tuple[Path, OnMoved] | None = None
        self._is_closing = False
        self._is_in_trouble = False
        self._lock = ExitStack()
        self._thread = threading.Thread(target=self._run, name="project", daemon=True)
        project.on_step = self._put

    @classmethod
    def begin(cls, path: Path, project: Project, on_trouble: OnTrouble = lambda _: None) -> Self:
        """Keep a project in which nothing was done yet; its first step makes the file."""
        file = cls(path.resolve(), project, on_trouble)
        file._empty = Project(project.settings)
        file._thread.start()
        return file

    @classmethod
    def create(cls, path: Path, project: Project, on_trouble: OnTrouble = lambda _: None) -> Self:
        """Write `project` into a new file, and keep it there from now on.

        Raises:
            ProjectError: The file is there already, or cannot be made.
        """
        return cls._holding(path, lambda: (store.create(path, project), project), on_trouble)

    @classmethod
    def open(cls, path: Path, on_trouble: OnTrouble = lambda _: None) -> Self:
        """Open a project and keep it in its file from now on.

        Raises:
            ProjectError: It is no project, damaged, of a newer Nameplate, open elsewhere, or its
                folder cannot be written; the file is not changed.
        """
        store.refuse_foreign(path)  # before a lock is left beside it

        def opened() -> Opened:
            db = store.open_file(path)
            try:
                return db, store.load(db, path)
            except BaseException:
                db.close()
                raise

        return cls._holding(path, opened, on_trouble)

    @classmethod
    def _holding(cls, path: Path, make: Callable[[], Opened], on_trouble: OnTrouble) -> Self:
        """Return the file that `make` opens under its lock, which is held until `close`."""
        path = path.resolve()  # a link and the file that it leads to are one
        with ExitStack() as stack:
            _hold(path, stack)
            db, project = make()
            file = cls(path, project, on_trouble)
            file._db, file._lock = db, stack.pop_all()
        file._thread.start()
        return file

    @property
    def unwritten(self) -> int:
        """How many steps are not in the file yet."""
        with self._changed:
            return len(self._waiting)

    def move(self, path: Path, on_moved: OnMoved) -> None:
        """Keep the project in the file `path` from now on; a project that is there is replaced.

        Args:
            path: The new file; the one before stays as it is.
            on_moved: Called on the writing thread: why the project stays where it was, or None.
        """
        with self._changed:
            self._move = path.resolve(), on_moved
            self._changed.notify_all()

    def flush(self, timeout: float | None = None) -> bool:
        """Wait until all steps are written; return whether they are."""
        with self._changed:
            return self._changed.wait_for(lambda: not (self._waiting or self._move), timeout)

    def close(self, timeout: float | None = None) -> bool:
        """Write what waits, and close the file; return whether all was written.

        Args:
            timeout: Seconds to wait; the steps that are not written by then are lost. None waits
                until all are written.
        """
        is_written = self.flush(timeout)
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        self._thread.join(timeout)
        if self._db is not None and not self._thread.is_alive():
            store.close(self._db)
        self._lock.close()
        return is_written

    def _put(self, taken: Taken) -> None:
        with self._changed:
            self._waiting.append(taken)
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._move or self._is_closing)
                if self._is_closing:
                    return
                move, taken = self._move, self._waiting[0] if self._waiting else None
            if taken is None:
                if move is not None:
                    self._do_move(*move)
                continue
            why = self._write(taken)
            with self._changed:
                if not why:
                    self._waiting.popleft()
                    self._changed.notify_all()
                is_over = not why and not self._waiting
            if (why and not self._is_in_trouble) or (is_over and self._is_in_trouble):
                self._is_in_trouble = bool(why)
                self._on_trouble(why)
            if why:
                with self._changed:
                    self._changed.wait_for(lambda: self._is_closing, _RETRY)

    def _write(self, taken: Taken) -> Message | None:
        """Write a step; return why it cannot be written now, or None."""
        try:
            if self._db is None:
                self._make()
            # SQLite goes on writing into a file that was deleted, which would be lost.
            elif not os.path.exists(self.path):  # noqa: PTH110 - never raises
                return Message("project-is-gone")
            if self._db is not None:
                store.write(self._db, self.path, taken, self.project.labels)
        except ProjectError as error:
            return error.reason
        except Exception as error:  # noqa: BLE001 - whatever it is, the steps must be kept
            if not isinstance(error, (sqlite3.Error, OSError)):
                _LOG.exception("a step cannot be written")
            return _reason(error)
        return None

    def _do_move(self, path: Path, on_moved: OnMoved) -> None:
        try:
            with ExitStack() as stack:
                if path != self.path:
                    if os.path.lexists(path):
                        store.refuse_foreign(path)  # a picture stays one, whatever was agreed to
                    _hold(path, stack)
                    if self._db is None:
                        self._make()
                    moved = store.copied(self._db, path) if self._db else None
                    if self._db is not None:
                        store.close(self._db)
                    self._lock.close()
                    self._lock = stack.pop_all()
                    self.path, self._db = path, moved
            why = None
        except ProjectError as error:
            why = error.message
        except (sqlite3.Error, OSError) as error:
            why = Message("project-not-moved", {"path": str(path), "why": str(error)})
        with self._changed:
            self._move = None
            self._changed.notify_all()
        on_moved(why)

    def _make(self) -> None:
        """Make the file, as the project was before its first step."""
        make_private_folder(self.path.parent)
        with ExitStack() as stack:
            _hold(self.path, stack)
            self._db = store.create(self.path, self._empty or Project(Settings()))
            self._lock = stack.pop_all()


def _reason(error: Exception) -> Message:
    """Return why a step cannot be written."""
    why = str(error) or type(error).__name__
    if isinstance(error, sqlite3.Error) and code_of(error) in TROUBLE:
        return TROUBLE[code_of(error)]
    if isinstance(error, OSError):
        why = f"{error.strerror or type(error).__name__}: {error.filename}"
    return Message("step-not-written", {"why": why})


def _hold(path: Path, stack: ExitStack) -> None:
    """Hold the lock of a project's file until `stack` ends.

    Raises:
        ProjectError: Another process holds it, or its folder cannot be written.
    """
    try:
        is_free = stack.enter_context(locked(path.with_name(f".{path.name}.lock")))
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ProjectError("project-folder-not-writable", where=str(path), why=why) from error
    if not is_free:
        raise ProjectError("project-is-open", where=str(path))
