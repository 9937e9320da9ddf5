import os
import sys
import threading

import pytest

from nameplate.inference.model import load_model
from nameplate.pipeline.reading.pools import open_pools


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread has no priority of its own")
@pytest.mark.parametrize(("low_priority", "nice"), [(True, 10), (False, 0)])
def test_threads_that_embed_for_a_window_have_a_lower_priority_than_its_own(
    tiny_model, low_priority, nice
):
    usual = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    def priority():
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    with open_pools(load_model(tiny_model, device="cpu"), low_priority=low_priority) as opened:
        for pool in (opened.io, opened.cpu, opened.encoder):
            assert pool.submit(priority).result() == max(usual, nice)
    assert priority() == usual
