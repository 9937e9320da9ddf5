"""Starts the real window on the tiny model, for the folders of tests that import its fixtures."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from nameplate.ui.main_window import MainWindow
from nameplate.ui.pages import pages
from nameplate.ui.widgets import theme
from nameplate.ui.widgets.later import Later
from window_driver import COLOURS, WindowDriver


@pytest.fixture(autouse=True)
def models_share_a_child(one_child: None) -> None:
    """A child process for each model that is tried out would take half a second of each."""


@pytest.fixture(autouse=True)
def pages_are_turned_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test presses Enter sooner than a person."""
    monkeypatch.setattr(pages, "DOUBLE_S", 0.0)


@pytest.fixture(autouse=True)
def no_window_is_left(qapp: QApplication) -> Iterator[None]:
    """Fail a test that leaves a window open, and not those after it."""
    yield
    windows = [one for one in qapp.topLevelWidgets() if isinstance(one, MainWindow)]
    left = [one for one in windows if one.isVisible()]
    for window in left:
        WindowDriver(window).discard()
    assert not left


@pytest.fixture(scope="session")
def theme_is_applied(qapp: QApplication) -> None:
    """The theme, applied once as by the program: each time takes as long as half a window."""
    theme.apply(qapp)


@pytest.fixture
def make_window(
    qtbot, qapp: QApplication, theme_is_applied: None, tmp_path: Path, tiny_model: Path
) -> Iterator[Callable[..., WindowDriver]]:
    """Return a function that opens a window on a model folder; closes them all at the end."""
    colours = qapp.palette()
    windows: list[WindowDriver] = []

    def make(
        folder: Path = tiny_model, before_shown: Callable[[MainWindow], None] = lambda _: None
    ) -> WindowDriver:
        for earlier in windows:
            earlier.main.preferences.finish()
        window = WindowDriver.on(folder, tmp_path / "window.ini")
        windows.append(window)
        before_shown(window.main)
        window.show()
        qtbot.waitExposed(window.main)
        return window

    yield make
    for window in windows:
        window.discard()
    qapp.processEvents()
    # Not left to the next test, which would style them once more.
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    if qapp.palette() != colours:
        theme.use("system")


@pytest.fixture
def window(make_window: Callable[..., WindowDriver], tiny_model: Path) -> WindowDriver:
    """A window whose model is ready."""
    opened = make_window(tiny_model, lambda main: main.setUpdatesEnabled(False))
    opened.wait_until_loaded()
    opened.main.setUpdatesEnabled(True)
    return opened


def read_in(window: WindowDriver, folder: Path, *names: str) -> WindowDriver:
    """Return a window with the focus, once it has read a folder with these names.

    It shows nothing meanwhile: it painted ten times what nobody looks at.
    """
    window.main.activateWindow()
    pause = window.main.scoring.findChild(Later)
    usual = pause.interval()
    pause.setInterval(0)  # after the last letter of a name, before it is read
    window.main.setUpdatesEnabled(False)
    window.open(folder)
    window.add(*names)
    window.wait_until_read()
    window.main.setUpdatesEnabled(True)
    pause.setInterval(usual)
    return window


@pytest.fixture
def opened(window: WindowDriver, coloured: Path) -> WindowDriver:
    """The window with six pictures that are read and three concepts; it has the focus."""
    return read_in(window, coloured, *COLOURS)


@pytest.fixture
def slow_model(window: WindowDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    """The window's model, slowed down by 0.1 s per batch."""
    encode = window.model.image.vectors

    def slowly(batch, cancel):
        time.sleep(0.1)
        return encode(batch, cancel)

    monkeypatch.setattr(window.model.image, "vectors", slowly)
