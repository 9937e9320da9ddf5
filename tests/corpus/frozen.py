"""Compares texts with those that are kept in the folders `said`, or renews these."""

import os
import re
from pathlib import Path

import pytest

from nameplate.plug_ins.registry import features

IS_RENEWED = os.environ.get("NAMEPLATE_RENEW_CORPUS") == "1"
TESTS = Path(__file__).parents[1]
SAID = TESTS / "corpus" / "said"

_NUMBER = re.compile(r"-?\d+\.\d+")
_NEAR = 2e-4
"""How far the last digits of a probability may be those of another processor."""


def kept(names):
    """Return the files with what was said: of the engine, and of each feature among its tests."""
    found = [*SAID.glob(names), *TESTS.glob(f"features/*/said/{names}")]
    return [pytest.param(path, id=path.stem) for path in sorted(found)]


def compare(path, text):
    """Compare with what is kept in a file, or keep it there.

    What differs is no fault where a feature was taken away: many say something in several places.
    """
    expected = path.read_bytes().decode() if path.exists() else ""
    is_same = _NUMBER.sub("#", text) == _NUMBER.sub("#", expected)
    numbers, before = (list(map(float, _NUMBER.findall(one))) for one in (text, expected))
    are_near = is_same and numbers == pytest.approx(before, abs=_NEAR)
    if IS_RENEWED and not are_near:
        path.write_bytes(text.encode())
        return
    if not is_same and not has_all_features():
        pytest.skip("it was kept with other features: NAMEPLATE_RENEW_CORPUS=1 renews it")
    assert _NUMBER.sub("#", text) == _NUMBER.sub("#", expected)
    assert numbers == pytest.approx(before, abs=_NEAR)


def has_all_features():
    """Whether no feature was taken away, and none came."""
    return _features() == (SAID / "features.txt").read_text(encoding="utf-8")


def _features():
    return "".join(f"{one.id}\n" for one in features() if one.package.startswith("nameplate."))


if IS_RENEWED:
    (SAID / "features.txt").write_bytes(_features().encode())
