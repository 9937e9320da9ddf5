"""Memory that a freed model leaves with the C library, given back to the system."""

import ctypes
import sys


def give_back_freed_memory() -> None:
    """Let the system have the memory that was freed; takes up to a tenth of a second.

    glibc keeps what lies between blocks that are still in use for the next allocation: after a
    ViT-B/32 was freed that was 670 of its 700 MB. Other systems need no such call. The GIL is
    released meanwhile.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # not with other C libraries
        if trim is not None:
            trim(0)
