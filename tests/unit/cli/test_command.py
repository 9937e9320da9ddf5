import os
import subprocess
import sys
from pathlib import Path

import pytest

from nameplate.cli.command import EXIT_DONE, EXIT_SOME_UNREADABLE, finish
from nameplate.domain.images import ImageTable
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.imaging.scan import ScanProblem

DRIVE = Path("/drive")


def table(reasons):
    images = ImageTable(4)
    rows = images.add([DRIVE / f"{number:04}.jpg" for number in range(len(reasons))])
    for row, reason in zip(rows, reasons, strict=True):
        if reason:
            images.set_unreadable(row, reason)
    return images


def test_a_thousand_failures_of_a_kind_are_one_message(capsys):
    images = table([Message("is-empty")] + [Message("is-not-there")] * 1000 + [None])

    code = finish(images, [], CancelToken())

    assert code == EXIT_SOME_UNREADABLE
    assert capsys.readouterr().err.splitlines() == [
        f"nameplate: {DRIVE / '0000.jpg'}: empty file",
        f"nameplate: 1,000 files: not found; the first is {DRIVE / '0001.jpg'}",
    ]


def test_a_few_failures_are_named_and_many_kinds_are_cut_off(capsys):
    images = table(
        [Message("step-not-written", {"why": f"reason {number}"}) for number in range(40)]
    )
    problems = [ScanProblem(DRIVE, Message("no-permission"))]

    finish(images, problems, CancelToken())

    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == f"nameplate: {DRIVE}: no permission"
    assert len(lines) == 21
    assert lines[-1] == "nameplate: and 21 more"


def test_nothing_to_tell_is_nothing_told(capsys):
    assert finish(table([None, None]), [], CancelToken()) == EXIT_DONE
    assert capsys.readouterr().err == ""


INTERRUPTED_WHILE_IT_PRINTS = """
import io, os, signal, sys
from nameplate.cli.main import run
class Stream(io.RawIOBase):
    sent = False
    def writable(self):
        return True
    def write(self, data):
        if not self.sent:
            self.sent = True
            os.kill(os.getpid(), signal.SIGINT)
        return os.write(2, data)
sys.stderr = io.TextIOWrapper(io.BufferedWriter(Stream()), line_buffering=True)
sys.exit(run(["demo", "--model", "nosuch"]))
"""


@pytest.mark.skipif(os.name == "nt", reason="there a signal cannot be sent to oneself")
def test_ctrl_c_while_a_line_is_printed_is_a_ctrl_c_like_any_other():
    command = [sys.executable, "-c", INTERRUPTED_WHILE_IT_PRINTS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert "Traceback" not in done.stderr
    assert "nosuch" in done.stderr
    assert done.returncode in (2, 3)


INTERRUPTED_WHILE_IT_STARTS = """
import signal, sys
from nameplate.__main__ import main
name = sys.argv[1]
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
original, sent = getattr(signal, name), []
def interrupted(*values, **named):
    if not sent:
        sent.append(True)
        signal.raise_signal(signal.SIGINT)
    return original(*values, **named)
setattr(signal, name, interrupted)
sys.argv = ["nameplate", "settings", "theme"]
main()
"""


@pytest.mark.parametrize("call", ["signal", "set_wakeup_fd"])
def test_ctrl_c_is_not_lost_at_any_step_of_getting_ready_for_it(call):
    command = [sys.executable, "-c", INTERRUPTED_WHILE_IT_STARTS, call]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert "Traceback" not in done.stderr
    assert done.returncode == 130
