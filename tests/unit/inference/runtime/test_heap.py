import subprocess
import sys

import pytest

from nameplate.inference.runtime import heap
from nameplate.inference.runtime.heap import give_back_freed_memory, separate_large_blocks

FREED = """
import sys
import numpy as np
import psutil
from nameplate.inference.runtime.heap import separate_large_blocks

def megabytes():
    return psutil.Process().memory_info().rss / 1e6

del_first = np.ones(30 << 20, np.uint8)
del del_first  # from now on glibc takes blocks of this size from its own heap
before = megabytes()
if sys.argv[1] == "apart":
    separate_large_blocks()
blocks = [np.ones(2 << 20, np.uint8) for _ in range(100)]
last = np.ones(100_000, np.uint8)  # lies above them in the heap
blocks.clear()
print(megabytes() - before)
"""


def left_after(how):
    command = [sys.executable, "-c", FREED, how]
    done = subprocess.run(command, capture_output=True, check=True, text=True, timeout=60)
    return float(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="of glibc")
def test_large_blocks_are_given_back_when_they_are_freed():
    assert left_after("apart") < 20
    assert left_after("together") > 100  # else this test would show nothing


def test_another_c_library_is_left_alone(monkeypatch):
    monkeypatch.setattr(heap.sys, "platform", "darwin")
    separate_large_blocks()
    give_back_freed_memory()
