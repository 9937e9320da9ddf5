"""Runs generators off the GUI thread and delivers their events to it.

A job is a plain generator without Qt: each `yield` is an event for the window and a point where
it can be cancelled. One runner has one thread and runs one job at a time.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from nameplate.domain.errors import NameplateError
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.inference.runtime.heap import give_back_freed_memory
from nameplate.pipeline.reading.pools import lower_thread_priority

Job = Callable[[CancelToken], Iterator[Any]]

_DRAIN_SECONDS: Final = 0.006
_PAUSE_MS: Final = 8
"""Between two slices of events. With 16, 100,000 pictures took half as long again to come in; with
4 other turns of the window's thread waited longer."""
_LONG_S: Final = 0.5
"""What a longer job has freed is given back: between what stays it can be a hundred MB."""

_LOG = logging.getLogger(__name__)


class _Finished:
    def __init__(self, error: Exception | None) -> None:
        self.error = error


class JobRunner(QObject):
    """Runs one generator at a time on a thread of its own.

    Starting a job supersedes the one before it: the old one is cancelled and none of its events
    arrive any more. Events of the current job arrive in order, in slices of a few milliseconds, so
    a flood of them never freezes the window.

    What is worked out anew beside a person's work should have a thread of low priority: it takes
    what the window's thread leaves. Where they wait for it that would only be slower.

    Signals:
        event_arrived: An event that the job yielded.
        finished: The current job finished or was cancelled.
        failed: The current job raised; the exception.
    """

    event_arrived = Signal(object)
    finished = Signal()
    failed = Signal(object)
    _woken = Signal()

    def __init__(
        self, name: str, parent: QObject | None = None, *, low_priority: bool = False
    ) -> None:
        super().__init__(parent)
        begin = lower_thread_priority if low_priority else None
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name, initializer=begin)
        self._lock = threading.Lock()
        self._inbox: deque[tuple[int, Any]] = deque()
        self._is_awake = False
        self._number = 0
        self._token = CancelToken()
        self._is_running = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE_MS)
        self._timer.timeout.connect(self._drain)
        self._woken.connect(self._drain, Qt.ConnectionType.QueuedConnection)

    @property
    def is_running(self) -> bool:
        """Whether a job is running whose end has not been signalled yet."""
        return self._is_running

    def start(self, job: Job) -> None:
        """Run `job` after cancelling the current one."""
        self._token.cancel()
        self._number += 1
        self._token = CancelToken()
        self._is_running = True
        self._executor.submit(self._work, self._number, self._token, job)

    def cancel(self) -> None:
        """Ask the current job to stop; `finished` follows when it has."""
        self._token.cancel()

    def drop(self) -> None:
        """Cancel the current job and let none of its events arrive any more; `finished` follows."""
        self.start(lambda _cancel: iter(()))

    def shut_down(self) -> None:
        """Cancel the current job and wait for its thread; no signal follows."""
        self._token.cancel()
        self._number += 1
        self._is_running = False
        self._timer.stop()
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _work(self, number: int, token: CancelToken, job: Job) -> None:
        error, started = None, time.monotonic()
        if token.is_cancelled:
            self._put(number, _Finished(None))
            return
        try:
            events = job(token)
            for event in events:
                self._put(number, event)
                if token.is_cancelled:
                    break
            if isinstance(events, Generator):
                events.close()  # on this thread, which owns the resources of the job
        except Exception as caught:  # noqa: BLE001 - carried to the GUI thread as a value
            if not isinstance(caught, (NameplateError, CancelledError)):
                _LOG.exception("a job failed")
            error = caught
        self._put(number, _Finished(error))
        if time.monotonic() - started > _LONG_S:
            give_back_freed_memory()

    def _put(self, number: int, event: Any) -> None:
        with self._lock:
            self._inbox.append((number, event))
            wake, self._is_awake = not self._is_awake, True
        if wake:
            self._woken.emit()

    @Slot()
    def _drain(self) -> None:
        end = time.monotonic() + _DRAIN_SECONDS
        while time.monotonic() < end:
            with self._lock:
                if not self._inbox:
                    self._is_awake = False
                    return
                number, event = self._inbox.popleft()
            if number != self._number:
                continue
            if isinstance(event, _Finished):
                self._end(event.error)
            else:
                self.event_arrived.emit(event)
        self._timer.start()

    def _end(self, error: Exception | None) -> None:
        self._is_running = False
        if error is None:
            self.finished.emit()
        else:
            self.failed.emit(error)
