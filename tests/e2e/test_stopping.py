"""Ctrl-C and the system's wish end every command, whatever runs, and what was done is kept."""

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from PIL import Image

from bombs import png
from model_folders.hostile import endless_loop

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(os.name != "posix", reason="sends signals as only Unix does"),
]

NAMES = ("--concept", "red", "--concept", "blue")
LONGEST = 60.0
"""Seconds after which a process counts as one that does not end; tests/hostile has the figures."""

NEVER_ANSWERS = """
import sys, threading
from nameplate.__main__ import main
from nameplate.pipeline.reading import prefetch as reading
def hang(path, _cancel):
    print("reading", flush=True)
    threading.Event().wait()
reading.content_key = hang
main()
"""


@pytest.fixture
def started(tmp_path):
    """Start the program, in a group of its own; whatever is left of it ends with the test."""
    processes = []

    def start(*arguments, program=("-m", "nameplate")):
        process = subprocess.Popen(
            [sys.executable, *program, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def stop(process, kind=signal.SIGINT):
    """Return the exit code of the process, once it has ended, and what it said."""
    process.send_signal(kind)
    _, said = process.communicate(timeout=LONGEST)
    assert "Traceback" not in said
    return process.returncode, said


def wait_until_it_runs(process, seconds=1.5, *, in_child=False):
    """Wait until the process, or a child of it, computed for a while: it is in the model then."""
    parent = psutil.Process(process.pid)

    def computed():
        those = parent.children() if in_child else [parent]
        return sum(one.cpu_times().user for one in those)

    while computed() < seconds:
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


@pytest.mark.hostile
@pytest.mark.parametrize(
    ("file", "kind"), [("image.onnx", signal.SIGINT), ("text.onnx", signal.SIGTERM)]
)
def test_an_endless_model_in_use_is_stopped(started, tmp_path, coloured, kind, file):
    model = endless_loop(tmp_path / "model", file)
    process = started("label", coloured, *NAMES, "--csv", "out.csv", "--model", model)
    wait_until_it_runs(process)
    code, said = stop(process, kind)
    assert code == 130
    assert "interrupted" in said


def test_trying_out_an_endless_model_is_stopped(started, tmp_path):
    process = started("models", "check", endless_loop(tmp_path / "model"))
    wait_until_it_runs(process, in_child=True)
    code, _ = stop(process)
    assert code == 130


def test_a_very_large_picture_in_the_decoder_is_left(started, tmp_path, coloured, tiny_model):
    (coloured / "red" / "zz.png").write_bytes(png(16_000, 16_000))
    arguments = [coloured, *NAMES, "--csv", "out.csv", "--model", tiny_model, "--no-cache"]
    process = started("label", *arguments)
    parent = psutil.Process(process.pid)
    while not any(child.memory_info().rss > 200e6 for child in parent.children()):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    code, _ = stop(process)
    assert code == 130
    text = (tmp_path / "out.csv").read_text(encoding="utf-8")
    rows = {row["path"]: row for row in csv.DictReader(text.splitlines())}
    assert len(rows) == 7
    assert rows["red/zz.png"]["error"].startswith("not read: ")


def test_a_drive_that_never_answers_holds_nothing_up(started, tmp_path, tiny_model):
    Image.new("RGB", (9, 9)).save(tmp_path / "a.png")
    arguments = ["label", "a.png", *NAMES, "--csv", "out.csv", "--model", tiny_model, "--no-cache"]
    process = started(*arguments, program=("-c", NEVER_ANSWERS))
    assert process.stdout.readline() == "reading\n"
    code, _ = stop(process)
    assert code == 130


def test_a_second_ctrl_c_ends_at_once(started, tmp_path, tiny_model):
    Image.new("RGB", (9, 9)).save(tmp_path / "a.png")
    arguments = ["label", "a.png", *NAMES, "--csv", "out.csv", "--model", tiny_model, "--no-cache"]
    process = started(*arguments, program=("-c", NEVER_ANSWERS))
    assert process.stdout.readline() == "reading\n"
    process.send_signal(signal.SIGINT)
    assert "press Ctrl-C again" in process.stderr.readline()
    code, said = stop(process)
    assert code == 130
    assert "did not stop by itself" not in said


@pytest.mark.skipif(sys.platform != "linux", reason="looks for what is loaded as only Linux can")
def test_a_stop_while_a_model_loads_ends_quietly(started, tmp_path, coloured):
    process = started("label", coloured, *NAMES, "--csv", "out.csv")
    maps = Path(f"/proc/{process.pid}/maps")
    while "onnxruntime" not in maps.read_text():
        assert process.poll() is None, process.communicate()
    code, _ = stop(process)
    assert code == 130


def test_ctrl_c_after_all_is_said_is_no_failure():
    late = (
        "import atexit, os, signal, sys\n"
        "from nameplate.__main__ import main\n"
        "atexit.register(os.kill, os.getpid(), signal.SIGINT)\n"
        "sys.argv = ['nameplate', 'settings', 'theme']\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", late], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"system\n", b"")
