"""A network drive with 0.1 s latency must not delay the window."""

import builtins
import io
import os
import threading
import time
import traceback
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from nameplate.project.file import store
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


@pytest.fixture
def waits(monkeypatch) -> list[str]:
    """Where the window's thread waited for the one that writes the project."""
    found, wait_for = list[str](), threading.Condition.wait

    def noted(self, timeout=None):
        stack = traceback.extract_stack()
        is_window = threading.current_thread() is threading.main_thread()
        is_begun = any(frame.name == "start" for frame in stack)  # a thread, which takes no time
        if is_window and not is_begun:
            rooms = [(one.name, Path(one.filename).parent.name) for one in stack]
            found.extend(name for name, room in rooms if room == "file")
        return wait_for(self, timeout)

    monkeypatch.setattr(threading.Condition, "wait", noted)
    return found


def test_the_windows_thread_never_waits_for_the_drive_of_the_project(opened, coloured, slow, waits):
    path = coloured / "mine.nameplate"
    opened.save_as(path)
    opened.press_on_pictures("1", "2", "3")
    opened.menu("Undo")
    opened.menu("Redo")
    opened.press_on_pictures("Ctrl+A", "1")
    opened.menu("Undo")
    opened.begin_pages()
    opened.click_on_page(0)
    opened.menu("New project")
    opened.open_project(path)
    opened.save_as(coloured / "other.nameplate")
    opened.main.close()
    assert {name for name, _ in slow} >= {"open", "stat"}
    assert not [name for name, is_window in slow if is_window]
    assert not waits


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
    wait(lambda: window.main.inspector.is_settled)
    wait(lambda: window.main.thumbnails.is_idle)
    heart.stop()
    assert {name for name, _ in slow} >= {"scandir", "open"}  # else nothing was slow
    assert not [name for name, is_window in slow if is_window]
    assert len(beats) > 50


@pytest.fixture
def may_write(opened, monkeypatch) -> threading.Event:
    """Let nothing be written until this is set; the first picture is selected."""
    gate, write = threading.Event(), store.write
    opened.select(0)
    monkeypatch.setattr(store, "write", lambda *args: gate.wait(10) and write(*args))
    return gate


def test_a_decision_is_painted_once_it_is_written_and_keys_are_taken_meanwhile(opened, may_write):
    opened.main.painting.findChild(QTimer).setInterval(10_000)
    view = opened.main.grid.viewport()
    painted = Paints(view)
    opened.press("1", "2")
    QApplication.processEvents()
    assert opened.main.painting.is_held
    assert len([name for name in opened.labels().values() if name]) == 2
    assert painted.count == 0
    may_write.set()
    wait(lambda: painted.count)
    assert not opened.main.files.unwritten


def test_a_disk_that_does_not_answer_holds_no_painting_up_for_long(opened, may_write):
    painted = Paints(opened.main.grid.viewport())
    opened.press("1")
    wait(lambda: painted.count)
    assert opened.main.files.unwritten
    may_write.set()


class Paints(QObject):
    """Counts how often a widget is painted."""

    def __init__(self, widget):
        super().__init__(widget)
        self.count = 0
        QApplication.processEvents()
        widget.installEventFilter(self)

    def eventFilter(self, _watched, event):
        self.count += event.type() == QEvent.Type.Paint
        return False
