"""What the tests of the embedding cache share."""

import contextlib
import sqlite3

import numpy as np

from nameplate.storage.caches import cache_file
from nameplate.storage.caches.embedding_cache import EmbeddingCache
from nameplate.system.file_status import content_key

MODEL = "starter@1/pre1"


def vector(seed, size=8):
    return np.random.default_rng(seed).normal(size=size).astype(np.float32)


def fill(folder, files, model=MODEL):
    with EmbeddingCache(folder, model) as cache:
        cache.store([(file, vector(i)) for i, file in enumerate(files)])
        assert cache.problem is None


def lookup(cache, paths):
    """Return what `find` does, as vectors by their index in `paths`."""
    hits = cache.find(paths)
    return dict(zip(hits.indices.tolist(), hits.vectors, strict=True))


def lookup_content(cache, paths):
    """Return what `find_content` does for each of `paths` that can be read, likewise."""
    found = {}
    for index, path in enumerate(paths):
        with contextlib.suppress(OSError):
            vectors = cache.find_content(path, content_key(path))
            if vectors is not None:
                found[index] = vectors.embeddings[0]
    return found


def found(folder, files, model=MODEL):
    with EmbeddingCache(folder, model) as cache:
        hits = lookup(cache, files)
        for index, value in hits.items():
            assert value.dtype == np.float32
            assert any((value == vector(i)).all() for i in range(len(files))), index
        return sorted(hits)


def query(file, statement, values=()):
    """Return what a statement gives in a database, which it may change."""
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as db:
        return db.execute(statement, values).fetchall()


def transactions_tried(monkeypatch):
    """Return a list that gets an entry with each transaction that a cache begins from now on.

    Each waits for another program that holds the file.
    """
    tried: list[None] = []
    real = cache_file.transaction

    def counted(db):
        tried.append(None)
        return real(db)

    monkeypatch.setattr(cache_file, "transaction", counted)
    return tried
