"""The threads of a run from files to embeddings."""

import os
import sys
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from nameplate.inference.model import LoadedModel

FETCHERS: Final = 4
"""At least; what waits for a drive takes no core."""

_BEHIND: Final = 10
"""Of nice(2): a tenth of a core that a thread of the usual 0 wants, and all that it leaves."""


@dataclass(frozen=True, slots=True)
class Workers:
    """Threads, by what they wait for.

    Attributes:
        fetching: Read files from their drive.
        computing: One for each processor: they decode, and encode where a core does that by itself.
            More at once would take each other's cache away.
        alone: One that does nothing but call the image encoder, where one run takes all cores, or a
            card does the work.
        storing: One that writes to the cache, which waits for the disk.
    """

    fetching: ThreadPoolExecutor
    computing: ThreadPoolExecutor
    alone: ThreadPoolExecutor
    storing: ThreadPoolExecutor

    def for_lanes(self, lanes: int) -> ThreadPoolExecutor:
        """Return those that encode, where so many batches are encoded at once."""
        return self.computing if lanes > 1 or threads() == 1 else self.alone


@contextmanager
def workers_for(model: LoadedModel, *, step_back: bool = False) -> Generator[Workers]:
    """Give the threads of a run; at the end what waits is dropped, and what runs is waited for.

    Reading a file is not waited for, since a drive may never answer.

    Args:
        model: What encodes.
        step_back: Each of them lets the window's thread go first; see `let_others_first`.
    """
    begin = let_others_first if step_back else None
    with (
        _pool(1, "encode", begin) as alone,
        _pool(max(threads(), model.lanes), "compute", begin) as computing,
        _pool(max(FETCHERS, threads()), "fetch", begin, is_waited_for=False) as fetching,
        _pool(1, "store", begin) as storing,
    ):
        yield Workers(fetching, computing, alone, storing)


@contextmanager
def lanes_of(model: LoadedModel) -> Generator[ThreadPoolExecutor]:
    """Give a pool that does nothing but encode, with a thread for each lane; its end as above."""
    with _pool(model.lanes, "encode") as pool:
        yield pool


def threads() -> int:
    """Return how many threads may compute: one for each processor that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # Linux only
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def let_others_first() -> None:
    """Let other threads have a core that this one and they want, from now on.

    Only on Linux, which lets a thread do so by itself. Windows favours the window in front.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _BEHIND)


@contextmanager
def _pool(
    count: int,
    name: str,
    begin: Callable[[], None] | None = None,
    *,
    is_waited_for: bool = True,
) -> Generator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(max_workers=count, thread_name_prefix=name, initializer=begin)
    try:
        yield pool
    finally:
        pool.shutdown(wait=is_waited_for, cancel_futures=True)
