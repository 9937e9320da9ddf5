"""Measurements as processes of their own, so that the memory of one is not that of the next."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any, Final

from nameplate.domain.progress import CancelToken
from nameplate.storage.child import own_environment

_WAIT: Final = 0.1
_PATIENCE: Final = 10.0
"""Seconds for a measurement to end its round before it is ended."""


@contextmanager
def started(
    command: Sequence[str], cancel: CancelToken, **streams: Any
) -> Generator[subprocess.Popen[str]]:
    """Start a process whose output is read; it is ended when `cancel` is set, and at the end.

    Ctrl-C in a terminal does not reach it: it is this process that decides.

    Args:
        command: Program and arguments.
        cancel: Watched all the while.
        streams: More for Popen, such as `stdin`.
    """
    environment = {"QT_QPA_PLATFORM": "offscreen", **own_environment()}
    group: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    with subprocess.Popen(  # noqa: S603 - our own programs
        command, env=environment, stdout=subprocess.PIPE, text=True, encoding="utf-8",
        **group, **streams,
    ) as process:  # fmt: skip
        watcher = threading.Thread(target=_end_if_cancelled, args=(process, cancel))
        watcher.start()
        try:
            yield process
        except BaseException:
            process.kill()
            raise
        finally:
            if process.stdin is not None:
                process.stdin.close()
            watcher.join()


def objects(stream: IO[str] | None) -> Iterator[dict[str, Any]]:
    """Yield the objects that a process prints, one a line of JSON; other lines are none of ours."""
    for line in stream or ():
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict):
            yield found


def _end_if_cancelled(process: subprocess.Popen[str], cancel: CancelToken) -> None:
    while process.poll() is None:
        if cancel.is_cancelled:
            cancel.acknowledge()  # what was measured is still told
            _end(process)
            return
        time.sleep(_WAIT)


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
