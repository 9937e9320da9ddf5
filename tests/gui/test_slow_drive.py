"""A network drive with 0.1 s latency must not delay the window."""

import builtins
import io
import os
import threading
import time

import pytest
from PySide6.QtCore import QTimer

from qt_help import wait
from window_driver import COLOURS

LATENCY = 0.1


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


def test_the_windows_thread_asks_a_slow_drive_for_nothing(window, coloured, slow):
    beats = [time.monotonic()]
    heart = QTimer(interval=10)
    heart.timeout.connect(lambda: beats.append(time.monotonic()))
    heart.start()
    window.open(coloured)
    window.add(*COLOURS)
    window.wait_until_read()
    window.select(0)
    for _ in range(6):
        window.press("Return")
    assert window.chips() == [name.split("/")[0] for name in window.pictures()]
    wait(lambda: window.main.inspection.is_settled)
    wait(lambda: window.main.thumbnails.is_idle)
    heart.stop()
    assert {name for name, _ in slow} >= {"scandir", "open"}  # else nothing was slow
    assert not [name for name, is_window in slow if is_window]
    assert len(beats) > 50
