"""After a failure that nobody foresaw the window goes on, and says so once."""

import logging
import sys
import threading
from importlib import import_module

import pytest
from PySide6.QtCore import QEventLoop, QTimer, qWarning
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from nameplate.plug_ins import failures
from nameplate.plug_ins.failures import plug_ins
from nameplate.storage import failure_log
from nameplate.storage.failure_log import begin_log, log_file
from nameplate.ui.jobs.jobs import Task
from nameplate.ui.shell.failure_bar import FailureBar, log_slots_and_qt
from plug_in_help import install
from qt_help import answer_message, wait

PRIVATE = "/home/anna/secret.jpg"
SAID = "Something went wrong. Your work is saved."


@pytest.fixture
def window(opened, monkeypatch):
    """A window with pictures, as the program begins it."""
    monkeypatch.delenv("NAMEPLATE_DEBUG", raising=False)
    for module, name in ((threading, "excepthook"), (sys, "excepthook"), (sys, "unraisablehook")):
        monkeypatch.setattr(module, name, getattr(module, name))
    monkeypatch.setattr(failure_log.faulthandler, "enable", lambda file: file.close())
    logger = logging.getLogger("nameplate")
    before = list(logger.handlers)
    log = begin_log()
    log_slots_and_qt()
    FailureBar(log, opened.main.messages, lambda: opened.main.files.may_close, opened.main)
    yield opened
    for handler in [one for one in logger.handlers if one not in before]:
        logger.removeHandler(handler)
        handler.close()


def fail(*_):
    raise ValueError(PRIVATE)


def in_a_slot(_window):
    # In a loop of Qt, as in the program; from `processEvents` it would be raised here.
    loop = QEventLoop()
    QTimer.singleShot(0, fail)
    QTimer.singleShot(20, loop.quit)
    loop.exec()


def on_a_thread(_window):
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()


def in_a_job(window):
    window.main.jobs.run("failing", Task(fail))
    wait(lambda: not window.main.jobs.is_running("failing"))


@pytest.mark.parametrize("fail_there", [in_a_slot, on_a_thread, in_a_job])
def test_the_window_goes_on_and_offers_a_report(window, fail_there):
    bar = window.main.messages
    fail_there(window)
    wait(lambda: bar.text == SAID)
    window.menu("Go to the pictures")
    first = window.pictures()[0]
    window.select(first)
    window.press("2")
    assert window.state(first) == "decided by you: green"
    answer_message(bar, "Copy report")
    report = QGuiApplication.clipboard().text()
    assert "ValueError: …" in report
    assert "tests/gui/test_failure_bar.py" not in report
    assert report in log_file().read_text()
    assert "anna" not in report


def test_many_failures_are_one_bar(window):
    bar = window.main.messages
    for _ in range(50):
        on_a_thread(window)
    wait(lambda: bar.text == SAID)
    bar.dismiss()
    on_a_thread(window)
    QApplication.processEvents()
    assert bar.is_quiet


def test_what_is_not_saved_is_not_said_to_be(window, monkeypatch):
    monkeypatch.setattr(type(window.main.files), "may_close", property(lambda _self: False))
    on_a_thread(window)
    wait(lambda: window.main.messages.text == "Something went wrong.")
    monkeypatch.undo()


def test_a_plug_in_that_fails_is_named_in_one_bar(window, tmp_path, monkeypatch):
    for name in ("luckless", "unlucky"):
        install(tmp_path, name, "def fail(*_):\n    raise ValueError")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(failures, "FAILURES", {})
    plug_ins.cache_clear()
    bar = window.main.messages
    for name, names in (("luckless", "luckless"), ("unlucky", "luckless unlucky")):
        window.main.jobs.run("failing", Task(import_module(name).fail))
        wait(lambda names=names: bar.text.endswith(f"pip uninstall {names}"))
    assert bar.text.startswith("Plug-in failed: luckless unlucky.")
    bar.dismiss()
    assert bar.is_quiet
    plug_ins.cache_clear()


def test_what_qt_says_is_logged_and_no_failure(window):
    qWarning("a warning of Qt about /home/anna")
    assert "a warning of Qt about …" in log_file().read_text()
    assert window.main.messages.text != SAID
