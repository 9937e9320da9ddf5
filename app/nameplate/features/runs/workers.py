"""A pool of processes that embed shards, each with a model of its own."""

import multiprocessing
import os
import queue
import signal
import sys
import threading
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
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.features.runs.embedding import Event, Setup, ShardDone, ShardLost, Task, embed_task
from nameplate.model_hub.library import open_folder
from nameplate.system.processors import available_cpus, limit_processors

MOST_TRIES: Final = 3
"""Of a shard whose process died: one of its pictures may be what kills it."""

_CANCEL_SECONDS: Final = 0.2
"""Between two looks at the cancel token."""

_END_SECONDS: Final = 10.0
"""For a process to end by itself; it is killed then."""


@dataclass(frozen=True, slots=True)
class _Stopped:
    """A process cannot go on: an error and its type, since errors of ours cannot be sent."""

    reason: Message
    kind: type[NameplateError]


class Worker:
    """A process, and the task that it works on."""

    def __init__(self, setup: Setup, cores: int) -> None:
        # Spawned: a fork would inherit the threads of onnxruntime half alive.
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(
            target=_serve, args=(theirs, setup, cores), daemon=True
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

    def take(self, rest: Iterator[Task], lost: deque[Task]) -> None:
        """Take the next task, those of processes that died first; none where there is none."""
        if task := lost.popleft() if lost else next(rest, None):
            self.give(task)

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
        return event

    def end(self) -> None:
        """End the process, which then drops what it works on."""
        self.pipe.close()
        self.process.join(_END_SECONDS)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def embed_in_processes(tasks: Iterable[Task], setup: Setup, cancel: CancelToken) -> Iterator[Event]:
    """Embed shards in `setup.workers` processes, which share the processors.

    A process that dies is replaced, and its shard given to another one, up to `MOST_TRIES` times.

    Raises:
        ModelError: A process cannot use the model.
        OutputError: A shard cannot be written.
        CancelledError: `cancel` was set; shards that are not on the disk are lost.
    """
    # One task at a time is made: all of them would hold the list of all images in memory.
    rest, lost, tries = iter(tasks), deque[Task](), Counter[int]()
    cores = max(1, available_cpus() // setup.workers)
    workers = [Worker(setup, cores) for _ in range(setup.workers)]
    try:
        while True:
            cancel.raise_if_cancelled()
            for worker in filter(lambda one: one.task is None, workers):
                worker.take(rest, lost)
            busy = [worker for worker in workers if worker.task]
            if not busy:
                break
            ends = [worker.process.sentinel for worker in busy]
            ready = wait([*(worker.pipe for worker in busy), *ends], _CANCEL_SECONDS)
            for worker in busy:
                if worker.pipe not in ready and worker.process.sentinel not in ready:
                    continue
                try:
                    event = worker.event()
                except (EOFError, OSError):
                    workers[workers.index(worker)] = Worker(setup, cores)
                    yield from _again(worker, lost, tries)
                    continue
                if isinstance(event, ShardDone):
                    worker.task = None
                yield event
    finally:
        for worker in workers:
            worker.pipe.close()  # all of them at once
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


def _again(worker: Worker, lost: deque[Task], tries: Counter[int]) -> Iterator[Event]:
    """Put the task of a process that died back, or give it up."""
    worker.end()
    task = worker.task
    assert task is not None  # noqa: S101 - only those with a task are waited for
    tries[task.number] += 1
    if tries[task.number] < MOST_TRIES:
        lost.append(task)
        yield Message("worker-died", {"shard": task.number})
    else:
        yield ShardLost(task.number)


# ---- in the process


def _serve(pipe: Connection, setup: Setup, cores: int) -> None:
    """Embed the shards that come through `pipe`, until its other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what a Ctrl-C means
    limit_processors(cores)
    cancel, tasks = CancelToken(), queue.SimpleQueue[Task | None]()
    threading.Thread(target=_receive, args=(pipe, tasks, cancel), daemon=True).start()
    try:
        model = open_folder(setup.model, device=setup.device)
        while (task := tasks.get()) is not None:
            for event in embed_task(task, model, setup, cancel):
                pipe.send(event)
    except NameplateError as error:
        with suppress(OSError):
            pipe.send(_Stopped(error.message, type(error)))
    except (CancelledError, OSError):
        pass
    os._exit(0)  # threads that read from a drive that never answers would be waited for


def _receive(pipe: Connection, tasks: queue.SimpleQueue[Task | None], cancel: CancelToken) -> None:
    """Pass tasks on; at the end of the pipe, as when the parent was killed, cancel."""
    with suppress(EOFError, OSError):
        while True:
            tasks.put(pipe.recv())
    cancel.cancel()
    tasks.put(None)
