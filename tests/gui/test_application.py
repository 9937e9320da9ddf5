"""The application around the window: files that macOS hands to it, and locales."""

import gc
import os
import subprocess
import sys
import threading
import weakref

import pytest
from PySide6.QtCore import QObject

from nameplate.project.file import store
from nameplate.ui.app import collect_garbage_here
from project_help import opened_project
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
