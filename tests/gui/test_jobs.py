import os
import sys
import threading
import time

import pytest
from PySide6.QtCore import QTimer

from nameplate.ui.jobs.jobs import Jobs, Task
from qt_help import wait


@pytest.fixture
def jobs(qapp):
    made = Jobs()
    yield made
    made.shut_down()


@pytest.fixture
def heard():
    """What is told of jobs, in its order."""
    return []


def noted(heard, name, job):
    """Return a task whose callbacks append to `heard`."""
    return Task(
        job,
        lambda event: heard.append((name, event)),
        lambda error: heard.append((name, str(error))),
        lambda: heard.append((name, "end")),
    )


def test_tasks_run_one_after_the_other_and_one_that_fails_keeps_no_other_from_it(jobs, heard):
    def fails(_cancel):
        yield "begun"
        raise ValueError("broken")

    jobs.queue("test", noted(heard, "one", lambda _cancel: iter("ab")))
    jobs.queue("test", noted(heard, "two", fails))
    jobs.queue("test", noted(heard, "three", lambda _cancel: iter("c")))
    wait(lambda: not jobs.is_busy)
    said = {"one": ("a", "b", "end"), "two": ("begun", "broken"), "three": ("c", "end")}
    assert heard == [(name, what) for name, whats in said.items() for what in whats]


def test_a_task_that_waits_is_cancelled_without_a_start_and_a_running_one_stops(qtbot, jobs, heard):
    begun = threading.Event()

    def runs(cancel):
        begun.set()
        while not cancel.is_cancelled:
            yield "tick"

    running = jobs.queue("test", noted(heard, "one", runs))
    waiting = jobs.queue("test", noted(heard, "two", lambda _cancel: iter("a")))
    jobs.cancel_task(waiting)
    assert heard == [("two", "end")]
    assert begun.wait(5)
    jobs.cancel_task(running)
    qtbot.waitUntil(lambda: not jobs.is_busy)
    assert heard[-1] == ("one", "end")
    assert ("two", "a") not in heard


def test_a_task_may_add_another_when_it_ends(qtbot, jobs, heard):
    last = noted(heard, "last", lambda _cancel: iter("z"))
    jobs.queue("test", Task(lambda _cancel: iter(()), on_done=lambda: jobs.queue("test", last)))
    qtbot.waitUntil(lambda: ("last", "end") in heard)
    assert not jobs.is_busy


def test_a_callback_that_runs_a_loop_of_its_own_as_a_dialog_does_holds_up_no_event(
    qtbot, jobs, heard
):

    def ask(_event):
        jobs.run("other", Task(lambda _cancel: iter(["answer"]), heard.append))
        wait(lambda: bool(heard))
        heard.append("asked")

    jobs.run("test", Task(lambda _cancel: iter(["question"]), ask))
    wait(lambda: heard == ["answer", "asked"])


def test_twenty_thousand_events_arrive_in_order_and_then_the_end(jobs, heard):
    jobs.run("test", noted(heard, "one", lambda _cancel: iter(range(20_000))))
    wait(lambda: not jobs.is_busy)
    assert heard == [("one", what) for what in (*range(20_000), "end")]


def test_a_new_job_supersedes_the_old_one_and_no_late_event_arrives(jobs, heard):
    go_on = threading.Event()

    def old(_cancel):
        yield 1
        go_on.wait(5)
        yield 2

    jobs.run("test", noted(heard, "old", old))
    wait(lambda: heard == [("old", 1)])
    jobs.run("test", noted(heard, "new", lambda _cancel: iter([1])))
    go_on.set()
    wait(lambda: not jobs.is_busy)
    assert heard == [("old", 1), ("new", 1), ("new", "end")]


def test_cancel_ends_the_job_at_its_next_step_and_is_announced_as_the_end(jobs, heard):
    closed_on = []

    def endless(_cancel):
        try:
            while True:
                time.sleep(0.001)
                yield 0
        finally:
            closed_on.append(threading.current_thread())

    jobs.run("test", noted(heard, "one", endless))
    wait(lambda: heard)
    jobs.cancel("test")
    wait(lambda: heard[-1] == ("one", "end"))
    assert closed_on[0] is not threading.main_thread()


def test_a_flood_of_events_leaves_the_window_time_to_breathe(jobs):
    gaps, last = [], [time.monotonic()]

    def beat():
        now = time.monotonic()
        gaps.append(now - last[0])
        last[0] = now

    heart = QTimer(interval=5)
    heart.timeout.connect(beat)
    heart.start()
    jobs.run("test", Task(lambda _cancel: iter(range(400)), lambda _event: time.sleep(0.0005)))
    wait(lambda: not jobs.is_busy)
    heart.stop()
    assert len(gaps) > 10


def test_shutting_down_joins_the_thread_and_nothing_arrives_after(qtbot, jobs):
    seen = []

    def slow(cancel):
        while not cancel.is_cancelled:
            time.sleep(0.002)
        yield "late"

    jobs.run("test", Task(slow, seen.append))
    qtbot.wait(20)
    jobs.shut_down()
    qtbot.wait(40)
    assert seen == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread has no priority of its own")
def test_a_job_of_low_priority_takes_what_the_windows_thread_leaves(jobs):
    def priority(_cancel=None):
        yield os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    (usual,), seen = priority(), []
    jobs.run("test", Task(priority, seen.append), low_priority=True)
    wait(lambda: not jobs.is_busy)
    assert seen == [max(usual, 10)]
    assert list(priority()) == [usual]
