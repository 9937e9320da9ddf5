import threading

import pytest

from nameplate.ui.jobs.jobs import Jobs, Task
from qt_help import wait


@pytest.fixture
def queue(qapp):
    made = Jobs()
    yield made
    made.shut_down()


def noted(heard, name, job):
    """Return a task whose callbacks append to `heard`."""
    return Task(
        job,
        lambda event: heard.append((name, event)),
        lambda error: heard.append((name, str(error))),
        lambda: heard.append((name, "end")),
    )


def test_tasks_run_one_after_the_other_each_to_its_end(qtbot, queue):
    heard = []
    for name in ("one", "two"):
        queue.queue("test", noted(heard, name, lambda _cancel: iter("ab")))
    qtbot.waitUntil(lambda: not queue.is_busy)
    ends = [(name, what) for name in ("one", "two") for what in ("a", "b", "end")]
    assert heard == ends


def test_one_that_fails_keeps_no_other_from_running(qtbot, queue):
    def fails(_cancel):
        yield "begun"
        raise ValueError("broken")

    heard = []
    queue.queue("test", noted(heard, "one", fails))
    queue.queue("test", noted(heard, "two", lambda _cancel: iter("a")))
    qtbot.waitUntil(lambda: not queue.is_busy)
    assert heard == [("one", "begun"), ("one", "broken"), ("two", "a"), ("two", "end")]


def test_a_task_that_waits_is_cancelled_without_a_start_and_a_running_one_stops(qtbot, queue):
    begun = threading.Event()

    def runs(cancel):
        begun.set()
        while not cancel.is_cancelled:
            yield "tick"

    heard = []
    running = queue.queue("test", noted(heard, "one", runs))
    waiting = queue.queue("test", noted(heard, "two", lambda _cancel: iter("a")))
    queue.cancel_task(waiting)
    assert heard == [("two", "end")]
    assert begun.wait(5)
    queue.cancel_task(running)
    qtbot.waitUntil(lambda: not queue.is_busy)
    assert heard[-1] == ("one", "end")
    assert ("two", "a") not in heard


def test_a_task_may_add_another_when_it_ends(qtbot, queue):
    heard = []
    last = noted(heard, "last", lambda _cancel: iter("z"))
    queue.queue("test", Task(lambda _cancel: iter(()), on_done=lambda: queue.queue("test", last)))
    qtbot.waitUntil(lambda: ("last", "end") in heard)
    assert not queue.is_busy


def test_a_callback_that_runs_a_loop_of_its_own_as_a_dialog_does_holds_up_no_event(qtbot, queue):
    heard = []

    def ask(_event):
        queue.run("other", Task(lambda _cancel: iter(["answer"]), heard.append))
        wait(lambda: bool(heard))
        heard.append("asked")

    queue.run("test", Task(lambda _cancel: iter(["question"]), ask))
    wait(lambda: heard == ["answer", "asked"])
