"""Attacks by chance, a thousand in all, from a seed: what was tried, and what failed."""

import importlib.util
import os
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from types import ModuleType

import pytest

from hostile.measuring import seed

TESTS = Path(__file__).parents[1]
FAMILIES = {
    path.stem: path
    for pattern in ("hostile/attacks/*.py", "features/*/attacks/*.py")
    for path in TESTS.glob(pattern)
}
NUMBER = int(os.environ.get("NAMEPLATE_ATTACKS", "1000"))
ONLY = os.environ.get("NAMEPLATE_ATTACK")
"""The number of a case to repeat alone."""


def family_of(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"attacks_{name}", FAMILIES[name])
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_nothing_is_lost_written_elsewhere_or_claimed_falsely(name, table, tmp_path):
    row = table(f"attacks by chance: {name}")
    attacks: dict[str, Callable[[Random, Path], None]] = family_of(name).ATTACKS
    share = -(-NUMBER // len(FAMILIES))
    for number in range(share) if ONLY is None else [int(ONLY)]:
        chance = Random(f"{seed()}-{name}-{number}")
        attack = chance.choice(sorted(attacks))
        folder = tmp_path / str(number)
        folder.mkdir()
        begun, problem = time.monotonic(), ""
        try:
            attacks[attack](chance, folder)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is counted and the rest goes on
            problem = f"{type(error).__name__}: {str(error)[:600]}"
        row.note(f"{attack}, case {number}", time.monotonic() - begun, problem=problem)
