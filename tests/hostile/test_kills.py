"""The program is killed at random moments: results are whole, and the next run is as any other."""

import random
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from PIL import Image

from hostile.folders import NAMES, vectors_of
from hostile.measuring import run_program, seed
from nameplate.storage.caches.cache_file import FILE_NAME
from nameplate.storage.caches.embedding_cache import default_folder
from nameplate.storage.folders import models_folder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")

PICTURES = 400
KILLS = {"label": 10, "embed": 8, "models": 5}
PARTS = {"label": 2, "embed": 2, "models": 3}
"""51 kills in all; so many in each part, and so many parts."""


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    chance = random.Random(7)
    for number in range(PICTURES):
        Image.effect_noise((64 + number % 9, 48), chance.randrange(200)).save(
            folder / f"{number:03}.png"
        )
    return folder


def kill_during(command, moment):
    """Start a command, kill it after so many seconds, and return how long it was let run."""
    process = subprocess.Popen(
        [sys.executable, "-m", "nameplate", *map(str, command)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        process.wait(moment)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def cache_problem():
    file = default_folder() / FILE_NAME
    if not file.exists():
        return ""
    with closing(sqlite3.connect(file)) as database:
        found = database.execute("PRAGMA integrity_check").fetchall()
    return "" if found == [("ok",)] else f"the cache is damaged: {found}"


def content(result):
    """Return what is in a result; an archive has times in it as well."""
    return result.read_bytes() if result.suffix == ".csv" else vectors_of(result)


def temporary(folder):
    return sorted(path.name for path in folder.glob(".nameplate-*")) if folder.exists() else []


@pytest.mark.parametrize(
    ("command", "part"),
    [(name, part) for name in ("label", "embed") for part in range(PARTS[name])],
)
def test_a_result_is_the_old_or_the_new_one(command, part, table, tmp_path, pictures, tiny_model):
    row = table(f"kills of {command}")
    chance = random.Random(f"{seed()} {command} {part}")
    option = ("--npz", tmp_path / "out" / "o.npz")
    if command == "label":
        option = (*NAMES, "--scores", "all", "--csv", tmp_path / "out" / "o.csv")
    (tmp_path / "out").mkdir()
    result = option[-1]
    fixed = (*option, "--model", tiny_model)
    small = run_program(command, pictures / "000.png", *fixed)
    before, old = result.read_bytes(), content(result)
    usual = run_program(command, pictures, "--no-cache", *fixed)
    right = content(result)
    assert (small.code, usual.code) == (0, 0)
    for number in range(KILLS[command]):
        result.write_bytes(before)
        shutil.rmtree(default_folder(), ignore_errors=True)
        kill_during([command, pictures, *fixed], chance.uniform(0.2, 1.1) * usual.seconds)
        problem = "" if content(result) in (old, right) else "a result that is not whole"
        done = run_program(command, pictures, *fixed)
        problem = problem or done.unless(0) or cache_problem()
        if not problem and content(result) != right:
            problem = "the next run gives another result"
        if not problem and (left := temporary(tmp_path / "out")):
            problem = f"left behind: {left}"
        row.note(f"{part} {number}", done.seconds, done.megabytes, problem)


@pytest.mark.parametrize("part", range(PARTS["models"]))
def test_a_model_is_added_whole_or_not_at_all(part, table, tiny_model):
    row = table("kills of models add")
    chance = random.Random(f"{seed()} models {part}")
    usual = run_program("models", "add", tiny_model)
    assert (usual.code, run_program("models", "remove", "tiny").code) == (0, 0)
    for number in range(KILLS["models"]):
        kill_during(["models", "add", tiny_model], chance.uniform(0.2, 1.1) * usual.seconds)
        problem = ""
        if (models_folder() / "tiny").exists():  # whole, or not at all
            problem = run_program("models", "check", "tiny").unless(0)
            shutil.rmtree(models_folder() / "tiny")
        done = run_program("models", "add", tiny_model)
        problem = problem or done.unless(0)
        left = sorted(path.name for path in models_folder().iterdir())
        if not problem and left != ["tiny"]:
            problem = f"left behind: {left}"
        shutil.rmtree(models_folder() / "tiny", ignore_errors=True)
        row.note(f"{part} {number}", done.seconds, done.megabytes, problem)
