"""Embed shards: in this process, or in a pool of processes with a model each."""

import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from itertools import islice
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Final, cast

import numpy as np
import psutil

from nameplate.domain.errors import NameplateError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.features.runs.folder import images_at
from nameplate.features.runs.shards import Manifest, Shard, embeddings_file, write_shard
from nameplate.inference.model import LoadedModel
from nameplate.model_hub.installed import open_folder
from nameplate.pipeline.reading.batch_encoder import DeviceChanged, Embedded, Failed
from nameplate.pipeline.reading.embedding import embed_images
from nameplate.pipeline.spool import Spool
from nameplate.storage.atomic import clear_abandoned
from nameplate.storage.whole_folder import working_folder
from nameplate.system.processors import limit_processors
from nameplate.wording.texts import what_in_english

_SCRATCH: Final = ".nameplate-scratch-"
_PRIVATE: Final = 0o700

_SECONDS: Final = 0.2
"""Between two looks at whether the parent lives, or the run is cancelled."""


@dataclass(frozen=True, slots=True)
class Setup:
    """Settings of the processes that embed shards.

    Attributes:
        file: That of the images to embed, see `Missing`, in the folder of shards.
        manifest: That of the folder.
        model: Folder of the model.
        device: As `open_folder` takes it.
        workers: How many processes; with 1 and without an engine it is this one.
        cores: Processors that each process takes.
        address: Of a Ray cluster, such as `auto` or `ray://host:10001`; empty for this machine.
        gpus: Cards that each process of an engine takes, from 0 to 1.
    """

    file: Path
    manifest: Manifest
    model: Path
    device: str
    workers: int = 1
    cores: int = 1
    address: str = ""
    gpus: float = 0.0


Task = tuple[int, int]
"""The number of a shard to embed, and where its images begin in the file."""

Event = int | Message
"""So many more images were embedded, or cannot be; or a message for a person."""


def embed_shard(
    setup: Setup, model: LoadedModel, number: int, start: int, cancel: CancelToken
) -> Iterator[Event]:
    """Embed the images of a line of the file, from byte `start` on, and write their shard.

    Raises:
        ModelError: The image encoder fails, on the CPU too.
        OutputError: The shard cannot be written.
    """
    images, manifest = images_at(setup.file, start), setup.manifest
    vectors = np.full((len(images), manifest.dimension), np.nan, np.float16)
    contents: list[str | None] = [None] * len(images)
    problems = [""] * len(images)
    is_packed = any(image.member for image in images)
    temporary = Path(tempfile.gettempdir())
    with working_folder(temporary, _SCRATCH) if is_packed else nullcontext(temporary) as folder:
        if is_packed:
            folder.mkdir(_PRIVATE)
        spool, rows = Spool(images, folder), range(len(images))
        for event in embed_images(rows, spool, model, cache=None, cancel=cancel):
            if isinstance(event, DeviceChanged):
                yield event.message
            elif isinstance(event, Failed):
                problems[event.row] = what_in_english(event.reason)
                contents[event.row] = event.content
                yield 1
            elif isinstance(event, Embedded):
                vectors[event.rows] = event.embeddings
                for row, content in zip(event.rows.tolist(), event.contents, strict=True):
                    contents[row] = content
                for row, note in event.notes.items():
                    problems[row] = what_in_english(note)
                yield len(event.rows)
    cancel.raise_if_cancelled()
    names, stamps = [i.name(manifest.root) for i in images], [i.stamp for i in images]
    shard = Shard(names, contents, vectors, problems, stamps)
    write_shard(setup.file.parent, manifest, number, shard)


def model_of_process(setup: Setup) -> LoadedModel:
    """Load the model in a process that was started to embed, and ends with its parent.

    Raises:
        ModelError: It cannot be used.
    """
    with suppress(ValueError):  # not the main thread
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what a Ctrl-C means
    threading.Thread(target=_end_with_parent, daemon=True).start()
    limit_processors(setup.cores)
    return open_folder(setup.model, device=setup.device)


def _end_with_parent() -> None:
    """End this process when the one is gone that began it: a shard may take minutes more."""
    parent = psutil.Process(os.getppid())
    while os.getppid() == parent.pid and parent.is_running():  # Windows keeps the number
        time.sleep(_SECONDS)
    os._exit(0)


class Worker:
    """A process of the pool."""

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
        """Return the next event of the process, None at the end of its shard.

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
    rest = iter(tasks)
    workers = [Worker(setup, task) for task in islice(rest, setup.workers)]
    try:
        while workers:
            cancel.raise_if_cancelled()
            ends = [end for one in workers for end in (one.pipe, one.process.sentinel)]
            ready = wait(ends, _SECONDS)
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
        # A process that was killed as it wrote a shard left a file, which on a full disk takes
        # the place of the next one.
        clear_abandoned(embeddings_file(setup.file.parent, 0).parent)


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
                number, start = pipe.recv()
                for event in embed_shard(setup, model, number, start, CancelToken()):
                    pipe.send(event)
                pipe.send(None)
    except NameplateError as error:
        pipe.send((type(error), error.message))
