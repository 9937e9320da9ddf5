"""What nobody foresaw goes to a log: where in the program, and no names of the person's files."""

import logging
import subprocess
import sys
import threading

import pytest

from nameplate import __version__
from nameplate.domain.errors import UsageError
from nameplate.storage import failure_log
from nameplate.storage.failure_log import begin_log, described, log_end, log_file

SECRETS = ("anna", "secret", "Müller")
PRIVATE = "/home/anna/secret.jpg"


@pytest.fixture(autouse=True)
def as_a_person_starts_it(monkeypatch):
    monkeypatch.delenv("NAMEPLATE_DEBUG", raising=False)


@pytest.fixture
def log(monkeypatch):
    """The log as a window begins it, and what it tells."""
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    monkeypatch.setattr(failure_log.faulthandler, "enable", lambda file: file.close())
    before = list(logging.getLogger("nameplate").handlers)
    handler, told = begin_log(), []
    handler.tell = told.append
    yield told
    for one in [*logging.getLogger("nameplate").handlers]:
        if one not in before:
            logging.getLogger("nameplate").removeHandler(one)
            one.close()


def raised(error):
    try:
        raise error  # noqa: TRY301 - it needs a traceback
    except Exception as caught:  # noqa: BLE001
        return caught


@pytest.mark.parametrize(
    "text",
    [
        "/home/anna/secret.jpg",
        "no '/home/anna/My secret pictures/a b.jpg' here",
        r"C:\Users\anna\secret.jpg is not there",
        r"\\server\anna\secret",
        "cannot read anna-secret.jpg now",
        'of "anna secret.nameplate" nothing',
        "https://anna:secret@host/a",
        "s3://anna/secret of Müller",
        "[Errno 2] No such file: '/home/anna/Müller.png' -> 'secret.png'",
    ],
)
def test_names_of_files_of_the_person_are_left_out(text, monkeypatch):
    for error in (ValueError(text), UsageError("file-not-there", where=text)):
        found = described(raised(error))
        assert not [word for word in SECRETS if word in found]
    assert "file-not-there" in found
    monkeypatch.setenv("NAMEPLATE_DEBUG", "1")
    assert text in described(raised(ValueError(text)))


@pytest.mark.parametrize(
    "text",
    ["'NoneType' object has no attribute 'rows'", "list index out of range", "1 is not 2: 'x'"],
)
def test_what_is_no_name_of_a_file_stays(text):
    assert described(raised(ValueError(text))).endswith(f"ValueError: {text}")


def test_a_report_says_where_in_the_program_and_why(log):
    try:
        try:
            UsageError("", where="/home/anna")
        except ValueError as error:
            raise KeyError("row") from error
    except KeyError as error:
        found = described(error)
    assert found.index("nameplate/domain/messages.py") < found.index("which led to")
    assert "home" not in found.replace("/home/anna", "")
    assert str(failure_log._PACKAGE) not in found


def test_a_thread_and_a_job_that_fail_are_logged_and_told(log):
    def fail():
        raise ValueError(PRIVATE)

    thread = threading.Thread(target=fail, name="worker")
    thread.start()
    thread.join()
    try:
        fail()
    except ValueError:
        logging.getLogger("nameplate.ui.jobs").exception("cannot show %s", PRIVATE)
    text = log_file().read_text("utf-8")
    assert [one in text for one in log] == [True, True]
    assert text.count("ValueError: …") == 2
    assert f"Nameplate {__version__}" in text
    assert "ERROR worker" in text
    assert "cannot show …" in text
    assert not [word for word in SECRETS if word in text]
    assert sys.platform == "win32" or log_file().stat().st_mode & 0o077 == 0


