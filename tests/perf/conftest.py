"""Speed is measured when asked for: `pytest tests/perf` alone, and never in the default run."""

import faulthandler
import os
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    """Let the default choice of markers give way where only these tests are asked for."""
    asked = [Path(argument.split("::")[0]).resolve() for argument in config.args]
    if all(path == HERE or HERE in path.parents for path in asked):
        config.option.markexpr = "perf"
        # The offscreen platform warns at each show, between the figures.
        os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")


@pytest.fixture(autouse=True)
def no_dump_of_stacks_meanwhile() -> None:
    """Let a measurement take minutes: the time limit of the other tests would print all stacks."""
    faulthandler.cancel_dump_traceback_later()
