"""What a person waits for among very many pictures while something is worked out beside.

Each job is a real one in the real window; it is begun anew as soon as it is done. A turn of the
window's thread is measured on the clock, on the processor, and by what the program itself takes of
it (`own`, see `Frames`), which is what to look at on a busy machine.
"""

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from nameplate.domain.progress import CancelToken
from nameplate.features.quality.doubtful.audit import audit
from nameplate.features.quality.snapshot import Snapshot
from nameplate.pipeline.pages.groups import alike_groups, open_rows
from nameplate.pipeline.pages.selection import projections
from nameplate.pipeline.stacks.finding import stacks_of
from nameplate.storage.resources import starter_model
from nameplate.ui.jobs.jobs import Job, Jobs, Task
from perf.many_pictures import (
    decide,
    do_everything,
    open_many,
    press_keys_that_label,
    scroll,
    turn_pages,
)
from perf.measuring import Frames, Report
from window_driver import WindowDriver

pytestmark = pytest.mark.perf

COUNTS = [int(c) for c in os.environ.get("NAMEPLATE_PERF_COUNTS", "100000,300000").split(",")]
DECISIONS = 2000


class Beside:
    """Keeps a job going, on a thread as the window has for it.

    Attributes:
        done: How often it was begun.
    """

    def __init__(self, window: WindowDriver, begin: Callable[[WindowDriver], Job]) -> None:
        self._window = window
        self._begin = begin
        self._is_low = begin in (figures, doubtful)
        self._jobs = Jobs(window.main)
        self._errors: list[Exception] = []
        self.done = 0

    @property
    def is_running(self) -> bool:
        return self._jobs.is_busy

    def __call__(self) -> None:
        assert not self._errors
        if not self.is_running:
            self.done += 1
            task = Task(self._begin(self._window), on_failed=self._errors.append)
            self._jobs.run("beside", task, low_priority=self._is_low)

    def end(self) -> None:
        self._jobs.shut_down()


class Learns:
    """Keeps the window learning from all decisions; otherwise as `Beside`."""

    def __init__(self, window: WindowDriver) -> None:
        self._fitting, self._owner = window.main.scoring.fitting, window.main.owner
        self.done = 0

    @property
    def is_running(self) -> bool:
        return self._fitting.is_due

    def __call__(self) -> None:
        if not self.is_running:
            self.done += 1
            self._fitting.start_from(self._owner.suggestions.classifier.names)

    def end(self) -> None:
        Frames().until(lambda: not self.is_running)


def once(work: Callable[[CancelToken], Any]) -> Job:
    def job(cancel: CancelToken) -> Iterator[Any]:
        yield work(cancel)

    return job


def similarity(window: WindowDriver) -> Job:
    blocks = window.project.images.blocks()
    return lambda cancel: projections(blocks, cancel)


def stacks(window: WindowDriver) -> Job:
    images = window.project.images
    return once(lambda cancel: stacks_of(images, cancel))


def groups(window: WindowDriver) -> Job:
    blocks, rows = window.project.images.vectors(), open_rows(window.project)
    return once(lambda cancel: alike_groups(blocks, rows, cancel))


def figures(window: WindowDriver) -> Job:
    from nameplate.features.quality.figures.held_out import Question
    from nameplate.features.quality.figures.judging import judge
    from nameplate.features.quality.figures.truth import DECISIONS, truth_of_decisions

    of = Snapshot.of(window.project, window.suggestions)
    question = Question(DECISIONS, truth_of_decisions(window.project))
    return once(lambda cancel: judge(of, question, cancel))


def doubtful(window: WindowDriver) -> Job:
    snapshot = Snapshot.of(window.project, window.suggestions)
    return lambda cancel: audit(snapshot, cancel)


JOBS = (similarity, stacks, groups, figures, doubtful)


@pytest.mark.parametrize("count", COUNTS)
def test_nothing_waits(open_window, tmp_path, capsys, count):
    report = Report(capsys, f"{count:,} pictures, 20 names, starter model (768 numbers)")
    window = open_window(starter_model())
    truth = open_many(window, tmp_path / "pictures", count)
    report.line(f"  -- nothing decided, nothing beside; load {os.getloadavg()[0]:.1f}")
    do_everything(window, report, lambda: None)
    decide(window, truth, DECISIONS)
    Frames().until(lambda: not window.main.scoring.fitting.is_due)
    longest = dict[str, float]()
    for beside in (Learns(window), *(Beside(window, job) for job in JOBS)):
        name = "learning" if isinstance(beside, Learns) else JOBS[len(longest) - 1].__name__
        report.line(f"  -- beside: {name}; load {os.getloadavg()[0]:.1f}")
        turns, cpu = Frames(), time.process_time()
        beside()
        seconds = turns.turns_until(lambda beside=beside: not beside.is_running)
        cpu = time.process_time() - cpu
        report.row("done once", f"{seconds:8.2f} s ({cpu:.2f} s of a processor)")
        report.row("  meanwhile, a turn of the window's thread", turns)
        report.row("scroll by the wheel, a frame", scroll(window, beside, 200))
        report.row("a key that labels", press_keys_that_label(window, beside, 20))
        report.row("a page is turned", turn_pages(window, beside, 10))
        report.row("done so often meanwhile", f"{beside.done:8}")
        beside.end()
        longest[name] = max(turns.own)
    assert max(longest.values()) <= 2 * 50, longest
