"""A copy of a project in the data folder, kept while the project's own file cannot be written."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from nameplate.project.file import store
from nameplate.project.file.database import delete
from nameplate.project.project import Project
from nameplate.storage.folders import make_private_folder

_LOG = logging.getLogger(__name__)


class RescueCopy:
    """Keeps a copy of a project in the data folder, rewritten on its own thread after each step.

    Where steps come faster than they are written, only the last state is.
    """

    def __init__(self, source: Path, on_kept: Callable[[Path], object]) -> None:
        """Begin a copy; nothing is written before the first `put`.

        Args:
            source: The file that cannot be written; the copy is named after it.
            on_kept: Called once with the file of the copy, on the writing thread.
        """
        self._source, self._on_kept = source, on_kept
        self._path: Path | None = None
        self._next: Project | None = None
        self._is_writing = self._is_whole = self._has_ended = False
        self._changed = threading.Condition()
        threading.Thread(target=self._run, name="rescue", daemon=True).start()

    def put(self, project: Project) -> None:
        """Queue the current state of `project`; call this on the thread that changes it."""
        copy = project.snapshot(project.images.without_embeddings())
        copy.history = project.history.copy()
        with self._changed:
            self._next = copy
            self._changed.notify_all()

    def finish(self, timeout: float | None) -> Path | None:
        """Write the last state and stop; return the file, or None if it is incomplete."""
        with self._changed:
            self._changed.wait_for(lambda: self._next is None and not self._is_writing, timeout)
            self._has_ended = True
            self._changed.notify_all()
            return self._path if self._is_whole and self._next is None else None

    def discard(self) -> None:
        """End, and delete the copy: the project is in its own file again."""
        with self._changed:
            self._next, self._has_ended = None, True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._is_writing)
            if self._path is not None:
                delete(self._path)

    def _run(self) -> None:
        while (project := self._taken()) is not None:
            is_first, is_whole = self._path is None, self._write(project)
            with self._changed:
                self._is_writing, self._is_whole = False, is_whole
                self._changed.notify_all()
            if is_first and self._path is not None:
                self._on_kept(self._path)

    def _taken(self) -> Project | None:
        """Wait for the next state to write; return None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._next is not None or self._has_ended)
            project, self._next = self._next, None
            self._is_writing = project is not None
            return project

    def _write(self, project: Project) -> bool:
        try:
            path = self._path or store.rescue_path(self._source)
            make_private_folder(path.parent)
            store.close(store.create_anew(path, project))
        except Exception:  # noqa: BLE001 - the thread has to go on
            _LOG.exception("the project cannot be copied into the data folder")
            return False
        self._path = path
        return True
