"""How long it takes to stop: Ctrl-C on the command line, and closing the window."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from onnx import helper, numpy_helper

from bombs import jpeg_of_scans, png
from hostile.folders import NAMES
from hostile.measuring import kill_tree, peak_of
from hostile.picture_bombs import with_frame
from hub_server import Fault, HubServer, catalogue_entry
from model_folders.hostile import behind, change_graph, endless_loop
from nameplate.storage.folders import models_folder
from nameplate.storage.lock import locked

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends signals as only Unix does")

WINDOW = Path(__file__).with_name("closing_driver.py")
PROMISED, PROMISED_FOR_LARGE, SLACK = 2.0, 5.0, 3.0
"""Seconds; and how many times as long a busy machine may take."""

FILES = 100_000
ITS_OWN_TIME = 20.0
"""Of an export, which the person asked for; 100,000 rows with 100 names take 5 to 8 s."""

SIDE = 17_300
"""Of a picture of 299 million pixels."""

SLOW_FOLDER = """
import os, time
from contextlib import contextmanager
from nameplate.__main__ import main
list_folder = os.scandir
@contextmanager
def slowly(path):
    print("listing", path, flush=True)
    with list_folder(path) as listing:
        yield (time.sleep(0.2) or entry for entry in listing for _ in range(1000))
