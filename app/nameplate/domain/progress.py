"""Progress and cancellation of long jobs."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from nameplate.domain.messages import Message


class CancelledError(Exception):
    """The job was cancelled before there was a result to keep."""


class CancelToken:
    """A flag that a job checks between units of work; thread-safe.

    A function that takes one raises a CancelledError once it is set, unless documented otherwise.
    Work that cannot check it, such as a model run of minutes, is stopped by a callback.

    Attributes:
        is_acknowledged: Whether the job has stopped or finished, and its result is being saved.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self.is_acknowledged = False
        self._callbacks = dict[object, Callable[[], object]]()

    def cancel(self) -> None:
        """Ask the job to stop before its next unit of work, and run the callbacks of `calling`."""
        self._event.set()
        # A copy, because other threads add and remove callbacks at the same time.
        for callback in list(self._callbacks.values()):
            callback()

    def acknowledge(self) -> None:
        """Mark the job as stopped or finished: it saves its result now, and must not be killed."""
        self.is_acknowledged = True

    @contextmanager
    def calling(self, callback: Callable[[], object]) -> Generator[None]:
        """Call `callback` on the canceller's thread if the token is set inside the context.

        It is called at once if the token is already set, and may be called twice.
        """
        key = object()
        self._callbacks[key] = callback
        try:
            if self.is_cancelled:
                callback()
            yield
        finally:
            del self._callbacks[key]

    @property
    def is_cancelled(self) -> bool:
        """Whether the job was cancelled."""
        return self._event.is_set()

    def raise_if_cancelled(self) -> None:
        """Raise if the job was cancelled.

        Raises:
            CancelledError: It was.
        """
        if self.is_cancelled:
            raise CancelledError


NEVER: Final = CancelToken()
"""The token of work that cannot be cancelled."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a job at one moment.

    Attributes:
        before: Units done before it started, not counted in the rate.
    """

    done: int
    total: int
    seconds: float
    before: int = 0

    @property
    def rate(self) -> float:
        """Units per second so far; 0 before any is done."""
        return (self.done - self.before) / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """An estimate of the seconds left; None without a rate."""
        return (self.total - self.done) / self.rate if self.rate else None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A pause of a job for some seconds, with the reason; it continues by itself."""

    seconds: float
    reason: Message
