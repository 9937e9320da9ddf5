"""How far a long job is, and how it is asked to stop."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass


class CancelledError(Exception):
    """The work was asked to stop before there was anything to keep."""


class CancelToken:
    """A flag that a job looks at between two units of work; safe to set from any thread.

    What cannot look, such as a run of a model that takes minutes, is stopped by a callback.

    Attributes:
        is_acknowledged: Whether what ran has stopped or is done, and is being kept.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self.is_acknowledged = False
        self._callbacks = dict[object, Callable[[], object]]()

    def cancel(self) -> None:
        """Ask the job to stop at its next unit of work, and call what `calling` registered."""
        self._event.set()
        # A copy: callbacks come and go meanwhile on other threads.
        for callback in list(self._callbacks.values()):
            callback()

    def acknowledge(self) -> None:
        """Say that what ran has stopped or is done, and is being kept: that must not be ended."""
        self.is_acknowledged = True

    @contextmanager
    def calling(self, callback: Callable[[], object]) -> Generator[None]:
        """Call `callback` on the canceller's thread if the token is set inside the context.

        It is called at once where the token is set already, and may be called twice.
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
        """Whether the job was asked to stop."""
        return self._event.is_set()

    def raise_if_cancelled(self) -> None:
        """Stop here if the job was asked to stop.

        Raises:
            CancelledError: It was.
        """
        if self.is_cancelled:
            raise CancelledError


@dataclass(frozen=True, slots=True)
class Progress:
    """A moment of a job.

    Attributes:
        done: Units that are done, `before` among them.
        total: Units that there are.
        seconds: How long the job has worked.
        before: Units that were done before it began, and say nothing of its rate.
    """

    done: int
    total: int
    seconds: float
    before: int = 0

    @property
    def rate(self) -> float:
        """Units per second so far; 0 before anything is done."""
        return (self.done - self.before) / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """An estimate of the seconds left; None while there is nothing to estimate from."""
        return (self.total - self.done) / self.rate if self.rate else None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A job waits and goes on by itself.

    Attributes:
        seconds: How much longer.
        reason: Why, without a full stop.
    """

    seconds: float
    reason: str
