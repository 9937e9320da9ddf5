"""Runs one job at a time, always with the same callbacks."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject

from nameplate.ui.jobs.jobs import Job, Jobs, Task, ignore


class JobRunner:
    """Runs one generator at a time; starting a job supersedes the one before it."""

    def __init__(
        self,
        name: str,
        parent: QObject | None = None,
        *,
        on_event: Callable[[Any], object] = ignore,
        on_failed: Callable[[Exception], object] = ignore,
        on_done: Callable[[], object] = ignore,
        low_priority: bool = False,
    ) -> None:
        """Run nothing yet; for the callbacks see `Task`, for `low_priority` see `Jobs.run`."""
        self._name, self._low_priority = name, low_priority
        self._callbacks = (on_event, on_failed, on_done)
        self._jobs = Jobs(parent)

    @property
    def is_running(self) -> bool:
        """Whether a job is running whose end has not been told yet."""
        return self._jobs.is_running(self._name)

    def start(self, job: Job) -> None:
        """Run `job` after cancelling the current one."""
        task = Task(job, *self._callbacks)
        self._jobs.run(self._name, task, low_priority=self._low_priority)

    def cancel(self) -> None:
        """Ask the current job to stop; `on_done` follows when it has."""
        self._jobs.cancel(self._name)

    def drop(self) -> None:
        """Cancel the current job and let none of its events arrive any more; `on_done` follows."""
        self.start(lambda _cancel: iter(()))

    def shut_down(self) -> None:
        """Cancel the current job and wait for its thread; no callback follows."""
        self._jobs.shut_down()
