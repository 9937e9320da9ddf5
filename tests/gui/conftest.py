"""Fixtures that start the real window on the tiny model."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from gui_help import COLOURS, wait_until_scored
from nameplate.ui.controller import Controller
from nameplate.ui.main_window import MainWindow
from nameplate.ui.widgets import theme


@pytest.fixture(autouse=True)
def no_window_is_left(qapp: QApplication) -> Iterator[None]:
    """Fail a test that leaves a window open."""
    yield
    assert not [w for w in qapp.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible()]


@pytest.fixture
def make_window(
    qtbot, qapp: QApplication, tmp_path: Path, tiny_model: Path
) -> Iterator[Callable[..., MainWindow]]:
    """Return a function that opens a window on a model folder; closes them all at the end."""
    theme.apply(qapp)
    windows: list[MainWindow] = []

    def make(folder: Path = tiny_model) -> MainWindow:
        settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
        window = MainWindow(Controller(folder, "cpu"), settings)
        window.resize(1200, 760)
        windows.append(window)
        window.show()
        qtbot.waitExposed(window)
        return window

    yield make
    for window in windows:
        window.shut_down()
        window.close()
        window.deleteLater()
    qapp.processEvents()


@pytest.fixture
def window(qtbot, make_window: Callable[..., MainWindow]) -> MainWindow:
    """A window whose model is ready."""
    opened = make_window()
    qtbot.waitUntil(lambda: opened.controller.model is not None, timeout=10_000)
    return opened


@pytest.fixture
def opened(qtbot, window, coloured):
    """The window with six embedded pictures and three concepts."""
    window.open_paths([coloured])
    window.edits.add_lines(COLOURS)
    wait_until_scored(qtbot, window)
    return window


@pytest.fixture
def slow_model(window, monkeypatch):
    """The window's model, slowed down by 0.1 s per batch."""
    encode = window.controller.model.image.encode

    def slowly(batch, cancel):
        time.sleep(0.1)
        return encode(batch, cancel)

    monkeypatch.setattr(window.controller.model.image, "encode", slowly)
