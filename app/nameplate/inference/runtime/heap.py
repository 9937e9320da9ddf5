"""Returns freed memory from the C library's heap to the operating system."""

import contextlib
import ctypes
import sys
import threading
from collections.abc import Callable, Generator
from typing import Final, cast

# glibc's malloc.h: M_TRIM_THRESHOLD and M_MMAP_THRESHOLD.
_TRIM, _MMAP = -1, -3
_LARGE: Final = 1 << 20
_USUAL: Final = ((_MMAP, 32 << 20), (_TRIM, 64 << 20))
"""The thresholds that glibc adapts to by itself once a large block was freed (mallopt(3))."""

_lock = threading.Lock()
_users = 0
"""Threads inside `separate_large_blocks`: both encoders of a model may be loaded at once."""


def give_back_freed_memory() -> None:
    """Return freed memory to the operating system; takes up to a tenth of a second.

    glibc keeps freed memory between blocks that are still in use for the next allocation: after a
    ViT-B/32 was freed that was 670 of its 700 MB. Other systems need no such call. The GIL is
    released meanwhile.
    """
    trim = _of_glibc("malloc_trim")
    if trim is not None:
        trim(0)


@contextlib.contextmanager
def separate_large_blocks() -> Generator[None]:
    """Make glibc allocate each large block by mmap, so that freeing it returns its memory at once.

    While loading, onnxruntime holds each weight as in the file, parsed, and packed for the
    processor, one after the other; without this, what it frees on the way stays in glibc's heap.
    A ViT-B/32 (607 MB) took 1.32 times the size of its files at the peak and 1.27 when loaded
    without it, and 1.17 and 1.03 with it.
    """
    global _users  # noqa: PLW0603 - malloc's options are global, too
    set_option = _of_glibc("mallopt")
    if set_option is None:
        yield
        return
    with _lock:
        _users += 1
        set_option(_MMAP, _LARGE)
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if not _users:
                for option, size in _USUAL:
                    set_option(option, size)


def _of_glibc(name: str) -> Callable[..., int] | None:
    """Return a function of the C library; None if it has none of this name."""
    if sys.platform != "linux":
        return None
    return cast("Callable[..., int] | None", getattr(ctypes.CDLL(None), name, None))
