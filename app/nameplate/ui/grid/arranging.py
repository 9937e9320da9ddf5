"""Computes the rows of a view: at once for few images, in a background thread for many."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QObject, Signal

from nameplate.domain.changes import Effects
from nameplate.domain.filtering.columns import Columns, FoundImages
from nameplate.domain.filtering.path_index import FolderTree, PathIndex
from nameplate.domain.filtering.views import Arranged, View, arrange, snapshot_of, view_needs_paths
from nameplate.domain.progress import CancelToken
from nameplate.ui.jobs.jobs import Jobs, Task
from nameplate.ui.project_owner import ProjectOwner

FEW: Final = 5000
"""Images that are arranged at once: in less time than a thread takes to answer."""

_NONE: Final = PathIndex.of(())
_NO_FOLDERS: Final = FolderTree("", 0, {})
_NO_ROWS: Final = np.empty(0, np.int64)


class Arranging(QObject):
    """Arranges the images of a project by the requested views.

    A view that is requested while another is computed replaces it; what changes meanwhile is
    taken in afterwards, so that an end is reached however quickly images come in.

    Attributes:
        paths: The index of the paths, of the first images at least.
        folders: The folders of the images, as `read_folders` found them last.
        opened: Rows of the images whose stacks are shown one by one, int64.
        is_outdated: Whether something changed while the last view was computed; it is computed
            again then.

    Signals:
        folders_known: `folders` is up to date.
    """

    folders_known = Signal()

    def __init__(
        self,
        owner: ProjectOwner,
        jobs: Jobs,
        on_done: Callable[[Arranged], object],
        parent: QObject | None = None,
    ) -> None:
        """Call `on_done` with the arrangement of the last requested view."""
        super().__init__(parent)
        self._on_done = on_done
        self._owner = owner
        self._jobs = jobs
        self.paths, self.folders = _NONE, _NO_FOLDERS
        self.opened = _NO_ROWS
        self._asked: View | None = None
        self.is_outdated = False
        self._is_awaiting = False  # the similarity that the view asks for
        self._version = 0  # of the paths: rises when those that are there change
        owner.changed.connect(self._on_project_changed)

    @property
    def is_busy(self) -> bool:
        """Whether a requested view is not done yet."""
        return self._asked is not None

    def ask(self, view: View) -> None:
        """Arrange by `view`; for few images it is done before this returns."""
        if self._asked == view and not self._is_awaiting:
            self.is_outdated = True
            return
        if self._awaits_similarity(view):
            return
        self._asked, self.is_outdated = view, False
        snapshot, known = snapshot_of(view, self.columns()), self.paths
        texts, version = self._owner.project.images.paths.texts, self._version

        def job(_cancel: CancelToken) -> Iterator[Any]:
            paths = known
            if view_needs_paths(view):
                paths = known.extended(texts, len(snapshot))
                yield version, paths
            yield arrange(view, replace(snapshot, paths=paths))

        if view.is_default or len(snapshot) <= FEW:
            self._jobs.drop("arrange")
            for event in job(CancelToken()):
                self._on_arranged(event)
        else:
            self._jobs.run("arrange", Task(job, self._on_arranged, self._on_failed))

    def _awaits_similarity(self, view: View) -> bool:
        """Ask for the similarity of a view; return whether it takes a while.

        It is arranged when it is asked for again.
        """
        wanted = view.filter.similarity
        self._is_awaiting = self._owner.request_similarity(wanted).asked != wanted
        if self._is_awaiting:
            self._jobs.drop("arrange")
            self._asked, self.is_outdated = view, False
        return self._is_awaiting

    def read_folders(self) -> None:
        """Update `paths` and `folders`, for few images at once."""
        images, known, version = self._owner.project.images, self.paths, self._version
        texts, is_there = images.paths.texts, ~images.is_removed

        def job(_cancel: CancelToken) -> Iterator[Any]:
            paths = known.extended(texts, len(is_there))
            yield version, paths, paths.tree(is_there)
            if len(is_there) > FEW:
                _ = paths.name_ranks, paths.folder_ranks  # kept for the first sort by them

        if len(is_there) <= FEW:
            for event in job(CancelToken()):
                self._on_folders(event)
        else:  # in place of one for fewer images, or for the project before
            self._jobs.run("paths", Task(job, self._on_folders))

    def columns(self) -> Columns:
        """Return the current columns of the images, without an index of their paths."""
        project, suggestions = self._owner.project, self._owner.suggestions
        columns = Columns.of(
            project.images,
            project.labels,
            suggestions.suggested,
            suggestions.probability,
            suggestions.margin,
        )
        stacks = self._owner.stacks
        return replace(
            columns,
            found=self._owner.derived.of(FoundImages),
            similarity=self._owner.similarity.scores,
            stacks=_NO_ROWS if stacks is None else stacks.numbers,
            opened=self.opened,
        )

    def _on_arranged(self, event: Arranged | tuple[int, PathIndex]) -> None:
        if isinstance(event, Arranged):
            self._asked = None
            self._on_done(event)
            if self.is_outdated and not self.is_busy:
                self.ask(event.view)
        else:
            self._on_paths(event)

    def _on_failed(self, _error: Exception) -> None:
        self._asked = None  # it is as good as done

    def _on_paths(self, event: tuple[int, PathIndex]) -> None:
        version, paths = event
        if version == self._version and len(paths) > len(self.paths):
            self.paths = paths

    def _on_folders(self, event: tuple[int, PathIndex, FolderTree]) -> None:
        version, paths, folders = event
        if version == self._version:
            self._on_paths((version, paths))
            self.folders = folders
            self.folders_known.emit()

    def _on_project_changed(self, effects: Effects) -> None:
        """Forget the paths of before, and the jobs of the previous project."""
        if effects.opened or len(effects.relinked):
            self.paths, self.folders = _NONE, _NO_FOLDERS
            self._version += 1
        if effects.opened:
            self._asked, self._is_awaiting, self.opened = None, False, _NO_ROWS
            self._jobs.drop("arrange")
