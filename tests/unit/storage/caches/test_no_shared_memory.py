"""A file that is cut short beside the caches must not end the program."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cache_help import MODEL, fill, found, vector
from nameplate.domain.messages import Message
from nameplate.storage.caches import cache_file
from nameplate.storage.caches.embedding_cache import EmbeddingCache, TextCache

_CUT = """
import os, sys
from pathlib import Path
import numpy as np
from nameplate.storage.caches.embedding_cache import EmbeddingCache
from nameplate.storage.caches.embedding_cache import TextCache
from nameplate.imaging.thumbnail_cache import ThumbnailCache

folder, picture = Path(sys.argv[1]), Path(sys.argv[2])

def cut():
    for file in folder.glob("*-shm"):
        os.truncate(file, 0)

def maps():
    with open("/proc/self/maps") as stream:
        return str(folder) in stream.read()

with EmbeddingCache(folder, "starter@1/pre1") as cache, ThumbnailCache(folder) as thumbnails:
    texts = TextCache(folder, "some", 8)
    for round in range(2):
        cache.store([(picture, np.ones(8, np.float32))])
        thumbnails.thumbnail(picture, 128 << round)
        texts.store({"a": np.ones(8, np.float32)})
        cut()
    print(len(cache.find([picture]).indices), len(texts.find(["a"])), maps(), end=" ")
print(cache.problem or "well", thumbnails.problem or "well", texts.problem or "well")
"""


@pytest.fixture
def picture(tmp_path):
    file = tmp_path / "a.png"
    Image.effect_noise((700, 700), 90).convert("RGB").save(file)
    os.utime(file, (1e9, 1e9))
    return file


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="reads what Linux says")
def test_cutting_a_file_beside_the_caches_short_ends_no_process(folder, picture):
    command = [sys.executable, "-c", _CUT, str(folder), str(picture)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "1 1 False well well well\n"), done.stderr


def to_wal(file, statement):
    """Put a database into WAL mode and leave it as a killed program does: half in the WAL."""
    left = file.with_name("left")
    left.mkdir()
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as db:
        assert db.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)
        db.execute(statement)
        for suffix in ("", "-wal", "-shm"):
            shutil.copy(file.with_name(file.name + suffix), left)
    for path in left.iterdir():
        path.replace(file.with_name(path.name))
    left.rmdir()
    assert file.with_name(file.name + "-wal").stat().st_size > 0


@pytest.mark.parametrize("shm", [b"", b"\xff" * 32_768, b"cut"])
def test_a_cache_that_another_program_set_to_wal_is_read_whole(folder, files, shm):
    fill(folder, files[:3])
    file = folder / cache_file.FILE_NAME
    # Only what stands in the WAL says that the third file is unknown.
    to_wal(file, "DELETE FROM files WHERE content = 3")
    file.with_name(file.name + "-shm").write_bytes(shm)
    assert found(folder, files) == [0, 1]
    assert not [path for path in folder.iterdir() if path.name.endswith(("-wal", "-shm"))]
    with contextlib.closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_a_program_that_has_the_cache_open_in_wal_mode_is_reported_and_not_disturbed(
    folder, files, monkeypatch
):
    monkeypatch.setattr(cache_file, "_OPENING", 0.1)
    fill(folder, files[:2])
    file = folder / cache_file.FILE_NAME
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as old:
        old.execute("PRAGMA journal_mode = WAL")
        old.execute("DELETE FROM files WHERE content = 2")
        with EmbeddingCache(folder, MODEL) as cache:
            assert cache.problem.code == "cache-not-used"
            assert cache.problem.parameters["reason"] == Message("held-by-another")
        assert old.execute("SELECT count(*) FROM files").fetchone() == (1,)
    assert found(folder, files) == [0]


_WRITE = """
import sys
from pathlib import Path
import numpy as np
from nameplate.storage.caches.embedding_cache import EmbeddingCache
files = sorted(Path(sys.argv[2]).glob("*.jpg"))
with EmbeddingCache(Path(sys.argv[1]), "starter@1/pre1") as cache:
    for i, file in enumerate(files):
        cache.store([(file, np.full(512, i, np.float32))])
        print(i, flush=True)
    print(cache.problem or "well", flush=True)
"""


def test_one_program_reads_while_another_writes(folder, tmp_path):
    files = [tmp_path / f"{i:03}.jpg" for i in range(30)]
    for i, file in enumerate(files):
        file.write_bytes(b"%d" % i)
    with EmbeddingCache(folder, MODEL) as cache:
        command = [sys.executable, "-c", _WRITE, str(folder), str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            for line in writer.stdout:
                hits = cache.find(files)
                assert all((v == i).all() for i, v in zip(hits.indices, hits.vectors, strict=True))
                if line.strip().isdigit():
                    assert len(hits.indices) > int(line)
        assert (line.strip(), cache.problem) == ("well", None)
        assert len(cache.find(files).indices) == 30


def test_prompts_are_kept_while_the_cache_of_the_images_is_open(folder, files):
    with EmbeddingCache(folder, MODEL, size=8) as cache:
        cache.store([(files[0], vector(0))])
        texts = TextCache(folder, "some", 8)
        texts.store({"a": np.ones(8, np.float32)})
        cache.store([(files[1], vector(1))])
        assert list(texts.find(["a"])) == ["a"]
        assert cache.problem is texts.problem is None
