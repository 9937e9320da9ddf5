"""In the window: reads what is asked for by a filter or an order, and says it of a picture."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from nameplate.domain.changes import Effects
from nameplate.domain.filtering.columns import FoundImages, found_images
from nameplate.domain.filtering.filters import Filter
from nameplate.domain.filtering.views import Sort
from nameplate.domain.progress import CancelToken, Progress
from nameplate.domain.text import deferred
from nameplate.features.camera.kept import KeptExif
from nameplate.features.camera.reading import ToRead, read_all
from nameplate.features.camera.words import exif_text
from nameplate.storage.caches.embedding_cache import default_folder
from nameplate.storage.folders import temporary_folder
from nameplate.ui.jobs.jobs import ignore
from nameplate.ui.workbench import Workbench
from nameplate.wording.texts import error_text, sentences, tr

_KEYS: Final = frozenset(("taken", "camera"))
_SLOW_MS: Final = 1000
_SOON_MS: Final = 300
"""After pictures came or went: more of them may follow."""
_CURRENT_MS: Final = 60
"""Of one picture, before its file is read: somebody may walk through many."""
_WHAT: Final = deferred("Reading when and by which camera pictures were taken")


def attach(workbench: Workbench) -> None:
    """Read what a filter or an order asks for, and what the file of the current picture says."""
    workbench.part(Cameras)


class Cameras:
    """Reads files on a thread once somebody asks, and again when other pictures came."""

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self._folder = default_folder()
        if not workbench.model_in_use.uses_cache:
            self._folder = temporary_folder()
        self._is_due = True  # something else could be found than is known
        self._row, self._progress = -1, Progress(0, 0, 0)
        self._slow = workbench.later(_SLOW_MS, self._show)
        self._soon = workbench.later(_SOON_MS, self._look_again)
        self._current = workbench.later(_CURRENT_MS, self._read_current)
        for key in _KEYS:
            workbench.derived.find_by(found_images(key), self._look)
        workbench.follow(self._on_changed)
        workbench.pictures.follow_view(self._look_if_asked)
        workbench.pictures.follow_current(self._on_current)

    # ---- all pictures

    @property
    def _is_asked(self) -> bool:
        return bool(self._workbench.pictures.view.findings & _KEYS)

    def _look_again(self) -> None:
        """Read what came, too, where somebody still waits for it: a view, or who types a value."""
        if self._is_asked or self._workbench.is_running("read"):
            self._look()

    def _look_if_asked(self) -> None:
        if self._is_asked:
            self._look()
        elif self._workbench.is_running("read"):
            self._stop()

    def _look(self) -> None:
        if not self._is_due:
            return
        self._is_due, self._progress = False, Progress(0, 0, 0)
        of = ToRead.of(self._workbench.project.images)

        def job(cancel: CancelToken) -> Iterator[Progress | Mapping[str, FoundImages]]:
            with KeptExif(self._folder) as kept:
                yield from read_all(of, kept, cancel)

        run = self._workbench.run
        run("read", job, self._on_event, self._on_failed, self._calm, low_priority=True)
        self._slow.ask()

    def _on_changed(self, effects: Effects) -> None:
        if effects.images or len(effects.relinked):
            self._is_due = True
            self._soon.ask()
            self._current.ask()

    def _on_event(self, event: Progress | Mapping[str, FoundImages]) -> None:
        if isinstance(event, Progress):
            self._progress = event
            if not self._slow.isActive():
                self._show()
            return
        for key in _KEYS:
            self._workbench.derived.publish(found_images(key), event[key])

    def _on_failed(self, error: Exception) -> None:
        self._calm()
        self._is_due = True
        text = tr("Can't read what cameras wrote into the pictures.")
        self._workbench.warn(sentences(text, error_text(error)))

    def _show(self) -> None:
        """Say how far it is; it takes long."""
        self._workbench.show_work(tr(_WHAT), self._progress, self._cancel)

    def _calm(self) -> None:
        self._slow.stop()
        self._workbench.show_work("")

    def _stop(self) -> None:
        self._workbench.drop("read")
        self._is_due = True
        self._calm()

    def _cancel(self) -> None:
        """Stop, and take back what was asked for: it is not known."""
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
            with KeptExif(self._folder) as kept:
                yield exif_text(kept.read([path], cancel)[0])

        def show(text: str) -> None:
            self._workbench.pictures.describe(row, text)

        self._workbench.run("current", job, show, ignore)