os.scandir = slowly
main()
"""
"""The program, on a drive that takes a fifth of a second for each name."""


def slow_to_load(folder):
    """Build a model on which onnxruntime works for a minute before it can be used."""

    def change(graph):
        graph.initializer.append(numpy_helper.from_array(np.int64([2000, 2000]), "sides"))
        nodes = [helper.make_node("ConstantOfShape", ["sides"], ["m0"])]
        nodes += [helper.make_node("MatMul", [f"m{n}", f"m{n}"], [f"m{n + 1}"]) for n in range(200)]
        nodes.append(helper.make_node("ReduceMean", ["m200"], ["zero"], keepdims=0))
        graph.node.extend(nodes)
        behind(graph, lambda a, b: [helper.make_node("Add", [a, "zero"], [b])])

    return change_graph(folder, change)


def many_files(folder):
    folder.mkdir(exist_ok=True)
    for number in range(FILES):
        if number % 50_000 == 0:  # a file has 65,000 names at most
            first = f"{folder}/{number}.png"
            Path(first).write_bytes(png(8, 8))
        else:
            os.link(first, f"{folder}/{number}.png")
    return folder


def large_png(folder):
    folder.mkdir(exist_ok=True)
    (folder / "large.png").write_bytes(png(SIDE, SIDE))
    return folder


def large_jpeg(folder):
    """A progressive JPEG that is passed over again and again."""
    folder.mkdir(exist_ok=True)
    data = with_frame(jpeg_of_scans(100, 64), SIDE, SIDE)
    (folder / "large.jpg").write_bytes(data)
    return folder


@pytest.fixture
def hub(tiny_model, monkeypatch):
    """A server that falls silent in the middle of a file."""
    with HubServer() as server:
        server.add("someone/tiny", tiny_model)
        server.faults += [Fault("image.onnx", after=1000, stalls=True, times=99)]
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        models_folder().mkdir(parents=True)
        entry = catalogue_entry(server, "someone/tiny", "free")
        (models_folder() / "catalogue.toml").write_text(entry, encoding="utf-8")
        yield server


def note_stop(row, name, seconds, peak, *, promised=PROMISED, problem=""):
    row.note(name, seconds, peak.megabytes, problem, SLACK * promised)


def start(*arguments):
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def press_ctrl_c(row, name, arguments, is_in, *, promised=PROMISED):
    """Start the program, press Ctrl-C as soon as `is_in(process)`, and note how long it took."""
    process = start(*arguments)
    with peak_of(process.pid) as peak:
        while process.poll() is None and not is_in(process):
            time.sleep(0.02)
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        error = ended(process)
    seconds, problem = time.monotonic() - begun, ""
    if process.returncode != 130 or b"Traceback" in error:
        problem = f"ended with {process.returncode}: {error[-400:]}"
    note_stop(row, name, seconds, peak, promised=promised, problem=problem)


def computed(seconds):
    """Return whether a process and its children computed for so long: its start takes 0.4 s."""

    def is_in(process):
        with contextlib.suppress(psutil.Error):
            main = psutil.Process(process.pid)
            each = [each.cpu_times() for each in (main, *main.children(recursive=True))]
            return sum(times.user + times.system for times in each) > seconds
        return False

    return is_in


def close_window(row, phase, arguments, *, promised=PROMISED, name=""):
    """Open the window, close it in the middle of a phase, and note how long the process went on."""
    process = start(WINDOW, phase, *arguments)
    with peak_of(process.pid) as peak:
        line = process.stdout.readline().split()
        error = ended(process)
    now = time.monotonic()
    is_in = len(line) == 3 and line[2] == b"True"
    problem = "" if is_in and process.returncode == 0 else f"{line} {process.returncode} {error}"
    if b"Traceback" in error:
        problem = f"said {error}"
    seconds = now - float(line[1]) if len(line) == 3 else 0.0
    note_stop(row, name or phase, seconds, peak, promised=promised, problem=problem)


def ended(process):
    try:
        return process.communicate(timeout=60)[1]
    except subprocess.TimeoutExpired:
        kill_tree(process.pid)
        return process.communicate()[1]


def label(folder, model, *program):
    place = folder.parent / "out.csv"
    fixed = ("label", folder, *NAMES, "--csv", place, "--no-cache", "--model", model)
    return (*(program or ("-m", "nameplate")), *fixed)


def test_while_a_model_is_loaded(table, tmp_path, coloured):
    model = slow_to_load(tmp_path / "model")
    press_ctrl_c(
        table("stop, Ctrl-C: loading a model"), "load", label(coloured, model), computed(2)
    )
    close_window(table("stop, window: loading a model"), "loading", ("--model", model))


def test_while_a_folder_is_looked_through(table, tmp_path, tiny_model):
    folder = many_files(tmp_path / "many")
    try:
        row = table("stop, Ctrl-C: scanning 100,000 files")
        press_ctrl_c(row, "scan", label(folder, tiny_model), computed(0.5))
        row = table("stop, window: scanning 100,000 files")
        close_window(row, "scanning", (folder, "--model", tiny_model))
    finally:
        shutil.rmtree(folder)


def test_while_a_slow_drive_lists_its_files(table, coloured, tiny_model):
    def has_said(process):
        return process.stdout.readline()

    row = table("stop, Ctrl-C: scanning a slow drive")
    press_ctrl_c(row, "slow drive", label(coloured, tiny_model, "-c", SLOW_FOLDER), has_said)


@pytest.mark.parametrize("make", [large_png, large_jpeg], ids=["PNG", "progressive JPEG"])
def test_while_a_large_picture_is_decoded(make, table, tmp_path, tiny_model, request):
    kind = request.node.callspec.id
    folder = make(tmp_path / "large")
    row = table(f"stop, Ctrl-C: decoding a large {kind}")
    large = PROMISED_FOR_LARGE
    press_ctrl_c(row, kind, label(folder, tiny_model), computed(2), promised=large)
    row = table(f"stop, window: decoding a large {kind}")
    close_window(row, "decoding", (folder, "--model", tiny_model), promised=large, name=kind)


def test_while_a_model_does_not_come_to_an_end(table, tmp_path, coloured):
    model = endless_loop(tmp_path / "model")
    row = table("stop, Ctrl-C: an endless model")
    press_ctrl_c(row, "endless", label(coloured, model), computed(2))
    close_window(table("stop, window: an endless model"), "encoding", (coloured, "--model", model))


def test_while_names_are_rated(table, tiny_model):
    close_window(table("stop, window: rescoring"), "rescoring", ("--model", tiny_model))


def test_while_a_csv_is_written_which_is_written_to_its_end(
    table, tmp_path, tiny_model, monkeypatch
):
    monkeypatch.setenv("OUT", str(tmp_path / "out.csv"))
    row = table("stop, window: exporting 100,000 rows")
    close_window(row, "exporting", ("--model", tiny_model), promised=ITS_OWN_TIME)
    with (tmp_path / "out.csv").open("rb") as stream:
        assert sum(1 for _ in stream) == FILES + 1


def test_while_a_server_is_silent(table, hub, tiny_model):
    def is_silent(_process):
        return hub.sent.get("image.onnx", 0) >= 1000

    row = table("stop, Ctrl-C: a download")
    press_ctrl_c(row, "download", ("-m", "nameplate", "models", "get", "free"), is_silent)
    close_window(table("stop, window: a download"), "downloading", ("--model", tiny_model))


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_a_folder_of_shards_is_left_within_seconds(workers, table, tmp_path, tiny_model):
    row = table("Ctrl-C in label --out")
    (tmp_path / "pictures").mkdir()
    for number in range(150):
        (tmp_path / "pictures" / f"{number}.png").write_bytes(png(900, 900))
    options = ("--shard-size", "20", "--workers", str(workers), "--model", str(tiny_model))
    command = ["label", str(tmp_path / "pictures"), "--out", str(tmp_path / "out"), *options]
    chance = random.Random(workers)
    for number in range(2):
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        process = subprocess.Popen(
            [sys.executable, "-m", "nameplate", *command, *NAMES],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        until = time.monotonic() + 20
        while not (tmp_path / "out" / "manifest.json").exists() and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(chance.uniform(0.0, 0.6))
        children = psutil.Process(process.pid).children(recursive=True)
        begun = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)  # all processes, as a terminal does
        _, said = process.communicate(timeout=60)
        seconds = time.monotonic() - begun
        problem = "" if process.returncode == 130 else f"ended with {process.returncode}: {said}"
        problem = problem or (f"said {said}" if "Traceback" in said else "")
        _, alive = psutil.wait_procs(children, 3)
        problem = problem or (f"left: {alive}" if alive else "")
        with locked(tmp_path / "out" / ".lock") as is_free:
            problem = problem or ("" if is_free else "still locked")
        row.note(f"{workers} {number}", seconds, problem=problem, most=PROMISED * SLACK)
