"""A pool of processes that embed shards, each with a model of its own."""

import multiprocessing
import signal
import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Final, cast

from nameplate.domain.errors import NameplateError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.features.runs.embedding import Event, Setup, Task, embed_task, model_of_process

_CANCEL_SECONDS: Final = 0.2
"""Between two looks at the cancel token."""


class Worker:
    """A process, and the task that it works on."""

    def __init__(self, setup: Setup, task: Task) -> None:
        # Spawned: a fork would inherit the threads of onnxruntime half alive.
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, setup), daemon=True)
        with _without_interrupts():  # a Ctrl-C is the parent's, also while the process begins
            self.process.start()
        theirs.close()
        self.give(task)

    def give(self, task: Task) -> None:
        """Let the process embed a shard."""
        with suppress(OSError):  # it died; its end is seen where events are waited for
            self.pipe.send(task)

    def event(self) -> Event | None:
        """Return what the process says next, None where its shard is done.

        Raises:
            EOFError, OSError: It died.
        """
        # Windows keeps the other end open where the process died before it had taken it.
        if not self.pipe.poll():
            raise EOFError
        event = self.pipe.recv()
        if isinstance(event, tuple):  # errors of ours cannot be sent
            kind, reason = cast("tuple[type[NameplateError], Message]", event)
            raise kind(reason)
        return event

    def end(self) -> None:
        """End the process: a shard that is not on the disk is lost."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


def embed_in_processes(tasks: Iterable[Task], setup: Setup, cancel: CancelToken) -> Iterator[Event]:
    """Embed shards in `setup.workers` processes, which share the processors.

    A process that dies is replaced; its shard stays missing.

    Raises:
        ModelError: A process cannot use the model.
        OutputError: A shard cannot be written.
        CancelledError: `cancel` was set; shards that are not on the disk are lost.
    """
    rest = iter(tasks)  # all at once would be the list of all images
    workers = [Worker(setup, task) for task in islice(rest, setup.workers)]
    try:
        while workers:
            cancel.raise_if_cancelled()
            ends = [end for one in workers for end in (one.pipe, one.process.sentinel)]
            ready = wait(ends, _CANCEL_SECONDS)
            for worker in list(workers):
                if worker.pipe not in ready and worker.process.sentinel not in ready:
                    continue
                try:
                    event, is_dead = worker.event(), False
                except (EOFError, OSError):
                    event, is_dead = None, True
                if event is not None:
                    yield event
                elif (task := next(rest, None)) and not is_dead:
                    worker.give(task)
                else:
                    worker.end()
                    workers.remove(worker)
                    workers += [Worker(setup, task)] if task else []
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


def _serve(pipe: Connection, setup: Setup) -> None:
    """Embed the shards that come through `pipe`."""
    try:
        model = model_of_process(setup)
        with suppress(EOFError, OSError):  # the parent has gone
            while True:
                for event in embed_task(pipe.recv(), model, CancelToken()):
                    pipe.send(event)
                pipe.send(None)
    except NameplateError as error:
        pipe.send((type(error), error.message))
