"""Images to embeddings: cache, decode pool, image encoder; a generator that can be stopped."""

import os
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.errors import ImageError
from nameplate.domain.progress import CancelToken
from nameplate.inference.model import LoadedModel
from nameplate.inference.preprocess import pixels
from nameplate.storage.decode import DECODE_VERSION, decode
from nameplate.storage.embedding_cache import EmbeddingCache, default_folder

BATCH: Final = 8
LOOK_AHEAD_BATCHES: Final = 3
"""Decoded batches kept ready, so that the encoder never waits and memory stays bounded."""

LOOK_UP_ROWS: Final = 512


@dataclass(frozen=True, slots=True)
class Embedded:
    """Some images got their embeddings.

    Attributes:
        rows: int64 row numbers.
        embeddings: n x D float32, unit length.
        notes: Row -> what was odd about the file, where something was.
    """

    rows: NDArray[np.int64]
    embeddings: NDArray[np.float32]
    notes: dict[int, str] = field(default_factory=dict[int, str])


@dataclass(frozen=True, slots=True)
class Failed:
    """One image cannot be read, and why."""

    row: int
    reason: str


EmbedEvent = Embedded | Failed


class Priority:
    """Rows that a person looks at, which are read before the others; safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: list[int] = []

    def put(self, rows: Sequence[int]) -> None:
        """Read `rows` first from now on, in this order; what was wished for before is forgotten."""
        with self._lock:
            self._rows = list(rows)

    def take(self) -> list[int]:
        """Return the rows that were put since the last call; nothing where there were none."""
        with self._lock:
            rows, self._rows = self._rows, []
        return rows


@dataclass(frozen=True, slots=True)
class _Prepared:
    row: int
    path: Path
    pixels: NDArray[np.float32] | None
    remark: str


def embed_images(
    rows: Sequence[int],
    paths: Sequence[Path],
    model: LoadedModel,
    *,
    cache: EmbeddingCache | None,
    cancel: CancelToken,
    priority: Priority | None = None,
) -> Iterator[EmbedEvent]:
    """Embed images, known ones from the cache, the others through a bounded decode pool.

    Runs on the one thread that owns the image session. A failure is an event, not an exception.

    Args:
        rows: Row numbers that the events carry.
        paths: The image files, one for each of `rows`.
        model: Loaded.
        cache: None to read and write no cache.
        cancel: Looked at before each batch; what was done by then has been yielded and cached.
        priority: Rows to read first; looked at before each batch. Rows that are none of `rows`, or
            done, are passed over.
    """
    workers = os.cpu_count() or 1
    pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="decode")
    try:
        pipeline = _Pipeline(model, cache, pool)
        for start in range(0, len(rows), LOOK_UP_ROWS):
            block = slice(start, start + LOOK_UP_ROWS)
            known = _known(cache, paths[block])
            if known:
                found = np.array([rows[start + i] for i in known], dtype=np.int64)
                yield Embedded(found, np.stack(list(known.values())))
            for i in range(start, min(start + LOOK_UP_ROWS, len(rows))):
                if cancel.is_cancelled:
                    return
                if i - start not in known:
                    yield from pipeline.push(rows[i], paths[i])
        while pipeline.is_busy and not cancel.is_cancelled:
            yield from pipeline.flush()
    finally:
        # Also when the caller closes the generator: what waits is dropped, what runs ends.
        pool.shutdown(wait=True, cancel_futures=True)


def embed_with_cache(
    rows: Sequence[int],
    paths: Sequence[Path],
    model: LoadedModel,
    *,
    use_cache: bool,
    cancel: CancelToken,
    priority: Priority | None = None,
) -> Iterator[EmbedEvent | str]:
    """Embed images as `embed_images` does; at the end a sentence where the cache had a problem."""
    if not use_cache:
        yield from embed_images(rows, paths, model, cache=None, cancel=cancel, priority=priority)
        return
    with open_embedding_cache(model) as cache:
        yield from embed_images(rows, paths, model, cache=cache, cancel=cancel, priority=priority)
        if cache.problem:
            yield cache.problem


def open_embedding_cache(model: LoadedModel) -> EmbeddingCache:
    """Open the cache of this person's machine for `model`; a context manager."""
    size = model.manifest.embedding_size
    name = f"{model.fingerprint}-{DECODE_VERSION}"
    return EmbeddingCache(default_folder(), name, size=size)


def _known(cache: EmbeddingCache | None, paths: Sequence[Path]) -> dict[int, NDArray[np.float32]]:
    """Return what the cache has: an unchanged file costs a stat, a renamed or copied one a hash."""
    if cache is None:
        return {}
    known = cache.lookup(paths)
    missed = [i for i in range(len(paths)) if i not in known]
    renamed = cache.lookup_content([paths[i] for i in missed])
    return known | {missed[i]: vector for i, vector in renamed.items()}


class _Pipeline:
    """Decodes ahead of the encoder, in order, never more than a few batches."""

    def __init__(
        self, model: LoadedModel, cache: EmbeddingCache | None, pool: ThreadPoolExecutor
    ) -> None:
        self._model = model
        self._cache = cache
        self._pool = pool
        self._pending: deque[Future[_Prepared]] = deque()

    @property
    def is_busy(self) -> bool:
        return bool(self._pending)

    def push(self, row: int, path: Path) -> Iterator[EmbedEvent]:
        self._pending.append(self._pool.submit(_prepare, row, path, self._model))
        if len(self._pending) >= BATCH * (1 + LOOK_AHEAD_BATCHES):
            yield from self.flush()

    def flush(self) -> Iterator[EmbedEvent]:
        """Encode the oldest batch."""
        count = min(BATCH, len(self._pending))
        prepared = [self._pending.popleft().result() for _ in range(count)]
        for item in prepared:
            if item.pixels is None:
                yield Failed(item.row, item.remark)
        good = [item for item in prepared if item.pixels is not None]
        if not good:
            return
        batch = np.stack([item.pixels for item in good if item.pixels is not None])
        vectors = self._model.image.encode(batch)
        is_finite = np.isfinite(vectors).all(axis=1)
        for item in (good[i] for i in np.flatnonzero(~is_finite)):
            yield Failed(item.row, "the model gave no finite vector for it")
        yield self._embedded([good[i] for i in np.flatnonzero(is_finite)], vectors[is_finite])

    def _embedded(self, good: list[_Prepared], vectors: NDArray[np.float32]) -> Embedded:
        if self._cache:
            # An image with a remark is not remembered: the remark would be lost.
            self._cache.store(
                [(item.path, v) for item, v in zip(good, vectors, strict=True) if not item.remark]
            )
        notes = {item.row: item.remark for item in good if item.remark}
        return Embedded(np.array([item.row for item in good], dtype=np.int64), vectors, notes)


def _prepare(row: int, path: Path, model: LoadedModel) -> _Prepared:
    try:
        decoded = decode(path)
        return _Prepared(
            row, path, pixels(decoded.image, model.manifest.image), "; ".join(decoded.notes)
        )
    except ImageError as error:
        return _Prepared(row, path, None, error.what)
