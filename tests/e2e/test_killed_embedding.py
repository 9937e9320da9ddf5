"""A program that is killed while it embeds: what it had stored is there, whole, not redone."""

import contextlib
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cache_help import lookup
from nameplate.domain.progress import CancelToken
from nameplate.inference.model import LoadedModel, load_model
from nameplate.pipeline.reading.batch_encoder import Embedded
from nameplate.pipeline.reading.batching import plan_batches
from nameplate.pipeline.reading.embedding import embed_images, open_embedding_cache
from nameplate.storage.caches.cache_file import FILE_NAME
from nameplate.storage.caches.embedding_cache import default_folder

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL"),
]

# The real program; only what goes through the encoder is noted, past any buffer.
_EMBED = """
import os, sys
from nameplate.inference.encoders import ImageEncoder
from nameplate.__main__ import main
log = os.open(sys.argv.pop(1), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
encode = ImageEncoder.vectors
def noting(self, batch, cancel=None):
    vectors = encode(self, batch, cancel)
    os.write(log, b"%d\\n" % len(batch))
    return vectors
ImageEncoder.vectors = noting
sys.exit(main())
"""


def embedding(tiny_model: Path, folder: Path) -> subprocess.Popen[bytes]:
    arguments = [folder / "log", "embed", folder / "pictures", "--npz", folder / "out.npz"]
    command = [sys.executable, "-c", _EMBED, *map(str, arguments), "--model", str(tiny_model)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def encoded(folder: Path) -> list[int]:
    """Return how many images went through the encoder at each call, in all runs."""
    with contextlib.suppress(FileNotFoundError):
        return [int(line) for line in (folder / "log").read_text().split()]
    return []


def kill_after(process: subprocess.Popen[bytes], folder: Path, calls: int, delay: float) -> None:
    until = time.monotonic() + 60
    already = len(encoded(folder))
    while len(encoded(folder)) < already + calls and process.poll() is None:
        assert time.monotonic() < until
        time.sleep(0.001)
    time.sleep(delay)
    process.kill()
    assert process.wait(timeout=30) in (-signal.SIGKILL, 0)


def known(model: LoadedModel, paths: list[Path]) -> dict[int, np.ndarray]:
    with contextlib.closing(sqlite3.connect(default_folder() / FILE_NAME)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with open_embedding_cache(model) as cache:
        found = lookup(cache, paths)
        assert cache.problem is None
    return found


def embedded(model: LoadedModel, paths: list[Path]) -> np.ndarray:
    vectors = np.full((len(paths), model.manifest.embedding_size), np.nan, dtype=np.float32)
    rows = range(len(paths))
    for event in embed_images(rows, paths, model, cache=None, cancel=CancelToken()):
        assert isinstance(event, Embedded)
        vectors[event.rows] = event.embeddings
    return vectors


@pytest.mark.parametrize("kills", [5, pytest.param(50, marks=pytest.mark.perf)])
def test_killed_at_any_moment_nothing_is_lost_wrong_or_done_twice(
    tiny_model: Path, tmp_path: Path, kills: int
) -> None:
    chance = random.Random(kills)
    (tmp_path / "pictures").mkdir()
    paths = [tmp_path / "pictures" / f"{i:04}.png" for i in range(30 * kills)]
    for path in paths:
        colour = tuple(chance.randrange(256) for _ in range(3))
        Image.new("RGB", (20, 20 + chance.randrange(20)), colour).save(path)
    model = load_model(tiny_model, device="cpu")
    right = embedded(model, paths)
    before: dict[int, np.ndarray] = {}
    for _ in range(kills):
        done = sum(encoded(tmp_path))
        process = embedding(tiny_model, tmp_path)
        kill_after(process, tmp_path, chance.randint(0, 4), chance.uniform(0, 0.01))
        after = known(model, paths) if (default_folder() / FILE_NAME).exists() else {}
        assert set(before) <= set(after)
        in_flight = sum(encoded(tmp_path)) - done - (len(after) - len(before))
        plan = plan_batches(model)
        # Two at least are encoded or wait for it; one is being stored, one may wait for that.
        assert 0 <= in_flight <= (max(plan.concurrency, 2) + 2) * plan.batch_size
        for row, vector in after.items():
            np.testing.assert_allclose(vector, right[row], atol=1e-5)
        before = after
    done = sum(encoded(tmp_path))
    assert embedding(tiny_model, tmp_path).wait(timeout=120) == 0
    assert sum(encoded(tmp_path)) - done == len(paths) - len(before)
    assert len(known(model, paths)) == len(paths)
    with np.load(tmp_path / "out.npz") as written:
        np.testing.assert_allclose(written["embedding"], right, atol=1e-5)
