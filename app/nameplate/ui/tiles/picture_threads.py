"""Threads that make pictures for the window, the most urgent one first."""

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, Generic, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from nameplate.domain.progress import CancelToken
from nameplate.pipeline.reading.pools import lower_thread_priority
from nameplate.ui.widgets.later import Later

_R = TypeVar("_R")
_M = TypeVar("_M")

_THREADS_FOR_NOW: Final = 2
"""They make what is wanted now, which is seen. One more makes what is wanted later, while nothing
else needs the processor."""


class PictureThreads(QObject, Generic[_R, _M]):
    """Fulfils requests on threads, which start with the first one.

    One list of requests replaces the other. A request stays in work until the window's thread has
    its result, so that nothing is made twice.
    """

    _woken = Signal()

    def __init__(self, parent: QObject | None, name: str, delay_ms: int = 0) -> None:
        """Make nothing yet; the results of `delay_ms` are delivered together."""
        super().__init__(parent)
        self._name = name
        self._changed = threading.Condition()
        self._wanted: Sequence[_R] = ()
        self._later: Sequence[_R] = ()
        self._in_work: dict[_R, CancelToken] = {}
        self._made: list[tuple[_R, _M, int]] = []
        self._round = 0  # of trying: what failed in an earlier one says nothing any more
        self._is_closed = False
        self._threads: list[threading.Thread] = []
        self._timer = Later(self, delay_ms, self._drain)
        self._woken.connect(self._timer.start, Qt.ConnectionType.QueuedConnection)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is wanted or being made."""
        with self._changed:
            return not (self._wanted or self._later or self._in_work)

    def try_again(self) -> None:
        """Try again at the next request for a failed or failing picture."""
        self._round += 1

    def shut_down(self) -> None:
        """Drop all requests and wait for the threads; nothing is made or emitted afterwards."""
        with self._changed:
            self._is_closed = True
            self._put((), (), stops_others=True)
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        self._timer.stop()
        self._in_work.clear()
        self._made.clear()

    # ---- what a kind of picture adds

    def _make(self, request: _R, cancel: CancelToken) -> _M | None:
        """Make a picture, on a thread; None if it was cancelled."""
        raise NotImplementedError

    def _is_failure(self, made: _M) -> bool:
        raise NotImplementedError

    def _deliver(self, made: Sequence[tuple[_R, _M]]) -> None:
        """Keep the results, and emit a signal for them."""
        raise NotImplementedError

    # ---- the threads

    def _want(self, now: Sequence[_R], later: Sequence[_R] = (), *, stops_others: bool) -> None:
        """Make these and nothing else, the most urgent first.

        Args:
            now: At once.
            later: By another thread, which gives way to all others.
            stops_others: Whether what is being made and not among these is cancelled.
        """
        if self._is_closed:
            return
        with self._changed:
            self._put(now, later, stops_others=stops_others)
        if (now or later) and not self._threads:
            for number in range(_THREADS_FOR_NOW + 1):
                work = partial(self._work, is_for_later=number == _THREADS_FOR_NOW)
                name = f"{self._name}-{number}"
                self._threads.append(threading.Thread(target=work, name=name, daemon=True))
                self._threads[-1].start()

    def _put(self, now: Sequence[_R], later: Sequence[_R], *, stops_others: bool) -> None:
        self._wanted, self._later = now, later
        if stops_others:
            for request, token in self._in_work.items():
                if request not in now and request not in later:
                    token.cancel()
        self._changed.notify_all()

    def _take(self, *, is_for_later: bool) -> tuple[_R, CancelToken, int] | None:
        """Wait for a request and return it; None once all is shut down."""
        with self._changed:
            while not self._is_closed:
                for request in self._later if is_for_later else self._wanted:
                    if request not in self._in_work:
                        token = self._in_work[request] = CancelToken()
                        return request, token, self._round
                self._changed.wait()
        return None

    def _work(self, *, is_for_later: bool) -> None:
        if is_for_later:
            lower_thread_priority()
        while (taken := self._take(is_for_later=is_for_later)) is not None:
            request, token, in_round = taken
            made = self._make(request, token)
            with self._changed:
                if made is None:
                    del self._in_work[request]  # cancelled; wanted again perhaps
                else:
                    self._made.append((request, made, in_round))
                is_first = made is not None and len(self._made) == 1 and not self._is_closed
            made = None  # waiting, it must not hold the pixels
            if is_first and not _emit(self._woken.emit):
                return

    @Slot()
    def _drain(self) -> None:
        with self._changed:
            made, self._made = self._made, []
            done = [
                (request, one)
                for request, one, in_round in made
                if in_round == self._round or not self._is_failure(one)
            ]
            for request, _, _ in made:
                self._in_work.pop(request, None)
            answered = {request for request, _ in done}
            self._wanted = [request for request in self._wanted if request not in answered]
            self._later = [request for request in self._later if request not in answered]
            if len(done) < len(made):
                self._changed.notify_all()
        self._deliver(done)


def _emit(emit: Callable[[], Any]) -> bool:
    try:
        emit()
    except RuntimeError:  # the window and the C++ part were deleted without `shut_down`
        return False
    return True
