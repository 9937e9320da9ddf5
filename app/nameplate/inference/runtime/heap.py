"""Returns freed memory from the C library's heap to the operating system."""

import ctypes
import sys
from collections.abc import Callable
from typing import Final, cast

_MMAP: Final = -3
"""M_MMAP_THRESHOLD of glibc's malloc.h."""
_LARGE: Final = 1 << 20


def give_back_freed_memory() -> None:
    """Return freed memory to the operating system; takes up to a tenth of a second.

    glibc keeps freed memory between blocks that are still in use for the next allocation: after a
    ViT-B/32 was freed that was 670 of its 700 MB. Other systems need no such call. The GIL is
    released meanwhile.
    """
    trim = _of_glibc("malloc_trim")
    if trim is not None:
        trim(0)


def separate_large_blocks() -> None:
    """Make glibc allocate each large block by mmap from now on, which returns it once it is freed.

    By itself glibc takes blocks of up to 32 MB from its heap as soon as one of that size was freed,
    and what is small and stays keeps the room between them (mallopt(3)). While loading, onnxruntime
    holds each weight as in the file, parsed, and packed for the processor, one after the other: a
    ViT-B/32 (607 MB) took 1.32 times the size of its files at the peak and 1.27 when loaded without
    it, and 1.17 and 1.03 with it. Later it is the embeddings, and copies of parts of them.
    """
    set_option = _of_glibc("mallopt")
    if set_option is not None:
        set_option(_MMAP, _LARGE)


def _of_glibc(name: str) -> Callable[..., int] | None:
    """Return a function of the C library; None if it has none of this name."""
    if sys.platform != "linux":
        return None
    return cast("Callable[..., int] | None", getattr(ctypes.CDLL(None), name, None))
