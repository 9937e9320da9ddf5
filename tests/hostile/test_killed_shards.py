"""`label --out` is killed at random moments: the next run finds each image once, and right."""

import csv
import random
import shutil
import sys
import tarfile
import tempfile

import numpy as np
import pytest
from PIL import Image

from hostile.folders import NAMES
from hostile.measuring import run_program, seed
from hostile.test_kills import kill_during

parquet = pytest.importorskip("pyarrow.parquet")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")

KILLS, PICTURES, IN_TAR, SHARD_SIZE = 10, 80, 30, 10
"""10 with one process and 10 with two; the first pictures lie in a tar file, too."""

LEAST_COSINE = 0.9999


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    chance = random.Random(7)
    for number in range(PICTURES):
        plain = Image.new("RGB", (64 + number % 9, 48), ("red", "blue", "grey")[number % 3])
        noise = Image.effect_noise(plain.size, chance.randrange(200)).convert("RGB")
        Image.blend(plain, noise, 0.3).save(folder / f"{number:03}.png")
    with tarfile.open(folder / "more.tar", "w") as archive:
        for file in sorted(folder.glob("*.png"))[:IN_TAR]:
            archive.add(file, file.name)
    return folder


@pytest.fixture
def expected(pictures, tmp_path, tiny_model):
    """The vectors that `embed` makes and the labels that `label --csv` makes, by path."""
    fixed = ("--no-cache", "--model", tiny_model)
    done = run_program("label", pictures, *NAMES, "--csv", tmp_path / "l.csv", *fixed)
    assert not done.unless(0)
    assert not run_program("embed", pictures, "--npz", tmp_path / "v.npz", *fixed).unless(0)
    with np.load(tmp_path / "v.npz") as arrays:
        vectors = dict(zip(arrays["path"].tolist(), arrays["embedding"], strict=True))
    with (tmp_path / "l.csv").open(encoding="utf-8", newline="") as stream:
        labels = {row["path"]: row["label"] for row in csv.DictReader(stream)}
    for name in sorted(labels)[:IN_TAR]:
        vectors[f"more.tar/{name}"], labels[f"more.tar/{name}"] = vectors[name], labels[name]
    return vectors, labels


def rows(folder):
    files = sorted(folder.glob("*.parquet"))
    return [row for file in files for row in parquet.read_table(file).to_pylist()]


def problem_of(out, expected, scratch):
    """Return what is wrong with a folder of shards; empty for nothing."""
    vectors, labels = expected
    embedded, labelled = rows(out / "embeddings"), rows(out / "labels")
    if not sorted(row["path"] for row in embedded) == sorted(vectors) == sorted(labels):
        return "images are missing, or there twice"
    for row in embedded:
        one, other = np.array(row["embedding"], np.float64), vectors[row["path"]]
        if one @ other < LEAST_COSINE * np.linalg.norm(one) * np.linalg.norm(other):
            return f"another vector: {row['path']}"
    if {row["path"]: row["label"] or "" for row in labelled} != labels:
        return "other labels"
    left = [path.name for path in out.rglob(".nameplate-*")] + [
        path.name for path in scratch.iterdir()
    ]
    return f"left behind: {left}" if left else ""


@pytest.mark.parametrize("workers", [1, 2])
def test_a_folder_of_shards_is_whole_after_kills(
    workers, table, tmp_path, expected, tiny_model, monkeypatch
):
    row = table(f"kills of label --out, {workers} processes")
    chance = random.Random(f"{seed()} shards {workers}")
    scratch, out = tmp_path / "scratch", tmp_path / "out"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    options = ("--shard-size", SHARD_SIZE, "--workers", workers, "--model", tiny_model)
    command = ("label", tmp_path / "pictures", "--out", out, *options, *NAMES)
    usual = run_program(*command)
    assert not usual.unless(0)
    for number in range(KILLS):
        if number % 2 == 0:  # else it goes on, and is killed again
            shutil.rmtree(out)
        kill_during(command, chance.uniform(0.2, 1.0) * usual.seconds)
        if number % 2 == 0:
            continue
        done = run_program(*command)
        problem = done.unless(0) or problem_of(out, expected, scratch)
        row.note(f"{number}", done.seconds, done.megabytes, problem)
