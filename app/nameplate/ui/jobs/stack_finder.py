"""Finds stacks, copies and bursts, for the grid and for pages alike."""

from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from nameplate.domain.progress import CancelToken
from nameplate.domain.stacks import Stacks, no_stacks
from nameplate.pipeline.stacks.finding import ToStack, find_stacks
from nameplate.ui.jobs.jobs import JobRunner
from nameplate.ui.jobs.reading import Reading
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.later import Later

_SLOW_MS: Final = 1000


class StackFinder(QObject):
    """Finds the stacks of a project on a thread, once somebody asks and all pictures are read.

    Pictures that come later are taken in when they are read, too.

    Attributes:
        is_slow: Whether they have been looked for so long that it is to be told.

    Signals:
        slowed: `is_slow` changed.
    """

    slowed = Signal()

    def __init__(self, owner: ProjectOwner, reading: Reading, parent: QObject) -> None:
        super().__init__(parent)
        self._owner = owner
        self.is_slow = False
        self._is_wanted = False
        self._count = 0  # of the images that they were looked for among last
        self._runner = JobRunner("stacks", self, low_priority=True)
        self._slow = Later(self, _SLOW_MS, self._on_slow)
        self._runner.event_arrived.connect(self._on_found)
        self._runner.finished.connect(self._on_ended)
        self._runner.failed.connect(self._on_ended)
        self._runner.failed.connect(lambda: owner.replace_stacks(no_stacks()))
        owner.stacks_wanted.connect(self.ask)
        reading.ended.connect(self._look)
        owner.opened.connect(self._forget)

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
            self._forget()

    def shut_down(self) -> None:
        """Stop and wait for the thread."""
        self._slow.stop()
        self._runner.shut_down()

    @Slot()
    def _look(self) -> None:
        images = self._owner.project.images
        is_known = self._count == len(images)
        if not self._is_wanted or images.waiting or is_known or not len(images):
            return
        self._count, to_stack = len(images), ToStack.of(images)

        def job(cancel: CancelToken) -> Iterator[Stacks]:
            yield find_stacks(to_stack, cancel)

        self._runner.start(job)
        self._slow.ask()

    @Slot(object)
    def _on_found(self, stacks: Stacks) -> None:
        self._owner.replace_stacks(stacks)

    @Slot()
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
        """Begin anew: another project was opened, or nobody wants to wait."""
        self._is_wanted, self._count = False, 0
        self._runner.drop()
        self._calm()
