"""Handles the signals to stop: Ctrl-C, or a request from the system or another program."""

import os
import signal
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from nameplate.cli.command import EXIT_INTERRUPTED, say
from nameplate.domain.progress import CancelToken

_STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
STOP_TIMEOUT: Final = 4.0
"""Seconds that a command has to stop before its process is ended: a drive or a library may never
respond, and all results are written atomically or in a transaction."""


@contextmanager
def stop_signals() -> Generator[CancelToken]:
    """Yield a token that the first signal to stop sets; the second one exits at once.

    A thread waits for the signals: Python's own handlers run on the main thread between two of its
    instructions, and it may be in a library call for minutes.
    """
    cancel = CancelToken()
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    guard = threading.Timer(STOP_TIMEOUT, _exit_unless_acknowledged, [cancel])
    guard.daemon = True
    thread = threading.Thread(target=_wait, args=(ours, cancel, guard), name="signals", daemon=True)
    thread.start()
    # First the socket: a handler that does nothing would lose what comes before there is one.
    before = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    # Without a Python handler nothing is written to the socket.
    handlers = {kind: signal.signal(kind, _leave_to_thread) for kind in _STOP_SIGNALS}
    try:
        yield cancel
    finally:
        signal.set_wakeup_fd(before)
        for kind, handler in handlers.items():
            signal.signal(kind, handler)
        theirs.close()
        thread.join()
        ours.close()
        guard.cancel()


def _leave_to_thread(*_: object) -> None:
    pass


def _wait(signals: socket.socket, cancel: CancelToken, guard: threading.Timer) -> None:
    while number := signals.recv(1):  # empty once the command has finished
        if number[0] not in _STOP_SIGNALS:
            continue
        if cancel.is_cancelled:
            os._exit(EXIT_INTERRUPTED)
        if number[0] == signal.SIGINT:
            say("stopping; press Ctrl-C again to quit at once")
        guard.start()
        cancel.cancel()


def _exit_unless_acknowledged(cancel: CancelToken) -> None:
    if not cancel.is_acknowledged:
        say("interrupted; something didn't stop and was ended")
        os._exit(EXIT_INTERRUPTED)
