"""What the tests of the embedding cache share."""

import contextlib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from nameplate.storage.caches import sqlite_cache
from nameplate.storage.caches.embedding_cache import EmbeddingCache
from nameplate.system.file_status import content_key

MODEL = "starter@1/pre1"


def vector(seed: int, size: int = 8) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=size).astype(np.float32)


def fill(folder: Path, files: list[Path], model: str = MODEL) -> None:
    with EmbeddingCache(folder, model) as cache:
        cache.store([(file, vector(i)) for i, file in enumerate(files)])
        assert cache.problem is None


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


def transactions_tried(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """Return a list that gets an entry with each transaction that a cache begins from now on.

    Each waits for another program that holds the file.
    """
    tried: list[None] = []
    real = sqlite_cache.transaction

    def counted(db):
        tried.append(None)
        return real(db)

    monkeypatch.setattr(sqlite_cache, "transaction", counted)
    return tried
