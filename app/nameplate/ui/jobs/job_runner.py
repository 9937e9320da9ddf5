"""Runs one job at a time and tells of it by signals."""

from PySide6.QtCore import QObject, Signal

from nameplate.ui.jobs.jobs import Job, Jobs, Task


class JobRunner(QObject):
    """Runs one generator at a time; starting a job supersedes the one before it.

    Signals:
        event_arrived: An event that the job yielded.
        finished: The current job finished or was cancelled.
        failed: The current job raised; the exception.
    """

    event_arrived = Signal(object)
    finished = Signal()
    failed = Signal(object)

    def __init__(
        self, name: str, parent: QObject | None = None, *, low_priority: bool = False
    ) -> None:
        super().__init__(parent)
        self._name, self._low_priority = name, low_priority
        self._jobs = Jobs(self)

    @property
    def is_running(self) -> bool:
        """Whether a job is running whose end has not been signalled yet."""
        return self._jobs.is_running(self._name)

    def start(self, job: Job) -> None:
        """Run `job` after cancelling the current one."""
        task = Task(job, self.event_arrived.emit, self.failed.emit, self.finished.emit)
        self._jobs.run(self._name, task, low_priority=self._low_priority)

    def cancel(self) -> None:
        """Ask the current job to stop; `finished` follows when it has."""
        self._jobs.cancel(self._name)

    def drop(self) -> None:
        """Cancel the current job and let none of its events arrive any more; `finished` follows."""
        self.start(lambda _cancel: iter(()))

    def shut_down(self) -> None:
        """Cancel the current job and wait for its thread; no signal follows."""
        self._jobs.shut_down()
