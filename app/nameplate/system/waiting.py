"""Waits for calls that may never return, and stops waiting on a cancel."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import suppress
from typing import Final, TypeVar

from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken, Waiting

T = TypeVar("T")

_LOOK: Final = 0.1
"""Seconds between two checks of the token."""


def answer_of(
    work: Callable[[], T],
    cancel: CancelToken,
    drop: Callable[[T], object] = lambda _answer: None,
    seconds: float = float("inf"),
) -> T:
    """Run `work` and return its result, unless the token is set first.

    `work` runs on a thread of its own, which is left alone after a cancel: a read from a silent
    server ends at its own timeout.

    Args:
        work: Whatever may block.
        cancel: Looked at before, and ten times a second.
        drop: Called, on that thread, with an answer that came too late, such as to close it.
        seconds: How long to wait.

    Raises:
        TimeoutError: There was no answer in time.
        Exception: Whatever `work` raises.
    """
    cancel.raise_if_cancelled()  # first: answers that come at once leave no other moment
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - it is raised where the answer is awaited
            future.set_exception(error)

    # A daemon: the program need not wait at its end for a server that does not answer.
    threading.Thread(target=run, name="answer", daemon=True).start()
    end = time.monotonic() + seconds
    try:
        while not wait([future], min(_LOOK, seconds)).done:
            cancel.raise_if_cancelled()
            _raise_if_late(end)
    except BaseException:
        future.add_done_callback(lambda late: _drop(late, drop))
        raise
    return future.result()


def _raise_if_late(end: float) -> None:
    if time.monotonic() > end:
        raise TimeoutError


def pause(seconds: float, reason: Message, cancel: CancelToken) -> Iterator[Waiting]:
    """Wait `seconds`, and yield once a second how many are left."""
    end = time.monotonic() + seconds
    said = float("inf")
    while (left := end - time.monotonic()) > 0:
        cancel.raise_if_cancelled()
        if said - left >= 1:
            said = left
            yield Waiting(left, reason)
        time.sleep(min(_LOOK, left))


def _drop(late: Future[T], drop: Callable[[T], object]) -> None:
    with suppress(Exception):
        if late.exception() is None:
            drop(late.result())
