import ctypes
import sys

import psutil
import pytest

from nameplate.inference.heap import give_back_freed_memory

BLOCK, COUNT = 100_000, 2000  # below the size from which glibc maps a block of its own


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_trim"),
    reason="only glibc keeps what was freed",
)
def test_what_was_freed_between_blocks_in_use_goes_back_to_the_system():
    blocks = [b"x" * BLOCK for _ in range(COUNT)]
    blocks[:-1] = []  # the last one keeps the heap from shrinking by itself
    before = psutil.Process().memory_info().rss
    give_back_freed_memory()
    assert before - psutil.Process().memory_info().rss > BLOCK * COUNT / 2
