import errno
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cache_help import MODEL, fill, found, lookup, lookup_content, transactions_tried, vector
from nameplate.domain.messages import Message
from nameplate.storage.caches.cache_file import FILE_NAME
from nameplate.storage.caches.embedding_cache import EmbeddingCache


def why_not_used(cache):
    assert cache.problem.code == "cache-not-used"
    return cache.problem.parameters["reason"]


def why_not_written(cache):
    assert cache.problem.code == "cache-not-written"
    return cache.problem.parameters["reason"]


def test_without_a_folder_to_write_the_program_goes_on_without(tmp_path, files):
    (tmp_path / "file").write_bytes(b"")
    with EmbeddingCache(tmp_path / "file" / "cache", MODEL) as cache:
        assert why_not_used(cache) == Message("file-in-the-way")
        cache.store([(files[0], vector(0))])
        assert lookup(cache, files) == {}
        assert lookup_content(cache, files) == {}


class FailingConnection:
    """A connection on which one kind of statement fails as on a full disk."""

    def __init__(self, real, code):
        self._real = real
        self._code = code

    def execute(self, statement, *arguments):
        if "INSERT" in statement:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = self._code
            raise error
        return self._real.execute(statement, *arguments)

    def __getattr__(self, name):
        return getattr(self._real, name)


@pytest.mark.parametrize(
    ("code", "reads_on", "reason"),
    [
        (sqlite3.SQLITE_FULL, True, "disk-is-full"),
        (sqlite3.SQLITE_BUSY, True, "held-by-another"),
        (sqlite3.SQLITE_IOERR_WRITE, False, "drive-failed"),
        (sqlite3.SQLITE_READONLY_DBMOVED, False, "may-not-write"),
    ],
)
def test_a_failing_disk_is_one_problem_and_no_error(folder, files, code, reads_on, reason):
    fill(folder, files[:1])
    with EmbeddingCache(folder, MODEL) as cache:
        cache._db = FailingConnection(cache._db, code)
        cache.store([(files[1], vector(1))])
        assert cache.problem.parameters["reason"] == Message(reason)
        assert sorted(lookup(cache, files)) == ([0] if reads_on else [])
    assert found(folder, files) == [0]


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.EROFS, Message("disk-is-read-only")),
        (errno.EACCES, Message("may-not-write")),
        (errno.ENOSPC, Message("disk-is-full")),
        (errno.EIO, Message("folder-cannot-be-made", {"why": "Input/output error"})),
    ],
)
def test_a_folder_that_cannot_be_made_is_a_problem_of_writing(folder, monkeypatch, number, reason):
    def refuse(*_, **__):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert why_not_used(EmbeddingCache(folder, MODEL)) == reason


def test_a_disk_that_fills_up_ends_the_writing_with_one_message_and_what_is_there_is_read(
    folder, files
):
    fill(folder, files[:2])
    with EmbeddingCache(folder, MODEL) as cache:
        pages = cache._db.execute("PRAGMA page_count").fetchone()[0]
        cache._db.execute(f"PRAGMA max_page_count = {pages}")
        cache._size = None
        cache.store([(file, vector(i, 50_000)) for i, file in enumerate(files[2:], 2)])
        assert why_not_written(cache) == Message("disk-is-full")
        cache._size = 8
        assert sorted(lookup(cache, files)) == [0, 1]
    assert found(folder, files) == [0, 1]


def test_a_file_that_is_damaged_again_and_again_is_given_up_with_a_reason(folder, files):
    with EmbeddingCache(folder, MODEL) as cache:
        for code in ("cache-emptied", "cache-not-used"):
            cache.store([(files[0], vector(0))])
            assert sorted(lookup(cache, files)) == [0]
            (folder / FILE_NAME).write_bytes(b"garbage " * 5000)
            assert lookup(cache, files) == {}
            assert cache.problem.code == code
        assert why_not_used(cache) == Message("damaged-again")
        cache.store([(files[0], vector(0))])
        assert lookup(cache, files) == {}
    assert found(folder, files) == []  # the next program makes it anew
    fill(folder, files)
    assert found(folder, files) == [0, 1, 2, 3, 4]


def test_a_program_that_holds_the_cache_costs_one_short_wait_and_one_message(
    folder, files, tmp_path, monkeypatch
):
    fill(folder, files[:2])
    moved = files[1].rename(tmp_path / "moved.jpg")
    other = sqlite3.connect(folder / FILE_NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    tried = transactions_tried(monkeypatch)
    with EmbeddingCache(folder, MODEL) as cache:
        for i in range(2, 5):
            cache.store([(files[i], vector(i))])
        assert why_not_written(cache) == Message("held-by-another")
        assert sorted(lookup(cache, files)) == [0]
        assert sorted(lookup_content(cache, [moved])) == [0]
        assert len(tried) == 1
        other.close()
        cache._write_from = 0.0  # the pause is over
        cache.store([(files[3], vector(3))])
        assert sorted(lookup(cache, files)) == [0, 3]


def test_a_hit_is_given_even_if_it_cannot_be_noted(folder, files, tmp_path):
    fill(folder, files)
    moved = files[0].rename(tmp_path / "moved.jpg")
    with EmbeddingCache(folder, MODEL) as cache:
        cache._db = FailingConnection(cache._db, sqlite3.SQLITE_BUSY)
        hits = lookup_content(cache, [moved, files[1]])
        assert sorted(hits) == [0, 1]


_OPEN_OFTEN = """
import sys, time
from pathlib import Path
from nameplate.storage.caches.embedding_cache import EmbeddingCache
start = float(sys.argv[2])
for i in range(12):
    time.sleep(max(0, start + i * 0.1 - time.time()))
    with EmbeddingCache(Path(sys.argv[1]) / str(i), "m") as cache:
        print(cache.problem or "", end="")
"""


def test_several_programs_may_make_it_at_once(tmp_path):
    arguments = (str(tmp_path), str(time.time() + 2))
    started = [
        subprocess.Popen(
            [sys.executable, "-c", _OPEN_OFTEN, *arguments], stdout=subprocess.PIPE, text=True
        )
        for _ in range(6)
    ]
    assert [process.communicate(timeout=60)[0] for process in started] == [""] * 6
