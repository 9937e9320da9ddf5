"""Runs one task at a time in a process of its own, which can be limited and killed.

A thread cannot be stopped inside a decoder or a model runtime, and a crash there ends the whole
program. What comes from elsewhere and may be endless, huge or broken is therefore done in a child
process: this program once more, which reads requests from its standard input and answers on its
standard output. The answers are JSON and raw bytes, never pickles: the child may have been taken
over by what it read.
"""

import atexit
import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

import psutil

from nameplate.domain.errors import NameplateError
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.storage.child_messages import (
    Message,
    Room,
    error_of,
    read_message,
    values_of,
    write_message,
)

CHILD_OPTION: Final = "--child"
"""First argument of a child; the second is the most bytes of memory it may take."""

_LOOK: Final = 0.05
"""Seconds between two looks at the limits."""

_MOST_IDLE: Final = 4

Why = Literal["time", "memory", "crash"]


class ChildError(Exception):
    """A task did not end by itself.

    Attributes:
        why: `time`: it took too long; `memory`: it took too much; `crash`: the process ended.
    """

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why: Final = why


@dataclass(frozen=True, slots=True)
class Limits:
    """What a task may take.

    Attributes:
        seconds: From the request to the answer, waiting for memory aside.
        bytes: Memory of the child process.
    """

    seconds: float
    bytes: int


def own_command() -> list[str]:
    """Return what starts this program, frozen or not."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    # -P: a module of the same name in the current folder, often one of pictures, is not run.
    return [sys.executable, "-P", "-m", "nameplate"]


def own_environment() -> dict[str, str]:
    """Return the environment in which `own_command` finds this very package."""
    package = str(Path(__file__).resolve().parents[2])
    paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def call_in_child(
    task: str,
    arguments: Mapping[str, Any],
    limits: Limits,
    *,
    cancel: CancelToken | None = None,
    room: Room | None = None,
    keep: bool = True,
) -> Message:
    """Run a task in a child process and return its answer; see `services.child_tasks`.

    Args:
        task: Its name.
        arguments: JSON values.
        limits: Of time and memory. Children with the same limit of memory are used again.
        cancel: Kills the child when it is set.
        room: Asked in this process for memory that the task wants to take.
        keep: Let the child wait for another task afterwards.

    Raises:
        NameplateError: The task failed, with the error that it raised.
        ChildError: It took too long or too much, or the process crashed.
        CancelledError: `cancel` was set.
    """
    child, is_well = _pool.borrow(limits.bytes), False
    try:
        reply = _Call(child, limits, cancel, room).run(task, arguments)
        is_well = True
    except NameplateError:
        is_well = True
        raise
    finally:
        if is_well and keep:
            _pool.give_back(child)
        else:
            child.kill()
    return reply


class _Child:
    """A child process that waits for requests."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        group: dict[str, Any] = {"start_new_session": True}  # Ctrl-C is for the parent to answer
        if sys.platform == "win32":
            group = {"creationflags": subprocess.CREATE_NO_WINDOW}
        self.process = subprocess.Popen(  # noqa: S603 - this program
            [*own_command(), CHILD_OPTION, str(most_bytes)],
            # numpy's library for matrices would take 30 MB for each processor, and is not used.
            env={**own_environment(), "OPENBLAS_NUM_THREADS": "1"}, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **group,
        )  # fmt: skip

    @property
    def streams(self) -> tuple[BinaryIO, BinaryIO]:
        """Its standard input and output."""
        assert self.process.stdin is not None  # noqa: S101 - for the type checker
        assert self.process.stdout is not None  # noqa: S101
        return self.process.stdin, self.process.stdout  # pyright: ignore[reportReturnType]

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()
        for stream in self.streams:
            with suppress(OSError):
                stream.close()
        self.process.wait()


class _Pool:
    """Children that wait for the next task, so that not each task starts an interpreter."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[_Child] = []

    def borrow(self, most_bytes: int) -> _Child:
        with self._lock:
            for child in reversed(self._idle):
                if child.most_bytes == most_bytes:
                    self._idle.remove(child)
                    return child
        return _Child(most_bytes)

    def give_back(self, child: _Child) -> None:
        with self._lock:
            self._idle.append(child)
            surplus = self._idle[:-_MOST_IDLE]
            del self._idle[:-_MOST_IDLE]
        for one in surplus:
            one.kill()

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for child in idle:
            child.kill()


_pool: Final = _Pool()
atexit.register(_pool.close)


class _Call:
    """One request and its answer, watched from a thread."""

    def __init__(
        self, child: _Child, limits: Limits, cancel: CancelToken | None, room: Room | None
    ) -> None:
        self._child = child
        self._limits = limits
        self._cancel = cancel
        self._room = room
        self._deadline = math.inf
        self._is_done = threading.Event()
        self._why: Why | Literal["cancel"] = "crash"

    def run(self, task: str, arguments: Mapping[str, Any]) -> Message:
        watcher = threading.Thread(target=self._watch, name="child-limits", daemon=True)
        watcher.start()
        try:
            with ExitStack() as held:
                reply = self._exchange({"task": task, "arguments": arguments}, held)
        except (OSError, EOFError, ValueError) as error:  # ValueError: no frame of ours
            self._stop_watching(watcher)
            if self._why == "cancel":
                raise CancelledError from error
            raise ChildError(self._why) from error
        finally:
            self._stop_watching(watcher)
        error = reply.values.get("error")
        if error == "MemoryError":
            raise ChildError("memory")
        if error is not None:
            raise error_of(error)
        return reply

    def _stop_watching(self, watcher: threading.Thread) -> None:
        self._is_done.set()
        watcher.join()

    def _exchange(self, request: Mapping[str, Any], held: ExitStack) -> Message:
        requests, replies = self._child.streams
        self._deadline = time.monotonic() + self._limits.seconds
        write_message(requests, Message(request))
        while True:
            reply = read_message(replies)
            need = reply.values.get("need")
            if need is None:
                return reply
            left, self._deadline = self._deadline - time.monotonic(), math.inf
            granted = self._granted(held, reply.values["size"], need)
            self._deadline = time.monotonic() + left
            write_message(requests, Message(granted))

    def _granted(self, held: ExitStack, size: list[int], need: int) -> dict[str, Any]:
        """Hold the memory that the child asks for until its task is done."""
        try:
            if self._room is not None:
                held.enter_context(self._room((int(size[0]), int(size[1])), int(need)))
        except NameplateError as error:
            return {"error": values_of(error)}
        return {}

    def _watch(self) -> None:
        process = None
        with suppress(psutil.Error):
            process = psutil.Process(self._child.process.pid)
        while not self._is_done.wait(_LOOK):
            if self._cancel is not None and self._cancel.is_cancelled:
                self._why = "cancel"
            elif time.monotonic() > self._deadline:
                self._why = "time"
            elif _bytes_of(process) > self._limits.bytes:
                self._why = "memory"
            else:
                continue
            self._child.process.kill()
            return


def _bytes_of(process: psutil.Process | None) -> int:
    with suppress(psutil.Error):
        return 0 if process is None else process.memory_info().rss
    return 0
