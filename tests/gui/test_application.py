"""The application around the window: files that macOS hands to it, and locales."""

import gc
import os
import signal
import subprocess
import sys
import threading
import weakref
from pathlib import Path

import pytest
from PySide6.QtCore import QObject

from nameplate.project.file import store
from nameplate.storage.folders import projects_folder
from nameplate.ui.app import collect_garbage_here
from project_help import opened_project, reopened
from qt_help import wait

PROGRAM = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer, QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication
from nameplate.ui import app

def look():
    title = QApplication.activeWindow().windowTitle() if QApplication.activeWindow() else ""
    if title.startswith("Haustiere") or polls.remaining == 0:
        print(title)
        QApplication.closeAllWindows()
    polls.remaining -= 1

program = app.application()
program.postEvent(program, QFileOpenEvent(QUrl.fromLocalFile(sys.argv[1])))
polls = QTimer(interval=50)
polls.remaining = 100
polls.timeout.connect(look)
polls.start()
sys.exit(app.run_window([], Path(sys.argv[2]), "cpu", use_cache=False))
"""


def test_a_project_that_is_double_clicked_opens(tiny_model, tmp_path):
    file = tmp_path / "Haustiere ü.nameplate"
    store.close(store.create(file, opened_project().project))
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", PROGRAM, str(file), str(tiny_model)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True, text=True, timeout=80, check=False,
    )  # fmt: skip

    assert done.stdout == "Haustiere ü - Nameplate\n", done.stderr
    assert done.returncode == 0


STOPPED = """
import sys, threading, time
from pathlib import Path
import numpy as np
from PySide6.QtCore import QTimer
from nameplate.cli.main import run
from nameplate.project.file import store
from nameplate.project.label_changes import label
from nameplate.ui import app
from project_help import TEST, opened_project

def make_window(*args, real=app.make_window, **more):
    window = real(*args, **more)
    window.polls = QTimer(window, interval=50)
    window.polls.timeout.connect(lambda: decide(window))
    window.polls.start()
    return window

def decide(window):
    project = window.owner.project
    if len(project.images) and not window.files.unwritten:
        window.polls.stop()
        store.write = lambda *_: threading.Event().wait()  # a drive that answers no more
        key = project.concepts[0].key
        window.owner.change(label(project, np.array([0]), key, opened_project().now), TEST)
        print("decided", flush=True)

app.make_window = make_window
sys.exit(run(["window", *sys.argv[1:]]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_signal_to_stop_saves_what_a_drive_does_not_take(tiny_model, tmp_path):
    file, tests = tmp_path / "cats.nameplate", str(Path(__file__).parents[1])
    store.close(store.create(file, opened_project().project))
    path = os.pathsep.join([tests, *sys.path])
    with subprocess.Popen(
        [sys.executable, "-c", STOPPED, str(file), "--model", str(tiny_model), "--device", "cpu"],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": path},
        stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout.readline() == "decided\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(40) == 130
    (copy,) = projects_folder().glob("cats *.nameplate")
    assert reopened(copy).labels.has_label[0]


@pytest.mark.skipif(sys.platform != "linux", reason="locales of Linux")
@pytest.mark.parametrize("locale", ["xx_YY", "C"])
def test_a_locale_that_is_not_known_is_not_spoken_of(locale):
    done = subprocess.run(
        [sys.executable, "-c", "from nameplate.ui.app import application; application()"],
        env={**os.environ, "QT_QPA_PLATFORM": "minimal", "DISPLAY": ":0", "LC_ALL": locale},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0
    assert "locale" not in done.stderr


def test_garbage_is_collected_on_the_thread_of_the_window_whichever_makes_some(qapp):
    collected_on, kept = [], []

    def leave_a_part():
        part = QObject()
        part.itself = part
        weakref.finalize(part, lambda: collected_on.append(threading.current_thread()))

    gc.enable()
    parent = QObject()
    try:
        collect_garbage_here(parent)
        leave_a_part()
        worker = threading.Thread(target=lambda: kept.extend([] for _ in range(100_000)))
        worker.start()
        worker.join()
        wait(lambda: collected_on)
    finally:
        gc.disable()
        parent.deleteLater()
    assert collected_on == [threading.main_thread()]
