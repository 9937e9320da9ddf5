"""What the tests of the embedding cache share."""

import contextlib
import hashlib
import sqlite3
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nameplate.storage.cache_upgrade import OLD_NAME
from nameplate.storage.embedding_cache import EmbeddingCache
from nameplate.system.file_status import content_key

MODEL = "starter@1/pre1"


def vector(seed: int, size: int = 8) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=size).astype(np.float32)


def fill(folder: Path, files: list[Path], model: str = MODEL) -> None:
    with EmbeddingCache(folder, model) as cache:
        cache.store([(file, vector(i)) for i, file in enumerate(files)])
        assert cache.problem == ""


def lookup(cache: EmbeddingCache, paths: list[Path]) -> dict[int, NDArray[np.float32]]:
    """Return what `find` does, as vectors by their index in `paths`."""
    hits = cache.find(paths)
    return dict(zip(hits.indices.tolist(), hits.vectors, strict=True))


def lookup_content(cache: EmbeddingCache, paths: list[Path]) -> dict[int, NDArray[np.float32]]:
    """Return what `find_content` does for each of `paths` that can be read, likewise."""
    found = {}
    for index, path in enumerate(paths):
        with contextlib.suppress(OSError):
            vector = cache.find_content(path, content_key(path))
            if vector is not None:
                found[index] = vector
    return found


def found(folder: Path, files: list[Path], model: str = MODEL) -> list[int]:
    with EmbeddingCache(folder, model) as cache:
        hits = lookup(cache, files)
        for index, value in hits.items():
            assert value.dtype == np.float32
            assert any((value == vector(i)).all() for i in range(len(files))), index
        return sorted(hits)


def write_old_cache(folder: Path, files: list[Path], version: int = 2) -> None:
    """Write a cache as version 1 or 2 of its tables had it, with vector(i) for each file."""
    folder.mkdir(parents=True, exist_ok=True)
    more = ", ctime_ns INTEGER, inode INTEGER" if version == 2 else ""
    with contextlib.closing(sqlite3.connect(folder / OLD_NAME)) as db, db:
        db.execute(
            f"""CREATE TABLE files (path BLOB PRIMARY KEY, size INTEGER, mtime_ns INTEGER,
                content TEXT{more}) WITHOUT ROWID"""
        )
        db.execute(
            """CREATE TABLE embeddings (id INTEGER PRIMARY KEY, content TEXT, model TEXT,
               used INTEGER, checksum BLOB, vector BLOB, UNIQUE (content, model))"""
        )
        for i, file in enumerate(files):
            status, content = file.stat(), content_key(file)
            row = [bytes(file), status.st_size, status.st_mtime_ns, content]
            row += [status.st_ctime_ns, status.st_ino] if version == 2 else []
            db.execute(f"INSERT INTO files VALUES ({','.join('?' * len(row))})", row)
            blob = vector(i).astype("<f4").tobytes()
            key = f"{MODEL}\0{content}\0".encode()
            checksum = hashlib.blake2b(key + blob, digest_size=8).digest()
            row = [None, content, MODEL, 0, checksum, blob]
            db.execute("INSERT INTO embeddings VALUES (?, ?, ?, ?, ?, ?)", row)
        db.execute(f"PRAGMA user_version = {version}")
