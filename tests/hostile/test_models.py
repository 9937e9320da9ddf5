"""Five hundred damaged model folders, in a child of the program and as the model in use."""

import random
import shutil
import signal
import subprocess
import sys
import time

import pytest

from hostile.folders import NAMES, note_each
from hostile.measuring import DRIVER, limit_memory, peak_of, run_program, run_python, seed
from hostile.model_mutation import mutate_folder
from model_folders.foreign import BUILDERS
from model_folders.hostile import HOSTILE
from nameplate.storage.folders import models_folder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes and links in folders")

COUNT, PARTS, ACTED_ON = 500, 10, 20
PATIENCE, SOON = 8.0, 15.0
"""Seconds: when a run is asked to stop, and in which it must do so, three times the promise."""

MOST_BYTES = 8_000_000_000
"""Of address space, where a graph may take all that there is in the program's own process."""


@pytest.fixture(scope="module")
def bases(tmp_path_factory, tiny_model):
    """Folders of Nameplate and of other exporters."""
    root = tmp_path_factory.mktemp("bases")
    return [tiny_model] * len(BUILDERS) + [BUILDERS[name](root / name) for name in BUILDERS]


def make_folder(number, bases, place):
    chance = random.Random(f"{seed()} model {number}")
    folder = place / f"{number:03}"
    shutil.copytree(chance.choice(bases), folder)
    mutate_folder(chance, folder)
    return folder


@pytest.mark.parametrize("part", range(PARTS))
def test_damaged_model_folders_are_refused_or_work(part, table, tmp_path, bases):
    row = table("model folders")
    for number in range(part, COUNT, PARTS):
        make_folder(number, bases, tmp_path)
    note_each(row, run_python(DRIVER, "check", tmp_path, most=300))
    assert row.tried == COUNT // PARTS


@pytest.mark.parametrize("number", range(0, COUNT, COUNT // ACTED_ON))
def test_commands_refuse_damaged_models_with_one_reason(number, table, tmp_path, bases, coloured):
    row = table("commands with such models")
    folder = make_folder(number, bases, tmp_path / "models")
    label = ("label", coloured, *NAMES, "--csv", tmp_path / "o.csv", "--model", folder)
    for command in (("models", "show", folder), ("models", "add", folder), label):
        done = run_program(*command, most_bytes=MOST_BYTES)
        problem = done.unless(0, 3)
        reasons = [line for line in done.error.splitlines() if line.startswith("nameplate: ")]
        if not problem and done.code == 3 and len(reasons) != 1:
            problem = f"gave {len(reasons)} reasons: {done.error}"
        row.note(f"{number} {command[:2]}", done.seconds, done.megabytes, problem)
    left = list(models_folder().glob(".*")) if models_folder().exists() else []
    assert [path for path in left if path.is_dir()] == []


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_model_in_use_ends_by_itself_or_by_ctrl_c(name, table, tmp_path, coloured):
    row = table("hostile model in use")
    folder = HOSTILE[name](tmp_path / "model")
    words = ["label", coloured, *NAMES, "--csv", tmp_path / "o.csv", "--model", folder]
    process = subprocess.Popen(
        [sys.executable, "-m", "nameplate", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: limit_memory(MOST_BYTES),  # noqa: PLW1509
    )
    with peak_of(process.pid) as peak:
        begun = time.monotonic()
        try:
            _, error = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            begun = time.monotonic()
            process.send_signal(signal.SIGINT)
            try:
                _, error = process.communicate(timeout=SOON)
            except subprocess.TimeoutExpired:
                process.kill()
                _, error = process.communicate()
    wrong = process.returncode not in (0, 1, 3, 130) or b"Traceback" in error
    problem = f"ended with {process.returncode}: {error[-400:]}" if wrong else ""
    del peak  # in the program's own process a graph may take what it wants
    row.note(name, time.monotonic() - begun, problem=problem)
