import pytest

from nameplate.system import processors
from nameplate.system.processors import available_cpus, limit_processors, usable_cores


@pytest.fixture(autouse=True)
def no_limit(monkeypatch):
    monkeypatch.setattr(processors, "_most", None)


def test_a_process_uses_what_it_may_and_at_least_one():
    everything = available_cpus()
    assert 1 <= usable_cores() <= everything
    limit_processors(1)
    assert (available_cpus(), usable_cores()) == (1, 1)
    limit_processors(0)
    assert (available_cpus(), usable_cores()) == (1, 1)
    limit_processors(everything + 5)
    assert available_cpus() == everything
    limit_processors(1)
    limit_processors(None)
    assert available_cpus() == everything
