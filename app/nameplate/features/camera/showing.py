"""Reads dates and cameras when a filter or sort order needs them, and for the current picture."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from nameplate.domain.changes import Effects
from nameplate.domain.filtering.columns import FoundImages, found_images
from nameplate.domain.filtering.filters import Filter
from nameplate.domain.filtering.views import Sort
from nameplate.domain.progress import CancelToken, Progress
from nameplate.domain.text import deferred
from nameplate.features.camera.exif_cache import ExifCache
from nameplate.features.camera.reading import ToRead, read_all
from nameplate.features.camera.words import exif_text
from nameplate.storage.caches.embedding_cache import default_folder
from nameplate.storage.folders import temporary_folder
from nameplate.ui.jobs.jobs import ignore
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import error_text, sentences, tr

_KEYS: Final = frozenset(("taken", "camera"))
_SLOW_MS: Final = 1000
_READ_MS: Final = 300
"""Delay after pictures were added or removed: more of them may follow."""
_CURRENT_MS: Final = 60
"""Delay before the file of the current picture is read: a person may step through many."""
_WHAT: Final = deferred("Reading when and by which camera pictures were taken")


def attach(workbench: Workbench) -> None:
    """Read dates and cameras in the window of a project."""
    workbench.part(Cameras)


class Cameras:
    """Reads files on a thread on the first request, and again when pictures were added."""

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self._folder = default_folder()
        if not workbench.model_in_use.uses_cache:
            self._folder = temporary_folder()
        self._is_outdated = True  # the findings lack pictures of the project
        self._row, self._progress = -1, Progress(0, 0, 0)
        self._slow = workbench.later(_SLOW_MS, self._show_progress)
        self._read_soon = workbench.later(_READ_MS, self._read_again)
        self._current = workbench.later(_CURRENT_MS, self._read_current)
        for key in _KEYS:
            workbench.derived.find_by(found_images(key), self._read_all)
        workbench.follow(self._on_changed)
        workbench.pictures.follow_view(self._read_if_needed)
        workbench.pictures.follow_current(self._on_current)

    # ---- all pictures

    @property
    def _is_needed(self) -> bool:
        return bool(self._workbench.pictures.view.findings & _KEYS)

    def _read_again(self) -> None:
        """Read new pictures, if a view or a typed value still needs the findings."""
        if self._is_needed or self._workbench.is_running("read"):
            self._read_all()

    def _read_if_needed(self) -> None:
        if self._is_needed:
            self._read_all()
        elif self._workbench.is_running("read"):
            self._stop()

    def _read_all(self) -> None:
        if not self._is_outdated:
            return
        self._is_outdated, self._progress = False, Progress(0, 0, 0)
        of = ToRead.of(self._workbench.project.images)

        def job(cancel: CancelToken) -> Iterator[Progress | Mapping[str, FoundImages]]:
            with ExifCache(self._folder) as cache:
                yield from read_all(of, cache, cancel)

        run = self._workbench.run
        run("read", job, self._on_event, self._on_failed, self._hide_progress, low_priority=True)
        self._slow.ask()

    def _on_changed(self, effects: Effects) -> None:
        if effects.images or len(effects.relinked):
            self._is_outdated = True
            self._read_soon.ask()
            self._current.ask()

    def _on_event(self, event: Progress | Mapping[str, FoundImages]) -> None:
        if isinstance(event, Progress):
            self._progress = event
            if not self._slow.isActive():
                self._show_progress()
            return
        for key in _KEYS:
            self._workbench.derived.publish(found_images(key), event[key])

    def _on_failed(self, error: Exception) -> None:
        self._hide_progress()
        self._is_outdated = True
        text = tr("Can't read what cameras wrote into the pictures.")
        self._workbench.warn(sentences(text, error_text(error)))

    def _show_progress(self) -> None:
        """Show the progress of a job that takes long."""
        self._workbench.show_work(tr(_WHAT), self._progress, self._cancel)

    def _hide_progress(self) -> None:
        self._slow.stop()
        self._workbench.show_work("")

    def _stop(self) -> None:
        self._workbench.drop("read")
        self._is_outdated = True
        self._hide_progress()

    def _cancel(self) -> None:
        """Stop, and remove the conditions and the order that need the findings."""
        self._stop()
        view = self._workbench.pictures.view
        terms = (one for one in view.filter.terms if one.condition.found_by not in _KEYS)
        sort = Sort.ADDED if view.sort in _KEYS else view.sort
        view = replace(view, filter=Filter(tuple(terms)), sort=sort)
        self._workbench.pictures.arrangement.set_view(view)

    # ---- the current picture

    def _on_current(self, row: int) -> None:
        self._row = row
        self._current.start()

    def _read_current(self) -> None:
        row = self._row
        if row < 0:
            return
        path = self._workbench.project.images.paths[row]

        def job(cancel: CancelToken) -> Iterator[str]:
            with ExifCache(self._folder) as cache:
                yield exif_text(cache.read([path], cancel)[0])

        def show(text: str) -> None:
            self._workbench.pictures.describe(row, text)

        self._workbench.run("current", job, show, ignore)
