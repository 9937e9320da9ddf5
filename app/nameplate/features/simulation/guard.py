"""Tries whether learning from random decisions ever makes suggestions worse than names alone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from nameplate.domain.progress import CancelToken
from nameplate.features.simulation.replay import KnownFolder
from nameplate.pipeline.learning.decisions import Decisions
from nameplate.pipeline.learning.learning import Sample, learn
from nameplate.scoring.classifier import Classifier, scores_of

BUDGETS: Final = (0.02, 0.05, 0.1, 0.2)
"""Shares of the images that are decided."""
NEARLY: Final = 0.003
"""So much worse does not count."""
_IMBALANCE: Final = 10


@dataclass(frozen=True, slots=True)
class GuardRun:
    """What was right of the undecided images of one run, as shares, and of which run.

    Attributes:
        names: By names alone.
        learned: By what was learned.
        budget: The share of the images that was decided.
        is_whole: Whether the folder was as it is.
    """

    names: float
    learned: float
    budget: float
    is_whole: bool

    @property
    def gain(self) -> float:
        """By how much learning made it better; below 0 where it made it worse."""
        return self.learned - self.names


@dataclass(frozen=True, slots=True)
class Guard:
    """All runs: seeds times budgets, of the folder as it is, out of balance, and without names."""

    runs: tuple[GuardRun, ...]

    @property
    def worst_loss(self) -> float:
        """By how much learning made the worst run worse; 0 where it never did."""
        return max(0.0, -min(run.gain for run in self.runs)) if self.runs else 0.0

    @property
    def share_within(self) -> float:
        """The share of runs that are not worse than names alone by more than `NEARLY`."""
        kept = [run.gain >= -NEARLY - 1e-9 for run in self.runs]
        return sum(kept) / len(kept) if kept else 1.0


def guard_of(
    folder: KnownFolder, seeds: int, cancel: CancelToken, on_done: Callable[[], None]
) -> Guard:
    """Try each seed and budget; `on_done` is called after each seed."""
    runs = list[GuardRun]()
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        for some in _kinds(folder, rng):
            order = rng.permutation(len(some))
            for budget in BUDGETS:
                count = int(budget * len(some))
                if 1 <= count < len(some):
                    before, after = _run(some, order, count, cancel)
                    runs.append(GuardRun(before, after, budget, len(some) == len(folder)))
        on_done()
    return Guard(tuple(runs))


def _kinds(folder: KnownFolder, rng: np.random.Generator) -> Iterator[KnownFolder]:
    """Yield the folder; it with a tenth of the images of half of the names; without these names."""
    count = len(folder.names.concepts)
    rare = np.isin(folder.truth, rng.permutation(count)[: count // 2])
    some = rare & (rng.random(len(folder)) < 1 / _IMBALANCE)
    for kept in (np.ones_like(rare), ~rare | some, ~rare):
        if kept.any():
            yield KnownFolder(folder.names, folder.embeddings[kept], folder.truth[kept])


def _run(
    folder: KnownFolder,
    order: np.ndarray[tuple[int], np.dtype[np.int64]],
    count: int,
    cancel: CancelToken,
) -> tuple[float, float]:
    """Decide the first `count` images of `order`; return what is right of the others.

    By names alone, and by what was learned.
    """
    decided, rest = order[:count], order[count:]
    shown = np.eye(len(folder.names.concepts), dtype=np.bool_)[folder.truth[decided]]
    given = Decisions(folder.embeddings[decided], shown, ~shown)
    undecided = folder.embeddings[rest]
    found = learn(folder.names, given, Sample(folder.embeddings), cancel, undecided)

    def right(classifier: Classifier) -> float:
        best = classifier.best(scores_of(classifier, folder.embeddings[rest]))
        return float((best.columns == folder.truth[rest]).mean())

    return right(folder.names), right(found.classifier)
