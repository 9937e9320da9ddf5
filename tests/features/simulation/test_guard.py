"""Whether learning from decisions ever does harm, on folders of folders of labelled images.

NAMEPLATE_LABELLED=DIR pytest -m perf -s tests/features/simulation/test_guard.py

DIR has a folder for each set, and that has a folder for each name. Of each set the folder as it is,
with names ten times rarer than others, and without half of the names is taken, 20 times; some of
the images are decided at random, and what is counted is the others. Then each folder is decided one
by one, kind after kind, as it lies on a disk, with and without a first page of all names.
"""

import argparse
import os
from pathlib import Path

import numpy as np
import pytest

from nameplate.cli.options import open_model
from nameplate.domain.changes import Title
from nameplate.domain.progress import CancelToken
from nameplate.features.evaluation import command
from nameplate.features.simulation.annotator import PAGE
from nameplate.features.simulation.command import known_folder
from nameplate.features.simulation.guard import BUDGETS, NEARLY, Guard, guard_of
from nameplate.features.simulation.replay import KnownFolder, Replay
from nameplate.pipeline.reading.collection import find_images
from nameplate.project.labelling import label

pytestmark = pytest.mark.perf

SEEDS = 20
LABELLED = os.environ.get("NAMEPLATE_LABELLED")


SHARES = (0.1, 0.2, 0.35, 0.5, 0.6, 0.71, 0.84, 0.9)
"""Of the images, decided in the order of their folder."""


def folder_of(root: Path) -> KnownFolder:
    cancel = CancelToken()
    parser = argparse.ArgumentParser()
    command.add_options(parser)
    args = parser.parse_args([str(root), "--truth", "folders", "--simulate"])
    found = find_images(args.paths, cancel=cancel)
    return known_folder(args, found, open_model(args, cancel), cancel)[1]


def runs_of(root: Path) -> Guard:
    return guard_of(folder_of(root), SEEDS, CancelToken(), lambda: None)


def in_order(folder: KnownFolder, seed: int, *, first_page: bool) -> list[tuple[float, float]]:
    """Decide kind after kind; return the share decided and the gain, wherever it has learned."""
    replay, rng = Replay(folder), np.random.default_rng(seed)
    rank = rng.permutation(len(folder.names.concepts))
    order = np.lexsort((rng.random(len(folder)), rank[folder.truth]))
    by_names = replay.suggestions.suggested == replay.truth
    runs, done = list[tuple[float, float]](), 0
    if first_page and (sheet := replay.candidates.few_of_each(PAGE)):
        order = np.concatenate([sheet.rows, order[~np.isin(order, sheet.rows)]])
        label_all(replay, sheet.rows, at_once=True)
        done = len(sheet.rows)
    for share in SHARES:
        count = max(done, round(share * len(folder)))
        label_all(replay, order[done:count])
        done = count
        replay.learn()
        left = replay.open_rows
        gain = np.mean(replay.suggestions.suggested[left] == replay.truth[left])
        if replay.suggestions.classifier is not folder.names:
            runs.append((count / len(folder), float(gain - by_names[left].mean())))
    return runs


def label_all(replay: Replay, rows: np.ndarray, *, at_once: bool = False) -> None:
    now = replay.now
    for row in rows.tolist():
        now = now if at_once else replay.now
        change = label(replay.project, np.array([row]), int(replay.truth[row]), now)
        replay.project.apply(change, Title("label", {"name": ""}))


@pytest.mark.skipif(not LABELLED, reason="NAMEPLATE_LABELLED names no folder")
@pytest.mark.parametrize("first_page", [False, True])
def test_the_order_of_a_folder(first_page):
    for root in sorted(Path(LABELLED or "").iterdir()):
        folder = folder_of(root)
        runs = [one for s in range(SEEDS) for one in in_order(folder, s, first_page=first_page)]
        for run in SHARES:
            found = [gain for share, gain in runs if abs(share - run) < 0.02]
            harmed = sum(gain < -NEARLY for gain in found)
            mean = 100 * sum(found) / SEEDS
            said = f"in force {len(found)} of {SEEDS}, harmed {harmed}, {mean:+.1f} points"
            tell(f"{root.name:12} {100 * run:3.0f}% in order, first page {first_page}: {said}")


@pytest.mark.skipif(not LABELLED, reason="NAMEPLATE_LABELLED names no folder")
def test_learning_does_no_harm():
    guards = {root.name: runs_of(root) for root in sorted(Path(LABELLED or "").iterdir())}
    for name, guard in guards.items():
        for budget in BUDGETS:
            gains = [100 * r.gain for r in guard.runs if r.is_whole and r.budget == budget]
            low, mean = min(gains, default=0), np.mean(gains) if gains else 0
            tell(f"{name:12} {100 * budget:3.0f}% decided: {mean:+5.1f} points, worst {low:+5.1f}")
    whole = Guard(tuple(run for guard in guards.values() for run in guard.runs))
    mean = 100 * np.mean([run.gain for run in whole.runs])
    tell(f"{len(whole.runs)} runs: {mean:+.2f} points on average, {whole.share_within:.4f} within")
    tell(f"0.3 points of names alone or above, worst {-100 * whole.worst_loss:.1f}")
    assert whole.share_within >= 0.99


def tell(line: str) -> None:
    print(line)  # noqa: T201
