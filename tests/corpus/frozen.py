"""Compares texts with those that are kept in `said`, or renews these."""

import os
import re
from pathlib import Path

import pytest

IS_RENEWED = os.environ.get("NAMEPLATE_RENEW_CORPUS") == "1"

_NUMBER = re.compile(r"-?\d+\.\d+")
_NEAR = 2e-4
"""How far the last digits of a probability may be those of another processor."""


def compare(name, text):
    """Compare with what is kept, or keep it."""
    kept = Path(__file__).parent / "said" / f"{name}.txt"
    if IS_RENEWED:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(text.encode())
    expected = kept.read_bytes().decode()
    assert _NUMBER.sub("#", text) == _NUMBER.sub("#", expected)
    numbers, before = (list(map(float, _NUMBER.findall(one))) for one in (text, expected))
    assert numbers == pytest.approx(before, abs=_NEAR)
