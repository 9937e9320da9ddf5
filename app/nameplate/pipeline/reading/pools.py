"""The thread pools of a run from files to embeddings."""

import os
import sys
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from nameplate.inference.model import LoadedModel
from nameplate.system.processors import available_cpus

MIN_IO_THREADS: Final = 4
"""At least; a thread that waits for a drive takes no core."""

_LOW_PRIORITY: Final = 10
"""Niceness, see nice(2): a tenth of a core while a thread of niceness 0 wants it, and whatever
that thread leaves."""


@dataclass(frozen=True, slots=True)
class Pools:
    """Thread pools, by the resource that their tasks wait for.

    Attributes:
        encoder: One thread that only calls the image encoder, where one run takes all cores, or a
            card does the work.
        cpu: One thread a processor: they decode, and encode where a run takes one core. More
            threads would evict each other's data from the cache.
        io: Threads that read files from their drive.
        cache_writer: One thread that writes to the embedding cache and waits for the disk.
    """

    encoder: ThreadPoolExecutor
    cpu: ThreadPoolExecutor
    io: ThreadPoolExecutor
    cache_writer: ThreadPoolExecutor

    def for_encoding(self, concurrency: int) -> ThreadPoolExecutor:
        """Return the pool that encodes `concurrency` batches at once."""
        return self.cpu if concurrency > 1 or available_cpus() == 1 else self.encoder


@contextmanager
def open_pools(model: LoadedModel, *, low_priority: bool = False) -> Generator[Pools]:
    """Open the pools of a run; on exit, drop queued tasks and wait for running ones.

    Reading a file is not waited for, since a drive may never answer. With `low_priority` the
    threads give way to the window's; see `lower_thread_priority`.
    """
    initializer = lower_thread_priority if low_priority else None
    cpus = available_cpus()
    with (
        _pool(1, "encode", initializer) as encoder,
        _pool(max(cpus, model.concurrency), "compute", initializer) as cpu,
        _pool(max(MIN_IO_THREADS, cpus), "fetch", initializer, wait=False) as io,
        _pool(1, "store", initializer) as cache_writer,
    ):
        yield Pools(encoder, cpu, io, cache_writer)


@contextmanager
def encoder_pool(model: LoadedModel) -> Generator[ThreadPoolExecutor]:
    """Open a pool that only encodes, with a thread for each concurrent batch of `model`."""
    with _pool(model.concurrency, "encode") as pool:
        yield pool


def lower_thread_priority() -> None:
    """Lower the scheduling priority of the calling thread for the rest of its life.

    Only on Linux, where a thread has a priority of its own. Windows favours the window in front.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            thread = threading.get_native_id()
            usual = os.getpriority(os.PRIO_PROCESS, thread)  # lower still under `nice -n 19`
            os.setpriority(os.PRIO_PROCESS, thread, max(usual, _LOW_PRIORITY))


@contextmanager
def _pool(
    count: int,
    name: str,
    initializer: Callable[[], None] | None = None,
    *,
    wait: bool = True,
) -> Generator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(count, thread_name_prefix=name, initializer=initializer)
    try:
        yield pool
    finally:
        pool.shutdown(wait=wait, cancel_futures=True)
