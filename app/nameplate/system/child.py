"""Runs tasks in child processes, which can be limited and killed.

A thread cannot be stopped inside a decoder or a model runtime, and a crash there ends the whole
program. What comes from elsewhere and may be endless, huge or broken is therefore done in a child
process: this program once more, which reads requests from its standard input and answers on its
standard output. The answers are JSON and raw bytes, never pickles, and their
form is checked: the child may have been taken over by the data that it read.
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
from nameplate.system.child_frames import (
    Frame,
    Room,
    Task,
    error_of,
    read_frame,
    values_of,
    write_frame,
)

CHILD_OPTION: Final = "--child"
"""First argument of a child; the second is the most bytes of memory it may take."""

_LOOK: Final = 0.05
"""Seconds between two looks at the limits."""

_MOST_IDLE: Final = 4

_START_SECONDS: Final = 60.0
"""For a process to begin with a task: a virus scanner or a busy machine may hold it up."""

_PACKAGE: Final = str(Path(__file__).resolve().parents[2])
_START: Final = (
    "import sys; sys.path.append(sys.argv.pop(1)); from nameplate.__main__ import main; main()"
)
"""Appended, so that no file beside the package hides a module of the standard library."""

_SECRETS: Final = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
"""Environment variables withheld from a process that reads untrusted data."""

Why = Literal["start", "time", "memory", "crash"]


class ChildError(Exception):
    """A task was killed, or crashed.

    Attributes:
        why: `start`: no process could be started; `time`: it took too long; `memory`: it took too
            much; `crash`: the process ended, or gave an answer of another form.
    """

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why: Final = why


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a task.

    Attributes:
        seconds: Of the task alone: not of the start of a process, of loading the task's module, or
            of waits for memory.
        bytes: Memory of the child process.
        keep: Whether the child waits for another task with the same limit of memory afterwards.
    """

    seconds: float
    bytes: int
    keep: bool = True


def child_command() -> list[str]:
    """Return the command that starts this program as a child, frozen or not."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    # -P: a module of the same name in the current folder, often one of pictures, is not run.
    return [sys.executable, "-P", "-c", _START, _PACKAGE]


def own_environment(folder: Path) -> dict[str, str]:
    """Return an environment in which another Python finds this package, and modules in `folder`."""
    paths = [str(folder), _PACKAGE, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def call_in_child(
    task: Task,
    arguments: Mapping[str, Any],
    limits: Limits,
    *,
    raises: type[NameplateError],
    cancel: CancelToken | None = None,
    room: Room | None = None,
) -> Frame:
    """Run a task in a child process and return its answer.

    Args:
        task: A function of a module.
        arguments: JSON values.
        limits: Of time and memory.
        raises: The kind of error with which the task fails.
        cancel: Kills the child when it is set.
        room: Asked in this process for memory that the task wants to take, once at most.

    Raises:
        NameplateError: The task failed; of the kind `raises`.
        ChildError: It could not be started, took too long or too much, or the process crashed.
    """
    child, is_new = _pool.borrow(limits.bytes)
    call = _Call(child, limits, cancel, room)
    name = f"{task.__module__}:{task.__qualname__}"
    try:
        answer = call.run(name, arguments)
    except ChildError as error:
        if error.why != "crash" or is_new:
            raise
        # It was idle for long, and may have been killed by others meanwhile.
        call = _Call(_Child(limits.bytes), limits, cancel, room)
        answer = call.run(name, arguments)
    error = answer.values.get("error")
    call.finish(is_well=error != "MemoryError")
    if error == "MemoryError":
        raise ChildError("memory")
    if error is not None:
        raise error_of(error, raises)
    return answer


class _Child:
    """A child process that waits for requests."""

    def __init__(self, most_bytes: int) -> None:
        """Start it."""
        self.most_bytes = most_bytes
        group: dict[str, Any] = {"start_new_session": True}  # Ctrl-C is for the parent to answer
        if sys.platform == "win32":
            group = {"creationflags": subprocess.CREATE_NO_WINDOW}
        # numpy's BLAS would take 30 MB for each processor, and is not used.
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
        for secret in _SECRETS:
            environment.pop(secret, None)
        try:
            self.process = subprocess.Popen(  # noqa: S603 - this program
                [*child_command(), CHILD_OPTION, str(most_bytes)],
                env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, **group,
            )  # fmt: skip
        except OSError as error:
            raise ChildError("start") from error

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
    """Idle children for the next tasks, so that not every task starts an interpreter."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[_Child] = []

    def borrow(self, most_bytes: int) -> tuple[_Child, bool]:
        """Return a child with this memory limit, and whether it is new."""
        with self._lock:
            dead = [child for child in self._idle if child.process.poll() is not None]
            self._idle = [child for child in self._idle if child not in dead]
            fitting = [child for child in self._idle if child.most_bytes == most_bytes]
            if fitting:
                self._idle.remove(fitting[-1])
        for child in dead:
            child.kill()  # closes its streams
        return (fitting[-1], False) if fitting else (_Child(most_bytes), True)

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
        self._has_begun = False
        self._is_done = threading.Event()
        self._why: Why | Literal["cancel", ""] = ""

    def run(self, task: str, arguments: Mapping[str, Any]) -> Frame:
        """Return the child's answer; kill the child on failure."""
        watcher = threading.Thread(target=self._watch, name="child-limits", daemon=True)
        watcher.start()
        request = {"task": task, "arguments": arguments, "seconds": self._limits.seconds}
        try:
            with ExitStack() as held:
                answer = self._exchange(Frame(request), held)
            self._stop_watching(watcher)
        except BaseException as error:
            self._stop_watching(watcher)
            self._child.kill()
            if self._why == "cancel":
                raise CancelledError from error
            # ValueError, RecursionError: no frame of ours.
            if isinstance(error, OSError | EOFError | ValueError | RecursionError):
                raise ChildError(self._why or "crash") from error
            raise
        return answer

    def finish(self, *, is_well: bool) -> None:
        """Return the child to the pool, unless it was killed when its answer came."""
        if is_well and self._limits.keep and not self._why:
            _pool.give_back(self._child)
        else:
            self._child.kill()

    def _stop_watching(self, watcher: threading.Thread) -> None:
        self._is_done.set()
        watcher.join()

    def _exchange(self, request: Frame, held: ExitStack) -> Frame:
        requests, answers = self._child.streams
        self._deadline = time.monotonic() + _START_SECONDS
        write_frame(requests, request)
        read_frame(answers)
        self._deadline = time.monotonic() + self._limits.seconds
        self._has_begun = True
        answer = read_frame(answers)
        if "need" not in answer.values:
            return answer
        left, self._deadline = self._deadline - time.monotonic(), math.inf
        granted = self._granted(held, answer.values)
        self._deadline = time.monotonic() + left
        write_frame(requests, Frame(granted))
        answer = read_frame(answers)
        if "need" in answer.values:
            raise ValueError("a child may ask for memory once")
        return answer

    def _granted(self, held: ExitStack, values: Mapping[str, Any]) -> dict[str, Any]:
        """Reserve the memory that the child asks for until its task is done.

        Raises:
            ValueError: It asks for something else.
        """
        match values:
            case {"need": int(need), "size": [int(width), int(height)]} if need >= 0:
                pass
            case _:
                raise ValueError("no amount of memory")
        try:
            if self._room is not None:
                held.enter_context(self._room((width, height), need))
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
                self._why = "time" if self._has_begun else "start"
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
