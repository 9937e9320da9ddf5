"""Whether learning from decisions ever does harm, on folders of folders of labelled images.

NAMEPLATE_LABELLED=DIR pytest -m perf -s tests/perf/test_guard.py

DIR has a folder for each set, and that has a folder for each name. Of each set the folder as it is,
with names ten times rarer than others, and without half of the names is taken, 20 times; some of
the images are decided at random, and what is counted is the others.
"""

import argparse
import os
from pathlib import Path

import numpy as np
import pytest

from nameplate.cli.main import command_named
from nameplate.cli.options import open_model
from nameplate.cli.simulating import known_folder
from nameplate.domain.progress import CancelToken
from nameplate.pipeline.reading.collection import find_images
from nameplate.pipeline.simulation.guard import BUDGETS, Guard, guard_of

pytestmark = pytest.mark.perf

SEEDS = 20
LABELLED = os.environ.get("NAMEPLATE_LABELLED")


def runs_of(root: Path) -> Guard:
    cancel = CancelToken()
    parser = argparse.ArgumentParser()
    command_named("evaluate").add_options(parser)
    args = parser.parse_args([str(root), "--truth", "folders", "--simulate"])
    found = find_images(args.paths, cancel=cancel)
    _, folder = known_folder(args, found, open_model(args, cancel), cancel)
    return guard_of(folder, SEEDS, cancel, lambda: None)


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
