"""How many processors this process may use."""

import os

import psutil

_most: int | None = None


def limit_processors(count: int | None) -> None:
    """Let this process use at most `count` processors from now on, None for all it may."""
    global _most  # noqa: PLW0603 - it belongs to the process
    _most = None if count is None else max(1, count)


def available_cpus() -> int:
    """Return how many processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # Linux only
    count = len(affinity(0)) if affinity else os.cpu_count() or 1
    return count if _most is None else min(count, _most)


def usable_cores() -> int:
    """Return how many physical cores this process may use.

    A hyper-thread adds nothing to matrix products, which fill the vector units of a core.
    """
    physical = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    return max(1, min(physical, available_cpus()))
