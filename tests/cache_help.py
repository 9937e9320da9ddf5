"""What the tests of the embedding cache share."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nameplate.storage.embedding_cache import EmbeddingCache

MODEL = "starter@1/pre1"


def vector(seed: int, size: int = 8) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=size).astype(np.float32)


def fill(folder: Path, files: list[Path], model: str = MODEL) -> None:
    with EmbeddingCache(folder, model) as cache:
        cache.store([(file, vector(i)) for i, file in enumerate(files)])
        assert cache.problem == ""


def found(folder: Path, files: list[Path], model: str = MODEL) -> list[int]:
    with EmbeddingCache(folder, model) as cache:
        hits = cache.lookup(files)
        for index, value in hits.items():
            assert value.dtype == np.float32
            assert any((value == vector(i)).all() for i in range(len(files))), index
        return sorted(hits)
