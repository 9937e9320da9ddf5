"""The main loop of a child process of `system.child`: answers requests until its parent ends."""

import os
import queue
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, Final

from nameplate.domain.errors import ImageError, NameplateError
from nameplate.system.child_frames import Frame, Task, error_of, read_frame, values_of, write_frame
from nameplate.system.memory import SMALL

_LONGEST_COMPLAINT: Final = 200
_LARGEST_FILE: Final = 10_000_000
"""Bytes; a child writes nothing but what its libraries print."""


def serve(most_bytes: int) -> None:
    """Answer requests on standard input until it ends; never returns.

    Args:
        most_bytes: Memory that this process may take, where the system can be told so.
    """
    _limit_memory(most_bytes)
    server = _Server()
    while True:
        server.answer_one()


class _Server:
    def __init__(self) -> None:
        # Own copies: what a library prints must not come between two frames.
        requests = os.fdopen(os.dup(0), "rb")
        self._replies: BinaryIO = os.fdopen(os.dup(1), "wb")
        self._complaints = _complaints_file()
        for descriptor in (1, 2):
            os.dup2(self._complaints.fileno(), descriptor)
        self._inbox = queue.SimpleQueue[Frame]()
        threading.Thread(target=self._receive, args=(requests,), daemon=True).start()

    def answer_one(self) -> None:
        request = self._inbox.get().values
        module, _, name = str(request["task"]).partition(":")
        task: Task = getattr(import_module(module), name)
        self._complaint()  # what is printed by an import is none
        _limit_seconds(float(request["seconds"]))
        write_frame(self._replies, Frame({}))  # from here on the task takes its own time
        reply = self._answer(task, request["arguments"])
        if complaint := self._complaint():
            reply = Frame({**reply.values, "complaint": complaint}, reply.blob)
        write_frame(self._replies, reply)

    def _answer(self, task: Task, arguments: Mapping[str, Any]) -> Frame:
        try:
            return task(arguments, self._room)
        except NameplateError as error:
            return Frame({"error": values_of(error)})
        except MemoryError:
            return Frame({"error": "MemoryError"})

    @contextmanager
    def _room(self, size: tuple[int, int], need: int) -> Generator[None]:
        """Ask the parent for memory, since it knows all children's, and wait for the answer."""
        if need > SMALL:
            write_frame(self._replies, Frame({"need": need, "size": size}))
            error = self._inbox.get().values.get("error")
            if error is not None:
                raise error_of(error, ImageError)
        yield

    def _receive(self, requests: BinaryIO) -> None:
        """Pass on requests; end this process, whatever it does, when the parent has ended.

        Only a library that holds Python's lock delays that, until the time limit.
        """
        try:
            while True:
                self._inbox.put(read_frame(requests))
        finally:
            os._exit(0)

    def _complaint(self) -> str:
        """Return the first line that libraries printed since the last call."""
        self._complaints.seek(0)
        text = self._complaints.read(_LONGEST_COMPLAINT).decode("utf-8", "replace")
        self._complaints.seek(0)
        with suppress(OSError):  # /dev/null cannot be truncated
            self._complaints.truncate()
        return next((line.strip() for line in text.splitlines() if line.strip()), "")


def _complaints_file() -> BinaryIO:
    """Open a temporary file for the output of libraries; else discard the output."""
    with suppress(OSError):
        return tempfile.TemporaryFile()
    return Path(os.devnull).open("w+b")


def _limit_seconds(seconds: float) -> None:
    """Limit this process's CPU time, if the system can (Unix).

    The limit holds without the parent and without Python.
    """
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - Unix only

        used = time.process_time()
        most = int(used + seconds * (os.cpu_count() or 1)) + 10
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (most, hard))


def _limit_memory(most_bytes: int) -> None:
    """Limit this process's memory, if the system can (Linux).

    Elsewhere the parent checks from time to time, and kills this process.
    """
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - Unix only

        resource.setrlimit(resource.RLIMIT_DATA, (most_bytes, most_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))
