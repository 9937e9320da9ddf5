"""The threads of a run from files to embeddings."""

import os
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from nameplate.inference.model import LoadedModel

FETCHERS: Final = 4
"""At least; what waits for a drive takes no core."""


@dataclass(frozen=True, slots=True)
class Workers:
    """Threads, by what they wait for.

    Attributes:
        fetching: Read files from their drive.
        computing: One for each processor: they decode, and encode where a core does that by itself.
            More at once would take each other's cache away.
        alone: One that does nothing but call the image encoder, where one run takes all cores, or a
            card does the work.
    """

    fetching: ThreadPoolExecutor
    computing: ThreadPoolExecutor
    alone: ThreadPoolExecutor

    def for_lanes(self, lanes: int) -> ThreadPoolExecutor:
        """Return those that encode, where so many batches are encoded at once."""
        return self.computing if lanes > 1 or threads() == 1 else self.alone


@contextmanager
def workers_for(model: LoadedModel) -> Generator[Workers]:
    """Give the threads of a run; at the end what waits is dropped, and what runs is waited for."""
    with (
        _pool(1, "encode") as alone,
        _pool(max(threads(), model.lanes), "compute") as computing,
        _pool(max(FETCHERS, threads()), "fetch") as fetching,
    ):
        yield Workers(fetching, computing, alone)


@contextmanager
def lanes_of(model: LoadedModel) -> Generator[ThreadPoolExecutor]:
    """Give a pool that does nothing but encode, with a thread for each lane; its end as above."""
    with _pool(model.lanes, "encode") as pool:
        yield pool


def threads() -> int:
    """Return how many threads may compute: one for each processor that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # Linux only
    return len(affinity(0)) if affinity else os.cpu_count() or 1


@contextmanager
def _pool(count: int, name: str) -> Generator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(max_workers=count, thread_name_prefix=name)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
