"""Tries whether learning from random decisions ever makes suggestions worse than names alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from nameplate.domain.progress import CancelToken
from nameplate.pipeline.simulation.replay import KnownFolder
from nameplate.scoring.classifier import Classifier, scores_of
from nameplate.scoring.learning.decisions import Decisions
from nameplate.scoring.learning.learning import learn

BUDGETS: Final = (0.02, 0.05, 0.1, 0.2)
"""Shares of the images that are decided."""
NEARLY: Final = 0.003
"""So much worse does not count."""
_IMBALANCE: Final = 10


@dataclass(frozen=True, slots=True)
class GuardRun:
    """What was right of the undecided images of one run, as shares."""

    names: float
    learned: float

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


def guard_of(folder: KnownFolder, seeds: int, cancel: CancelToken) -> Guard:
    """Try each seed and budget.

    Raises:
        CancelledError: `cancel` was set.
    """
    runs = list[GuardRun]()
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        for some in _kinds(folder, rng):
            order = rng.permutation(len(some))
            for budget in BUDGETS:
                count = int(budget * len(some))
                if 1 <= count < len(some):
                    runs.append(_run(some, order, count, cancel))
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
) -> GuardRun:
    """Decide the first `count` images of `order`, learn, and compare on the others."""
    decided, rest = order[:count], order[count:]
    shown = np.eye(len(folder.names.concepts), dtype=np.bool_)[folder.truth[decided]]
    given = Decisions(folder.embeddings[decided], shown, ~shown)
    learned = learn(folder.names, given, folder.embeddings, cancel).classifier

    def right(classifier: Classifier) -> float:
        best = classifier.best(scores_of(classifier, folder.embeddings[rest]))
        return float((best.columns == folder.truth[rest]).mean())

    return GuardRun(right(folder.names), right(learned))
