"""A pool of processes that embed shards, each with a model of its own."""

import multiprocessing
import signal
import sys
from collections import Counter, deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Final

from nameplate.domain.errors import NameplateError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.features.runs.embedding import (
    Event,
    Setup,
    ShardDone,
    ShardLost,
    Task,
    embed_task,
    model_of_process,
)

MOST_TRIES: Final = 3
"""Of a shard whose process died: one of its pictures may be what kills it."""

_CANCEL_SECONDS: Final = 0.2
"""Between two looks at the cancel token."""


@dataclass(frozen=True, slots=True)
class _Stopped:
    """The error that ended a process, and its type: errors of ours cannot be sent."""

    kind: type[NameplateError]
    reason: Message


class Worker:
    """A process, and the task that it works on."""

    def __init__(self, setup: Setup) -> None:
        # Spawned: a fork would inherit the threads of onnxruntime half alive.
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(
            target=_serve, args=(theirs, setup), daemon=True
        )
        with _without_interrupts():  # a Ctrl-C is the parent's, also while the process begins
            self.process.start()
        theirs.close()
        self.task: Task | None = None

    def give(self, task: Task) -> None:
        """Let the process embed a shard."""
        self.task = task
        with suppress(OSError):  # it died; its end is seen where events are waited for
            self.pipe.send(task)

    def event(self) -> Event:
        """Return what the process says next.

        Raises:
            EOFError, OSError: It died.
        """
        # Windows keeps the other end open where the process died before it had taken it.
        if not self.pipe.poll():
            raise EOFError
        event = self.pipe.recv()
        if isinstance(event, _Stopped):
            raise event.kind(event.reason)
        if isinstance(event, ShardDone):
            self.task = None
        return event

    def end(self) -> None:
        """End the process: a shard that is not on the disk is lost."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


def embed_in_processes(tasks: Iterable[Task], setup: Setup, cancel: CancelToken) -> Iterator[Event]:
    """Embed shards in `setup.workers` processes, which share the processors.

    A process that dies is replaced, and its shard given to another one, up to `MOST_TRIES` times.

    Raises:
        ModelError: A process cannot use the model.
        OutputError: A shard cannot be written.
        CancelledError: `cancel` was set; shards that are not on the disk are lost.
    """
    # One task at a time is made: all of them would hold the list of all images in memory.
    rest, again, tries = iter(tasks), deque[Task](), Counter[int]()
    workers = [Worker(setup) for _ in range(setup.workers)]
    try:
        while True:
            cancel.raise_if_cancelled()
            for worker in (one for one in workers if one.task is None):
                if task := again.popleft() if again else next(rest, None):
                    worker.give(task)
            busy = [(number, one) for number, one in enumerate(workers) if one.task]
            if not busy:
                break
            ends = [end for _, one in busy for end in (one.pipe, one.process.sentinel)]
            ready = wait(ends, _CANCEL_SECONDS)
            for number, worker in busy:
                if worker.pipe not in ready and worker.process.sentinel not in ready:
                    continue
                try:
                    yield worker.event()
                except (EOFError, OSError):
                    worker.end()
                    workers[number] = Worker(setup)
                    yield _after_death(worker.task, again, tries)
    finally:
        for worker in workers:
            worker.end()


@contextmanager
def _without_interrupts() -> Generator[None]:
    """Hold SIGINT back, from processes that are started now for good."""
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()  # it would let them through again when it begins
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _after_death(task: Task | None, again: deque[Task], tries: Counter[int]) -> Event:
    """Put the task of a process that died back, or give it up."""
    assert task is not None  # noqa: S101 - only those with a task are waited for
    tries[task.number] += 1
    if tries[task.number] == MOST_TRIES:
        return ShardLost(task.number)
    again.append(task)
    return Message("worker-died", {"shard": task.number})


def _serve(pipe: Connection, setup: Setup) -> None:
    """Embed the shards that come through `pipe`."""
    try:
        model = model_of_process(setup)
        with suppress(EOFError, OSError):  # the parent has gone
            while True:
                for event in embed_task(pipe.recv(), model, setup, CancelToken()):
                    pipe.send(event)
    except NameplateError as error:
        pipe.send(_Stopped(type(error), error.message))
