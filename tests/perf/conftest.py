"""Speed is measured when asked for: `pytest tests/perf` alone, and never in the default run."""

import faulthandler
import gc
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from nameplate.ui.app import reduce_gui_latency
from nameplate.ui.widgets import theme
from window_driver import WindowDriver

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


@pytest.fixture
def open_window(qapp: QApplication, tmp_path: Path) -> Iterator[Callable[[Path], WindowDriver]]:
    """Return a function that opens a window on a model folder; it is closed at the end."""
    theme.apply(qapp)
    windows: list[WindowDriver] = []
    interval = sys.getswitchinterval()

    def make(folder: Path) -> WindowDriver:
        window = WindowDriver.on(folder, tmp_path / "window.ini")
        windows.append(window)
        window.show(1440, 900)
        reduce_gui_latency()
        return window

    yield make
    for window in windows:
        window.discard()
    qapp.processEvents()
    gc.unfreeze()
    sys.setswitchinterval(interval)
