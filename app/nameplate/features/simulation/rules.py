"""Lets a simulated annotator decide a folder by each strategy, and sums up what it took."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import count
from statistics import fmean
from typing import TYPE_CHECKING, Final

import numpy as np

from nameplate.domain.progress import CancelToken
from nameplate.features.simulation.annotator import STRATEGIES, Point, Strategy
from nameplate.features.simulation.guard import Guard, guard_of
from nameplate.features.simulation.replay import KnownFolder, Replay
from nameplate.system.features import features

if TYPE_CHECKING:
    from nameplate.features.simulation.promise import Promises

TARGETS: Final = (0.9, 0.95, 0.98, 0.99)
"""Shares of right labels that are worked for."""
LOOKED_FOR: Final = 0.98
"""That of them for which it is counted how many images were looked at."""
PROMISES: Final = 5
"""Replays of a promise for each seed: they are short, and it takes many to see one fail."""
STEPS: Final = 50
"""Of a curve: so many from 0 to one action an image."""


@dataclass(frozen=True, slots=True)
class StrategyResult:
    """What a strategy took, on average over replays.

    Attributes:
        actions: Target -> actions for each 1,000 images, until so many labels were right.
        looked: At so many of 1,000 images was looked for 98%.
        curve: Actions for each 1,000 images, and the share of right labels then.
        runs: Of each replay, the actions for 98%.
    """

    actions: Mapping[float, float]
    looked: float
    curve: tuple[tuple[float, float], ...]
    runs: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a folder took.

    Attributes:
        images: How many there are.
        zero_shot: Share of them that the names alone suggest rightly.
        strategies: By name.
        guard: Whether learning ever made it worse.
        promise: Whether promises were kept; None where the program makes none.
    """

    images: int
    zero_shot: float
    strategies: Mapping[str, StrategyResult]
    guard: Guard
    promise: "Promises | None"


def simulate(
    folder: KnownFolder, seeds: int, cancel: CancelToken, on_done: Callable[[int, int], None]
) -> Simulation:
    """Return what each strategy took in `seeds` replays, and promises in five times as many.

    The folder has at least one image. `on_done` is called with the replays that are done, and all.
    """
    at_first = Replay(folder, cancel).accuracy
    total, done = seeds * (len(STRATEGIES) + 1 + PROMISES), count()
    found = dict[str, StrategyResult]()

    def tell() -> None:
        on_done(next(done) + 1, total)

    for name, strategy in STRATEGIES.items():
        runs = list[list[Point]]()
        sizes = list[int]()
        for seed in range(seeds):
            cancel.raise_if_cancelled()
            replay = Replay(folder.some(seed), cancel)
            runs.append(_run(strategy, replay, seed))
            sizes.append(len(replay.folder))
            tell()
        found[name] = _summed_up(runs, sizes)
    guard = guard_of(folder, seeds, cancel, tell)
    promises = None
    if any(feature.id == "promise" for feature in features()):
        tried = import_module("nameplate.features.simulation.promise")
        promises = tried.promises_of(folder, PROMISES * seeds, cancel, tell)
    return Simulation(len(folder), at_first, found, guard, promises)


def _run(strategy: Strategy, replay: Replay, seed: int) -> list[Point]:
    """Return the points until the highest target is reached."""
    points = list[Point]()
    for point in strategy(replay, np.random.default_rng(seed)):
        points.append(point)
        if point.accuracy >= TARGETS[-1]:
            break
    return points


def _summed_up(runs: Sequence[Sequence[Point]], sizes: Sequence[int]) -> StrategyResult:
    per = [1000 / size for size in sizes]

    def reached(target: float) -> list[Point]:
        return [next(p for p in points if p.accuracy >= target) for points in runs]

    def actions(target: float) -> tuple[float, ...]:
        at = zip(reached(target), per, strict=True)
        return tuple(round(point.actions * each, 1) for point, each in at)

    looked = [p.looked * each for p, each in zip(reached(LOOKED_FOR), per, strict=True)]
    curve = list[tuple[float, float]]()
    for step in range(STEPS + 1):
        share = step / STEPS
        now = [
            max(p.accuracy for p in points if p.actions <= share * size)
            for points, size in zip(runs, sizes, strict=True)
        ]
        curve.append((round(1000 * share, 1), round(fmean(now), 4)))
    return StrategyResult(
        {target: round(fmean(actions(target)), 1) for target in TARGETS},
        round(fmean(looked), 1),
        tuple(curve),
        actions(LOOKED_FOR),
    )
