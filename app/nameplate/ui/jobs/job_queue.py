"""A FIFO queue of jobs; a `JobRunner` alone would cancel the one before."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Slot

from nameplate.ui.jobs.jobs import Job, JobRunner


def _no_matter(*_: object) -> None:
    pass


@dataclass(frozen=True, eq=False, slots=True)
class Task:
    """A job and its callbacks, which run on the GUI thread.

    Attributes:
        job: The job to run.
        on_event: Called with each event that it yields.
        on_failed: Called with the error if it failed.
        on_finished: Called if it finished or was cancelled.
    """

    job: Job
    on_event: Callable[[Any], object] = _no_matter
    on_failed: Callable[[Exception], object] = _no_matter
    on_finished: Callable[[], object] = _no_matter


class JobQueue(QObject):
    """Runs tasks one after the other on one thread."""

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[Task] = deque()
        self._current: Task | None = None
        self._runner = JobRunner(name, self)
        self._runner.event_arrived.connect(self._on_event)
        self._runner.failed.connect(self._on_failed)
        self._runner.finished.connect(self._on_finished)

    @property
    def is_busy(self) -> bool:
        """Whether a task runs or waits."""
        return self._current is not None

    def add(self, task: Task) -> Task:
        """Queue `task` and return it."""
        self._waiting.append(task)
        self._start_next()
        return task

    def cancel(self, task: Task) -> None:
        """Cancel `task`, queued or running; its `on_finished` is called either way."""
        if task is self._current:
            self._runner.cancel()
        elif task in self._waiting:
            self._waiting.remove(task)
            task.on_finished()

    def drop(self) -> None:
        """Cancel all tasks; no callback is called."""
        self._waiting.clear()
        self._current = None
        self._runner.drop()

    def shut_down(self) -> None:
        """Cancel all tasks and wait for the thread; no callback is called."""
        self._waiting.clear()
        self._runner.shut_down()

    def _start_next(self) -> None:
        if self._current is None and self._waiting:
            self._current = self._waiting.popleft()
            self._runner.start(self._current.job)

    @Slot(object)
    def _on_event(self, event: Any) -> None:
        if self._current is not None:
            self._current.on_event(event)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        task, self._current = self._current, None
        if task is not None:
            task.on_failed(error)
        self._start_next()

    @Slot()
    def _on_finished(self) -> None:
        task, self._current = self._current, None
        if task is not None:
            task.on_finished()
        self._start_next()
