import os
import sys
import threading

import pytest

from nameplate.inference.model import load_model
from nameplate.pipeline.pools import workers_for


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread cannot do so by itself")
@pytest.mark.parametrize(("step_back", "nice"), [(True, 10), (False, 0)])
def test_threads_that_read_for_a_window_let_its_own_go_first(tiny_model, step_back, nice):
    usual = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    def priority():
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    with workers_for(load_model(tiny_model, device="cpu"), step_back=step_back) as workers:
        for pool in (workers.fetching, workers.computing, workers.alone):
            assert pool.submit(priority).result() == max(usual, nice)
    assert priority() == usual
