"""Runs generators off the GUI thread and delivers their events to it.

A job is a plain generator without Qt: each `yield` is an event for the window and a point where
it can be cancelled.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from nameplate.domain.errors import NameplateError
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.inference.runtime.heap import give_back_freed_memory
from nameplate.pipeline.reading.pools import lower_thread_priority
from nameplate.plug_ins.failures import tell_of_plug_in

Job = Callable[[CancelToken], Iterator[Any]]

_DRAIN_SECONDS: Final = 0.006
_PAUSE_MS: Final = 8
"""Between two slices of events. With 16, 100,000 pictures took half as long again to come in; with
4 other turns of the window's thread waited longer."""
_LONG_S: Final = 0.5
"""What a longer job has freed is given back: between what stays it can be a hundred MB."""

_LOG = logging.getLogger(__name__)


def ignore(*_: object) -> None:
    """Do nothing, as a callback."""


def nothing(_cancel: CancelToken) -> Iterator[Any]:
    """Do nothing, as a job: run in place of another, its `on_done` follows when that stopped."""
    return iter(())


@dataclass(frozen=True, eq=False, slots=True)
class Task:
    """A job that runs or waits, and its callbacks, which run on the GUI thread.

    Attributes:
        job: Makes the generator, on the thread that runs it.
        on_failed: Called with the exception that it raised, also a `CancelledError`.
        on_done: Called when it finished, or stopped since it was cancelled.
    """

    job: Job
    on_event: Callable[[Any], object] = ignore
    on_failed: Callable[[Exception], object] = ignore
    on_done: Callable[[], object] = ignore
    token: CancelToken = field(default_factory=CancelToken)


@dataclass(frozen=True, slots=True)
class _End:
    error: Exception | None


class _Queue:
    """The jobs of one name: one runs after the other, on a thread that ends with the last."""

    def __init__(self, name: str, put: Callable[["_Queue", Task, Any], None]) -> None:
        self.tasks: list[Task] = []
        """Those that run or wait and whose end was not delivered; of the GUI thread."""
        self.events: deque[tuple[Task, Any]] = deque()
        """What was not delivered yet; guarded by the lock of the `Jobs`."""
        self.low_priority = False
        self._name, self._put = name, put
        self._waiting: deque[Task] = deque()
        self._is_idle = threading.Event()
        self._is_idle.set()
        self._lock = threading.Lock()

    def add(self, task: Task) -> None:
        self.tasks.append(task)
        with self._lock:
            self._waiting.append(task)
            if not self._is_idle.is_set():
                return
            self._is_idle.clear()
        threading.Thread(target=self._work, name=self._name).start()

    def drop(self) -> None:
        """Cancel all tasks; none of their events are delivered any more."""
        for task in self.tasks:
            task.token.cancel()
        self.tasks = []

    def wait(self) -> None:
        """Wait until no thread works on it."""
        self._is_idle.wait()

    def _work(self) -> None:
        if self.low_priority:
            lower_thread_priority()
        while True:
            with self._lock:
                if not self._waiting:
                    self._is_idle.set()
                    return
                task = self._waiting.popleft()
            self._put(self, task, _End(self._run(task)))

    def _run(self, task: Task) -> Exception | None:
        started = time.monotonic()
        try:
            if task.token.is_cancelled:
                return None
            events = task.job(task.token)
            for event in events:
                self._put(self, task, event)
                if task.token.is_cancelled:
                    break
            if isinstance(events, Generator):
                events.close()  # on this thread, which owns the resources of the job
        except BaseException as error:  # noqa: BLE001 - carried to the GUI thread as a value
            is_expected = isinstance(error, (NameplateError, CancelledError))
            if not (is_expected or tell_of_plug_in(error)):
                _LOG.exception("a job failed")
            return error if isinstance(error, Exception) else RuntimeError(repr(error))
        finally:
            if time.monotonic() - started > _LONG_S:
                give_back_freed_memory()
        return None


