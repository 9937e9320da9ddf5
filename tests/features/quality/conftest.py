"""Fixtures of all tests of the quality of labels."""

import pytest

from nameplate.features.quality.checks import pages


@pytest.fixture(autouse=True)
def a_test_may_turn_pages_at_once(monkeypatch):
    """A test looks at a page of random checks faster than a person is believed to."""
    monkeypatch.setattr(pages, "HASTY_MS", 0)
