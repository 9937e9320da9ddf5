"""How often a certificate is not true, of who tries again and again and of runs, in replays.

pytest -m perf -s tests/features/promise/test_certificates_by_luck.py prints the
tables of ADR 29 and 38.
"""

import numpy as np
import pytest

from features.promise.promise_help import RUNS, WAYS, Cheater, Folder, cheated, passes, replayed
from nameplate.features.promise.rules.beginning import plan_of
from nameplate.features.promise.rules.counts import allowed_wrong
from nameplate.features.promise.rules.stages import make_plan

pytestmark = pytest.mark.perf

RUN_REPLAYS = 100
REPLAYS, LABELS, WRONG, TRIES = 1000, 1000, 23, 4
"""97.7% are right, and 98% are promised."""


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_at_most_five_of_a_hundred_who_cheat_get_a_false_certificate(way, tmp_path):
    chance, false, tries, checks = np.random.default_rng(29), 0, 0, 0
    folder = Folder(LABELS)
    begun, steps = folder.project, len(folder.project.history.done)
    for number in range(REPLAYS):
        folder.project = folder.opened.project = begun
        folder.wrong = set(chance.permutation(LABELS)[:WRONG].tolist())
        folder.project.identity = f"{number:032x}"
        folder.project.facts.pop("tries", None)
        place = tmp_path / str(number)
        place.mkdir()
        cheater = Cheater(folder, place)
        false += cheated(way, cheater, TRIES)
        tries, checks = tries + len(cheater.tries), checks + cheater.checks
        for path in place.iterdir():
            path.unlink()
        folder.project = folder.opened.project = begun
        Cheater(folder, place).undo_to(steps)
    print(  # noqa: T201 - a row of the table
        f"| {way.__name__.replace('_', ' ')} | {REPLAYS} | {tries / REPLAYS:.1f} "
        f"| {checks / REPLAYS:.0f} | {100 * false / REPLAYS:.1f}% |"
    )
    assert false <= 0.05 * REPLAYS


@pytest.mark.parametrize("labels", [300, 1000, 10_000])
@pytest.mark.parametrize("target", [0.95, 0.98, 0.99])
def test_what_a_first_try_costs_who_is_honest(labels, target):
    """Before: no error was overlooked, and a picture without a name was a right one."""
    allowed = allowed_wrong(target, labels)
    before, now = make_plan(labels, allowed, 0.0375), plan_of(labels, target, 0.95, 1)
    wrong = round(labels * 0.005)
    print(  # noqa: T201 - a row of the table
        f"| {labels:,} | {100 * target:.0f}% | {before.looks[0]} | {now.looks[0]} "
        f"| {plan_of(labels, target, 0.95, 2).looks[0]} | {passes(before, wrong):.3f} "
        f"| {passes(now, wrong):.3f} |"
    )
    assert now.looks[0] <= 1.2 * before.looks[0]


@pytest.mark.parametrize("target", [0.98, 0.95])
@pytest.mark.parametrize("name", RUNS)
def test_at_most_five_of_a_hundred_promises_are_given_and_not_true(name, target):
    replays = [replayed(RUNS[name], target, seed) for seed in range(RUN_REPLAYS)]
    begun = [one for one in replays if one.is_begun]
    given = [one for one in begun if one.is_given]
    false = [one for one in given if one.share_right < target]
    checks = np.median([one.checks for one in begun]) if begun else 0
    right = 100 * np.mean([one.share_right for one in begun]) if begun else 100
    print(  # noqa: T201 - a row of the table
        f"| {name} | {100 * target:.0f}% | {right:.2f}% | {len(begun)} | {len(given)} "
        f"| {len(false)} | {checks:.0f} |"
    )
    assert len(false) <= 0.05 * RUN_REPLAYS