class Jobs(QObject):
    """Runs jobs by name, each name on a thread while there is work.

    Jobs of one name run one after the other; those of different names at once. Events arrive in
    slices of a few milliseconds, so that a flood of them never freezes the window: those of a name
    in order, those of several by turns, so that none waits for the flood of another.
    """

    _woken = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queues: dict[str, _Queue] = {}
        self._lock = threading.Lock()
        self._undelivered: deque[_Queue] = deque()  # those that have events
        self._is_awake = self._is_shut_down = False
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._timer.timeout.connect(self._deliver)
        self._woken.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(self, name: str, task: Task, *, low_priority: bool = False) -> Task:
        """Run a job instead of those of the same name: nothing of these arrives any more.

        `low_priority` is for background work: its thread takes what the window's leaves. Where that
        waits for it, it would only be slower.
        """
        self.drop(name)
        return self.queue(name, task, low_priority=low_priority)

    def queue(self, name: str, task: Task, *, low_priority: bool = False) -> Task:
        """Run a job when those of the same name have ended."""
        queue = self._queue(name)
        if not self._is_shut_down:
            queue.low_priority = low_priority  # of its next thread
            queue.add(task)
        return task

    def _queue(self, name: str) -> _Queue:
        if name not in self._queues:
            self._queues[name] = _Queue(name, self._put)
        return self._queues[name]

    def is_running(self, name: str) -> bool:
        """Return whether a job of a name runs or waits, or its end was not delivered yet."""
        return bool(self._queue(name).tasks)

    @property
    def running(self) -> list[str]:
        """The names of the jobs that run or wait."""
        return [name for name, queue in self._queues.items() if queue.tasks]

    @property
    def is_busy(self) -> bool:
        """Whether any job runs or waits."""
        return bool(self.running)

    def cancel(self, name: str) -> None:
        """Ask the jobs of a name to stop; `on_done` follows when they have."""
        for task in self._queue(name).tasks:
            task.token.cancel()

    def cancel_task(self, task: Task) -> None:
        """Ask one job to stop; one that waits for others of its name is done at once."""
        task.token.cancel()
        for queue in self._queues.values():
            if task in queue.tasks[1:]:
                queue.tasks.remove(task)
                task.on_done()

    def drop(self, name: str) -> None:
        """Cancel the jobs of a name; nothing of them arrives any more."""
        self._queue(name).drop()

    def finish(self, name: str) -> None:
        """Wait until the jobs of a name have ended by themselves; nothing of them arrives then."""
        self._queue(name).wait()
        self._queue(name).drop()

    def end(self, name: str) -> None:
        """Drop the jobs of a name, and wait until the one that runs has stopped."""
        self._queue(name).drop()
        self._queue(name).wait()

    def shut_down(self) -> None:
        """Drop all jobs and wait for their threads; none runs any more."""
        self._is_shut_down = True
        for queue in self._queues.values():
            queue.drop()
        for queue in self._queues.values():
            queue.wait()

    def _put(self, queue: _Queue, task: Task, event: Any) -> None:
        """Hand an event over to the GUI thread; called on any thread."""
        with self._lock:
            if not queue.events:
                self._undelivered.append(queue)
            queue.events.append((task, event))
            wake, self._is_awake = not self._is_awake, True
        if wake:
            self._woken.emit()

    @Slot()
    def _deliver(self) -> None:
        # Also where a callback raises, or runs a loop of its own as a dialog does: others follow.
        self._timer.start()
        end = time.monotonic() + _DRAIN_SECONDS
        while time.monotonic() < end:
            with self._lock:
                if not self._undelivered:
                    self._is_awake = False
                    self._timer.stop()
                    return
                queue = self._undelivered.popleft()
                task, event = queue.events.popleft()
                if queue.events:
                    self._undelivered.append(queue)
            if task not in queue.tasks:
                continue  # it was dropped
            if not isinstance(event, _End):
                task.on_event(event)
                continue
            queue.tasks.remove(task)
            if event.error is None:
                task.on_done()
            else:
                task.on_failed(event.error)
