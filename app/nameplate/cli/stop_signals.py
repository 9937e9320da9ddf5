"""Ctrl-C, and the wish of the system or another program that a command ends."""

import os
import signal
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from nameplate.cli.command import EXIT_INTERRUPTED, STOP_SIGNALS, say
from nameplate.domain.progress import CancelToken

STOP_TIMEOUT: Final = 4.0
"""Seconds in which a command stops before its process is ended: a drive or a library may never
answer, and all that counts is written whole or in a transaction."""


@contextmanager
def stop_signals() -> Generator[CancelToken]:
    """Yield a token that the first signal to stop sets; the second one ends the process at once.

    A thread waits for the signals: Python's own handlers run on the main thread between two of its
    instructions, and it may be inside a library for minutes.
    """
    cancel = CancelToken()
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    guard = threading.Timer(STOP_TIMEOUT, _exit_unless_acknowledged, [cancel])
    guard.daemon = True
    thread = threading.Thread(target=_wait, args=(ours, cancel, guard), name="signals", daemon=True)
    thread.start()
    # Without a handler of Python's nothing is written to the socket.
    handlers = {kind: signal.signal(kind, _leave_to_thread) for kind in STOP_SIGNALS}
    before = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
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


def restore_default_signals() -> None:
    """Let a signal to stop end the process at once: Qt's event loop answers no token.

    What was read is safe in the cache.
    """
    for kind in STOP_SIGNALS:
        signal.signal(kind, signal.SIG_DFL)


def _leave_to_thread(*_: object) -> None:
    pass


def _wait(wishes: socket.socket, cancel: CancelToken, guard: threading.Timer) -> None:
    while number := wishes.recv(1):  # empty when the command is done
        if number[0] not in STOP_SIGNALS:
            continue
        if cancel.is_cancelled:
            os._exit(EXIT_INTERRUPTED)
        if number[0] == signal.SIGINT:
            say("stopping; press Ctrl-C again to end at once")
        guard.start()
        cancel.cancel()


def _exit_unless_acknowledged(cancel: CancelToken) -> None:
    if not cancel.is_acknowledged:
        say("interrupted; something did not stop by itself and was ended")
        os._exit(EXIT_INTERRUPTED)
