import os
import sys
import threading
import time

import pytest

from nameplate.ui.jobs.job_runner import JobRunner
from qt_help import wait


@pytest.fixture
def heard():
    """What is told of a job, in its order."""
    return []


@pytest.fixture
def runner(qtbot, heard):
    made = JobRunner(
        "test",
        on_event=heard.append,
        on_failed=lambda error: heard.append(str(error)),
        on_done=lambda: heard.append("end"),
    )
    yield made
    made.shut_down()


def test_twenty_thousand_events_arrive_in_order_and_then_the_end(runner, heard):
    runner.start(lambda _cancel: iter(range(20_000)))
    wait(lambda: not runner.is_running)
    assert heard == [*range(20_000), "end"]


def test_a_new_job_supersedes_the_old_one_and_no_late_event_arrives(runner, heard):
    go_on = threading.Event()

    def old(_cancel):
        yield "old 1"
        go_on.wait(5)
        yield "old 2"

    runner.start(old)
    wait(lambda: heard == ["old 1"])
    runner.start(lambda _cancel: iter(["new"]))
    go_on.set()
    wait(lambda: not runner.is_running)
    assert heard == ["old 1", "new", "end"]


def test_a_failure_is_carried_as_a_value(runner, heard, caplog):
    def failing(_cancel):
        yield 1
        raise ValueError("broken")

    runner.start(failing)
    wait(lambda: not runner.is_running)
    assert heard == [1, "broken"]


def test_cancel_ends_the_job_at_its_next_step_and_is_announced_as_the_end(runner, heard):
    closed_on = []

    def endless(_cancel):
        try:
            while True:
                time.sleep(0.001)
                yield 0
        finally:
            closed_on.append(threading.current_thread())

    runner.start(endless)
    wait(lambda: heard)
    runner.cancel()
    wait(lambda: heard[-1] == "end")
    assert closed_on[0] is not threading.main_thread()


def test_a_flood_of_events_leaves_the_window_time_to_breathe(qtbot):
    from PySide6.QtCore import QTimer

    gaps, last = [], [time.monotonic()]

    def beat():
        now = time.monotonic()
        gaps.append(now - last[0])
        last[0] = now

    heart = QTimer(interval=5)
    heart.timeout.connect(beat)
    runner = JobRunner("test", on_event=lambda _event: time.sleep(0.0005))
    heart.start()
    runner.start(lambda _cancel: iter(range(400)))
    wait(lambda: not runner.is_running)
    heart.stop()
    runner.shut_down()
    assert len(gaps) > 10


def test_shutting_down_joins_the_thread_and_nothing_arrives_after(qtbot):
    seen = []
    runner = JobRunner("gone", on_event=seen.append)

    def slow(cancel):
        while not cancel.is_cancelled:
            time.sleep(0.002)
        yield "late"

    runner.start(slow)
    qtbot.wait(20)
    runner.shut_down()
    qtbot.wait(40)
    assert seen == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread has no priority of its own")
def test_a_job_of_low_priority_takes_what_the_windows_thread_leaves(qtbot):
    def priority(_cancel=None):
        yield os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    (usual,), seen = priority(), []
    runner = JobRunner("test", on_event=seen.append, low_priority=True)
    runner.start(priority)
    wait(lambda: not runner.is_running)
    runner.shut_down()
    assert seen == [max(usual, 10)]
    assert list(priority()) == [usual]
