"""Tries whether promises are kept: made and checked by the program's own rules, on known truth."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from statistics import fmean
from typing import Final

import numpy as np

from nameplate.domain.errors import UsageError
from nameplate.domain.progress import CancelToken
from nameplate.features.promise.rules.applying import apply_labels, make_smaller
from nameplate.features.promise.rules.beginning import begin
from nameplate.features.promise.rules.checking import next_page, record_page
from nameplate.features.promise.rules.promises import promise_in
from nameplate.features.promise.rules.state import PromiseStage, state_of
from nameplate.features.simulation.annotator import STRATEGIES
from nameplate.features.simulation.replay import KnownFolder, Replay

PRECISION: Final = 0.98
"""What is promised."""
_MOST_PAGES: Final = 6
"""That are decided before a promise is begun; how many is left to chance."""


@dataclass(frozen=True, slots=True)
class PromiseRun:
    """What became of a promise.

    Attributes:
        covered: Share of the images that were promised; 0 where nothing could be.
        checks: For each 1,000 images.
        right: Share of the promised labels that are right in the end; 1 of none.
    """

    covered: float
    checks: float
    right: float


@dataclass(frozen=True, slots=True)
class Promises:
    """All replays, and what is promised in each."""

    runs: tuple[PromiseRun, ...]
    precision: float = PRECISION

    @property
    def kept(self) -> int:
        """In how many replays at least `precision` of the promised labels were right."""
        return sum(run.right >= self.precision for run in self.runs)

    @property
    def covered(self) -> float:
        """The mean share of the images that was promised."""
        return fmean(run.covered for run in self.runs)

    @property
    def checks(self) -> float:
        """The mean number of checks for each 1,000 images."""
        return fmean(run.checks for run in self.runs)


def promises_of(
    folder: KnownFolder, seeds: int, cancel: CancelToken, on_done: Callable[[], None]
) -> Promises:
    """Decide some pages, promise the rest, check as the program asks to, and compare.

    There are `seeds` replays, at least one; `on_done` is called after each.
    """
    runs = list[PromiseRun]()
    for seed in range(seeds):
        cancel.raise_if_cancelled()
        replay, rng = Replay(folder.some(seed), cancel), np.random.default_rng(seed)
        pages = int(rng.integers(0, _MOST_PAGES + 1))
        for _ in islice(STRATEGIES["sheets"](replay, rng), pages + 1):
            pass  # the first is before any page
        runs.append(_run(replay, seed))
        on_done()
    return Promises(tuple(runs))


def _run(replay: Replay, seed: int) -> PromiseRun:
    """Begin a promise for what is undecided, and check until it is given or made smaller."""
    project = replay.project
    project.identity = f"{seed:032x}"  # the same checks each time
    try:
        step = begin(project, replay.now, PRECISION)
    except UsageError:  # nothing is sure enough, or all is decided
        return PromiseRun(0.0, 0.0, 1.0)
    project.apply(step.change, step.title)
    while (state := state_of(project)) and state.stage is PromiseStage.OPEN:
        page = next_page(project)
        if page is None:
            break
        right = replay.truth[page.rows]
        proposed = project.labels.sets.first_concepts()[page.concepts]
        is_said = (right != proposed) | page.is_blind
        marks = {int(page.rows[i]): int(right[i]) for i in np.flatnonzero(is_said).tolist()}
        step = record_page(project, page, marks, replay.now)
        project.apply(step.change, step.title)
    if state is not None and state.stage is not PromiseStage.PASSED:
        smaller = make_smaller(project).step
        if smaller is not None:
            project.apply(smaller.change, smaller.title)
    promise, state, count = promise_in(project), state_of(project), len(replay.truth)
    assert promise is not None  # noqa: S101 - it was begun
    checks = 1000 * len(promise.checks) / count
    if state is None or state.stage is not PromiseStage.PASSED:
        return PromiseRun(0.0, checks, 1.0)
    step = apply_labels(project, replay.now)
    project.apply(step.change, step.title)
    rows = project.images.rows_of(promise.labels.ids)
    given = project.labels.sets.first_concepts()[project.labels.concepts[rows]]
    return PromiseRun(len(rows) / count, checks, float((given == replay.truth[rows]).mean()))
