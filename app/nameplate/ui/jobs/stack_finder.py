"""Finds stacks, copies and bursts, for the grid and for pages alike."""

from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from nameplate.domain.changes import Effects
from nameplate.domain.progress import CancelToken, Progress
from nameplate.domain.stacks import Stacks, no_stacks
from nameplate.imaging.thumbnail_cache import ThumbnailCache
from nameplate.pipeline.stacks.finding import ToStack, find_stacks
from nameplate.pipeline.stacks.small import SmallPictures
from nameplate.ui.jobs.job_runner import JobRunner
from nameplate.ui.jobs.model_in_use import ModelInUse
from nameplate.ui.jobs.reading import Reading
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.later import Later

_SLOW_MS: Final = 1000
_SOON_MS: Final = 300
"""After pictures were removed or restored: more of them may follow."""
_TOLD_S: Final = 0.2
"""Between two reports of progress."""


class StackFinder(QObject):
    """Finds the stacks of a project on a thread, once somebody asks and all pictures are read.

    From then on they are found anew whenever others could come out: for other pictures, other files
    of these, or another model. What was read of a picture is not read again.

    Attributes:
        is_slow: Whether they have been looked for so long that it is to be told.
        progress: Of reading pictures to compare; None as long as it is not known how many.

    Signals:
        slowed: `is_slow` changed, or the `progress` of what is slow.
    """

    slowed = Signal()
    _read = Signal(object)

    def __init__(
        self,
        owner: ProjectOwner,
        in_use: ModelInUse,
        reading: Reading,
        parent: QObject,
        thumbnails: ThumbnailCache | None = None,
    ) -> None:
        super().__init__(parent)
        self._owner = owner
        self._thumbnails = thumbnails
        self._small = SmallPictures(thumbnails)
        self.is_slow = False
        self.progress: Progress | None = None
        self._is_wanted = False
        self._is_due = True  # others may come out than those that are known or looked for
        self._runner = JobRunner(
            "stacks",
            self,
            on_event=self._on_found,
            on_failed=self._on_failed,
            on_done=self._on_ended,
            low_priority=True,
        )
        self._slow = Later(self, _SLOW_MS, self._on_slow)
        self._soon = Later(self, _SOON_MS, self._look)
        self._read.connect(self._on_read)
        owner.find_by("stacks", self.ask)
        owner.changed.connect(self._on_changed)
        owner.opened.connect(self._forget)
        in_use.loaded.connect(self._on_loaded)
        reading.started.connect(self._note_due)
        reading.ended.connect(self._look)

    @property
    def is_looking(self) -> bool:
        """Whether they are being looked for."""
        return self._runner.is_running

    @Slot()
    def ask(self) -> None:
        """Find the stacks, now or when all pictures are read, unless they are known."""
        self._is_wanted = True
        self._look()

    def cancel(self) -> None:
        """Stop looking; `ask` begins anew."""
        if self.is_looking:
            self._stop()

    def shut_down(self) -> None:
        """Stop and wait for the thread."""
        self._slow.stop()
        self._soon.stop()
        self._runner.shut_down()

    @Slot()
    def _look(self) -> None:
        images = self._owner.project.images
        if not (self._is_wanted and self._is_due) or images.waiting or not len(images):
            return
        self._is_due, self.progress = False, None
        to_stack, small, told = ToStack.of(images), self._small, 0.0

        def tell(progress: Progress) -> None:
            nonlocal told
            if progress.seconds - told >= _TOLD_S:
                told = progress.seconds
                self._read.emit(progress)

        def job(cancel: CancelToken) -> Iterator[Stacks]:
            yield find_stacks(to_stack, cancel, tell, small)

        self._runner.start(job)
        self._slow.ask()

    @Slot(object)
    def _on_changed(self, effects: Effects) -> None:
        if effects.images or len(effects.relinked):
            self._is_due = True
            self._soon.ask()

    @Slot()
    def _on_loaded(self) -> None:
        """Look anew with another model: at once where it knows all pictures already."""
        self._is_due = True
        self._soon.ask()

    @Slot()
    def _note_due(self) -> None:
        self._is_due = True

    @Slot(object)
    def _on_read(self, progress: Progress) -> None:
        self.progress = progress
        if self.is_slow:
            self.slowed.emit()

    @Slot(object)
    def _on_found(self, stacks: Stacks) -> None:
        self._owner.provide("stacks", stacks)

    def _on_failed(self, _error: Exception) -> None:
        self._on_ended()
        self._owner.provide("stacks", no_stacks())

    def _on_ended(self) -> None:
        if not self._runner.is_running:
            self._calm()

    def _calm(self) -> None:
        """Note that nothing is looked for any more."""
        self._slow.stop()
        was_slow, self.is_slow = self.is_slow, False
        if was_slow:
            self.slowed.emit()

    @Slot()
    def _on_slow(self) -> None:
        self.is_slow = True
        self.slowed.emit()

    @Slot()
    def _forget(self) -> None:
        """Begin anew: another project was opened.

        The status line is not told: it could paint the grid, which has the other images still.
        """
        self.is_slow = False
        self._small = SmallPictures(self._thumbnails)
        self._stop()

    def _stop(self) -> None:
        self._is_wanted, self._is_due = False, True
        self._runner.drop()
        self._calm()
