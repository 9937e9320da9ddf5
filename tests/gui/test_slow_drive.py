"""A network drive with 0.2 s latency must not delay the window."""

import builtins
import io
import os
import threading
import time

import pytest
from PySide6.QtCore import QTimer

from gui_help import COLOURS, wait_until_scored

LATENCY = 0.2


@pytest.fixture
def slow(monkeypatch, coloured):
    """Make each stat, listing and opening below `coloured` take LATENCY; record the caller."""
    root, asked = str(coloured), []

    def slowly(name, real):
        def call(path=".", *args, **options):
            if not isinstance(path, int) and os.fsdecode(path).startswith(root):
                asked.append((name, threading.current_thread() is threading.main_thread()))
                time.sleep(LATENCY)
            return real(path, *args, **options)

        return call

    for module, name in [
        (os, "stat"), (os, "lstat"), (os, "scandir"), (os, "listdir"), (os, "open"),
        (io, "open"), (builtins, "open"),
    ]:  # fmt: skip
        monkeypatch.setattr(module, name, slowly(name, getattr(module, name)))
    return asked


def test_the_windows_thread_asks_a_slow_drive_for_nothing(qtbot, window, coloured, slow):
    beats = [time.monotonic()]
    heart = QTimer(interval=10)
    heart.timeout.connect(lambda: beats.append(time.monotonic()))
    heart.start()
    window.open_paths([coloured])
    window.edits.add_lines(COLOURS)
    wait_until_scored(qtbot, window)
    for row in range(6):
        window.grid.set_current_image(row)
        window.labelling.accept()
    qtbot.waitUntil(lambda: window.inspection.is_settled, timeout=10_000)
    qtbot.waitUntil(lambda: window.thumbnails.is_idle, timeout=10_000)
    heart.stop()
    assert {name for name, _ in slow} >= {"scandir", "open"}  # else nothing was slow
    assert not [name for name, is_window in slow if is_window]
    assert len(beats) > 50