def test_the_same_failure_is_told_once_a_minute_with_how_often_it_came(log, monkeypatch):
    def fail():
        logging.getLogger("nameplate").error("again", exc_info=raised(ValueError("x")))

    for _ in range(1000):
        fail()
    assert len(log) == 1
    logging.getLogger("nameplate").error("another", exc_info=raised(TypeError("x")))
    assert len(log) == 2
    now = failure_log.time.monotonic() + failure_log.BETWEEN_S
    monkeypatch.setattr(failure_log.time, "monotonic", lambda: now)
    fail()
    assert len(log) == 3
    assert "999 times before" in log[-1]


def test_the_log_is_of_a_bounded_size(log, monkeypatch):
    monkeypatch.setattr(failure_log, "BETWEEN_S", 0.0)
    handler = logging.getLogger("nameplate").handlers[-2]  # the last one is of the terminal
    assert handler.maxBytes == failure_log.MOST_BYTES
    handler.maxBytes = 100_000
    for number in range(400):
        logging.getLogger("nameplate").warning("%s %s", "word " * 180, number)
    files = list(log_file().parent.glob("nameplate.log*"))
    assert len(files) == failure_log.FILES
    assert max(file.stat().st_size for file in files) <= 100_000


def test_a_log_that_another_window_holds_on_windows_grows_on(log, monkeypatch):
    handler = next(h for h in logging.getLogger("nameplate").handlers if hasattr(h, "maxBytes"))
    monkeypatch.setattr(handler, "maxBytes", 500)

    def held(source, _target):
        raise PermissionError(13, "used by another process", source)

    monkeypatch.setattr(failure_log.os, "rename", held)
    for number in range(4):
        logging.getLogger("nameplate").error("number %s %s", number, "x" * 300)
    text = log_file().read_text("utf-8")
    assert all(f"number {number}" in text for number in range(4))


def test_where_no_log_can_be_written_the_failure_is_told_all_the_same(log, isolated_home):
    folder = log_file().parent
    folder.rename(folder.with_name("before"))
    folder.write_text("a file in its place")
    logging.getLogger("nameplate").error("x", exc_info=raised(ValueError("x")))
    assert len(log) == 1


def test_what_a_crash_left_is_added_to_the_log_by_the_next_start(log):
    crash = failure_log._crash_file()
    package = failure_log._PACKAGE
    crash.write_text(
        f'Fatal Python error: Aborted\n  File "{package}/nameplate/ui/app.py", line 7 in run\n'
        '  File "/home/anna/secret.py", line 1 in x'
    )
    failure_log._take_crash()
    text = log_file().read_text("utf-8")
    assert 'File "nameplate/ui/app.py", line 7 in run' in text
    assert "anna" not in text
    assert crash.read_text() == ""


CRASHING = """
import os
from nameplate.storage.failure_log import begin_log
begin_log()
os.abort()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="it would ask the person")
def test_a_process_that_crashes_leaves_its_stacks():
    subprocess.run([sys.executable, "-c", CRASHING], check=False)
    assert "Fatal Python error: Aborted" in failure_log._crash_file().read_text()


FAILING = """
import sys
import nameplate.cli.main as main
def run(arguments):
    raise KeyError("/HOME/ANNA/SECRET.JPG".lower())  # the log has this line
main.run = run
from nameplate.__main__ import main
main()
"""


def test_a_command_that_fails_says_so_in_one_sentence_with_where_the_log_is(monkeypatch):
    def call():
        done = subprocess.run(
            [sys.executable, "-c", FAILING], capture_output=True, text=True, check=False
        )
        return done.returncode, done.stderr

    code, said = call()
    assert (code, len(said.splitlines())) == (1, 1)
    assert str(log_file()) in said
    assert "KeyError" in log_file().read_text("utf-8")
    assert "anna" not in log_file().read_text("utf-8")
    monkeypatch.setenv("NAMEPLATE_DEBUG", "1")
    code, said = call()
    assert code == 1
    assert "Traceback" in said
    assert "/home/anna/secret.jpg" in said


def test_the_end_of_a_command_leaves_no_handler():
    before = list(logging.getLogger("nameplate").handlers)
    assert log_end(raised(ValueError("x"))).exists()
    assert logging.getLogger("nameplate").handlers == before
