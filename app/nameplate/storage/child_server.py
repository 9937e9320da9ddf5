"""The side of `storage.child` in the child: answers requests until its parent ends."""

import os
import queue
import sys
import tempfile
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO, Final

from nameplate.domain.errors import NameplateError
from nameplate.storage.child_messages import (
    Message,
    Room,
    error_of,
    read_message,
    values_of,
    write_message,
)
from nameplate.storage.memory import SMALL

Task = Callable[[Mapping[str, Any], Room], Message]
"""Takes the arguments of a request, and what asks the parent for memory."""

_LONGEST_COMPLAINT: Final = 200


def serve(tasks: Mapping[str, Task], most_bytes: int) -> None:
    """Answer requests on standard input until it ends; never returns.

    Args:
        tasks: By the names that requests have.
        most_bytes: Memory that this process may take, where the system can be told so.
    """
    _limit_memory(most_bytes)
    server = _Server(tasks)
    while True:
        server.answer_one()


class _Server:
    def __init__(self, tasks: Mapping[str, Task]) -> None:
        self._tasks = tasks
        # Own copies: what a library prints must not come between two messages.
        requests = os.fdopen(os.dup(0), "rb")
        self._replies: BinaryIO = os.fdopen(os.dup(1), "wb")
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - for as long as this runs
        for descriptor in (1, 2):
            os.dup2(self._complaints.fileno(), descriptor)
        self._inbox = queue.SimpleQueue[Message]()
        threading.Thread(target=self._receive, args=(requests,), daemon=True).start()

    def answer_one(self) -> None:
        request = self._inbox.get().values
        reply = self._answer(str(request["task"]), request["arguments"])
        if complaint := self._complaint():
            reply = Message({**reply.values, "complaint": complaint}, reply.blob)
        write_message(self._replies, reply)

    def _answer(self, task: str, arguments: Mapping[str, Any]) -> Message:
        try:
            return self._tasks[task](arguments, self._room)
        except NameplateError as error:
            return Message({"error": values_of(error)})
        except MemoryError:
            return Message({"error": "MemoryError"})

    @contextmanager
    def _room(self, size: tuple[int, int], need: int) -> Generator[None]:
        """Ask the parent, which knows what all of its children take, and wait for its answer."""
        if need > SMALL:
            write_message(self._replies, Message({"need": need, "size": size}))
            error = self._inbox.get().values.get("error")
            if error is not None:
                raise error_of(error)
        yield

    def _receive(self, requests: BinaryIO) -> None:
        """Pass requests on; end this process, whatever it does, when the parent has gone."""
        try:
            while True:
                self._inbox.put(read_message(requests))
        finally:
            os._exit(0)

    def _complaint(self) -> str:
        """Return the first line that a library printed since the last call."""
        self._complaints.seek(0)
        text = self._complaints.read(_LONGEST_COMPLAINT).decode("utf-8", "replace")
        self._complaints.seek(0)
        self._complaints.truncate()
        return next((line.strip() for line in text.splitlines() if line.strip()), "")


def _limit_memory(most_bytes: int) -> None:
    """Let taking more memory fail in this process, where the system can (Linux).

    Elsewhere the parent looks from time to time, and ends this process.
    """
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - Unix only

        resource.setrlimit(resource.RLIMIT_DATA, (most_bytes, most_bytes))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
