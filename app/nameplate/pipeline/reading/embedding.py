"""Embeds images: cache lookup, preprocessing, image encoder; a generator that can be cancelled."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.images import FILE
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.imaging import DECODE_VERSION
from nameplate.inference.model import LoadedModel
from nameplate.inference.runtime.heap import give_back_freed_memory
from nameplate.pipeline.reading.batch_encoder import (
    BatchEncoder,
    DeviceChanged,
    Embedded,
    EmbedEvent,
    FilesSeen,
)
from nameplate.pipeline.reading.pools import open_pools
from nameplate.pipeline.reading.prefetch import Preprocessor
from nameplate.pipeline.spool import Spool
from nameplate.storage.caches.embedding_cache import EmbeddingCache, default_folder
from nameplate.system.file_status import Status, absolute_bytes, status_of

FIRST_LOOKUP: Final = 256
"""Images of the first lookup: few, so that something shows at once."""

LARGEST_LOOKUP: Final = 1024
"""More images at a time are no quicker, and fragment more memory."""

LOOKUP_SECONDS: Final = 0.3
"""Longest lookup before the encoder gets its turn again; a stat on a network drive can take a
thousand times that of a disk."""


class Priority:
    """Rows that a person looks at, to be embedded before the others; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: list[int] = []

    def put(self, rows: Sequence[int]) -> None:
        """Embed `rows` first from now on, in this order; replaces earlier rows."""
        with self._lock:
            self._rows = list(rows)

    def pop(self) -> list[int]:
        """Return and remove the rows put since the last call; may be empty."""
        with self._lock:
            rows, self._rows = self._rows, []
        return rows


def embed_images(
    rows: Sequence[int],
    files: Sequence[Path] | Spool,
    model: LoadedModel,
    *,
    cache: EmbeddingCache | None,
    cancel: CancelToken,
    priority: Priority | None = None,
) -> Iterator[EmbedEvent | FilesSeen | DeviceChanged]:
    """Embed images: from the cache, or by preprocessing and encoding them.

    A failed image is an event, not an exception. Lookups and batches alternate, so that cached
    images show early and the encoder has work.

    Args:
        rows: Row numbers that the events carry.
        files: The image files, one for each of `rows`, or what fetches them.
        model: Loaded.
        cache: None to read and write no cache.
        cancel: Stops what runs; the batches that were done by then are yielded and cached.
        priority: Rows to embed first; read before each batch. Rows that are done, or not in `rows`,
            are ignored. Who gives it shows the files, too, and is told what they are (`FilesSeen`).

    Raises:
        ModelError: The image encoder fails, on the CPU too.
    """
    paths = files.paths if isinstance(files, Spool) else files
    with open_pools(model, low_priority=priority is not None) as pools:
        preprocessor = Preprocessor(pools, files, model.manifest.image, cache, cancel)
        numbers, tells_files = np.asarray(rows, dtype=np.int64), priority is not None
        encoder = BatchEncoder(model, pools, cache, numbers, cancel)
        lookup = CacheLookup(cache, paths, preprocessor, numbers, tells_files=tells_files)
        try:
            while not cancel.is_cancelled:
                if priority and len(first := lookup.indices_of(priority.pop())):
                    yield from lookup.run(first)
                    preprocessor.prioritize(first.tolist())
                elif not lookup.is_done:
                    yield from lookup.run_next()
                elif not preprocessor.is_busy:
                    break
                if preprocessor.is_busy and not cancel.is_cancelled:
                    with suppress(CancelledError):  # while the encoder was loaded
                        yield from encoder.run(preprocessor)
            preprocessor.stop()
            while encoder.is_busy:
                yield from encoder.finish_oldest()
        finally:  # also when the caller closes the generator
            preprocessor.stop()
            encoder.finish_storing()
            encoder.record_speed()
            if len(rows) > LARGEST_LOOKUP:
                give_back_freed_memory()


def embed_with_cache(
    rows: Sequence[int],
    files: Sequence[Path] | Spool,
    model: LoadedModel,
    *,
    use_cache: bool,
    cancel: CancelToken,
    priority: Priority | None = None,
) -> Iterator[EmbedEvent | FilesSeen | DeviceChanged | Message]:
    """Embed images with the user's cache; a problem of the cache is yielded last."""
    with open_embedding_cache(model) if use_cache else nullcontext() as cache:
        yield from embed_images(rows, files, model, cache=cache, cancel=cancel, priority=priority)
        if cache and cache.problem:
            yield cache.problem


def describe(
    rows: Sequence[int], files: Sequence[Path], model: LoadedModel, cancel: CancelToken
) -> Iterator[EmbedEvent | FilesSeen | DeviceChanged]:
    """Embed images again of which the user's cache has embeddings without descriptors.

    None of them is urgent, so all threads give way to other programs.
    """
    with open_embedding_cache(model, describes=True) as cache:
        nothing_first = Priority()
        yield from embed_images(
            rows, files, model, cache=cache, cancel=cancel, priority=nothing_first
        )


def is_any_uncached(paths: Sequence[Path], cache: EmbeddingCache | None) -> bool:
    """Return whether one of the first `FIRST_LOOKUP` images is not in the cache.

    Then the image encoder will be needed, unless the image was moved or cannot be read.
    """
    first = paths[:FIRST_LOOKUP]
    return cache is None or len(cache.find(first).indices) < len(first)


def open_embedding_cache(model: LoadedModel, *, describes: bool = False) -> EmbeddingCache:
    """Open the user's embedding cache for `model`; a context manager.

    With `describes` an image counts as missing of which it has no descriptor, where the model gives
    any.
    """
    size, descriptor_size = model.manifest.sizes
    return cache_of(model.fingerprint, size, descriptor_size, describes=describes)


def vectors_key(fingerprint: str) -> str:
    """Return the cache key of a model's vectors, with the version of the decoder."""
    return f"{fingerprint}-{DECODE_VERSION}"


def cache_of(
    fingerprint: str, size: int, descriptor_size: int = 0, *, describes: bool = False
) -> EmbeddingCache:
    """Open the embedding cache for a model's fingerprint; the model need not be loaded."""
    folder, key = default_folder(), vectors_key(fingerprint)
    return EmbeddingCache(
        folder, key, size=size, descriptor_size=descriptor_size, describes=describes
    )


class CacheLookup:
    """Looks images up in the cache, each once, and passes the others to the preprocessor."""

    def __init__(
        self,
        cache: EmbeddingCache | None,
        paths: Sequence[Path],
        preprocessor: Preprocessor,
        rows: NDArray[np.int64],
        *,
        tells_files: bool,
    ) -> None:
        """Look nothing up yet; with `tells_files`, each lookup also yields `FilesSeen`."""
        self._tells_files = tells_files
        self._cache = cache
        self._paths = paths
        self._preprocessor = preprocessor
        self._rows = rows
        self._size = FIRST_LOOKUP  # of the next one, adapted to the time that the last one took
        self._is_begun = np.zeros(len(rows), dtype=np.bool_)
        self._start = 0
        self._order: NDArray[np.int64] | None = None

    @property
    def is_done(self) -> bool:
        """Whether all images were looked up."""
        return self._start >= len(self._rows)

    def indices_of(self, rows: Sequence[int]) -> NDArray[np.int64]:
        """Return the indices of `rows`, in their order, without rows that do not exist."""
        if not len(rows) or not len(self._rows):
            return np.empty(0, dtype=np.int64)
        if self._order is None:
            self._order = np.argsort(self._rows, kind="stable")
        wanted = np.asarray(list(dict.fromkeys(rows)), dtype=np.int64)
        places = np.searchsorted(self._rows, wanted, sorter=self._order)
        indices = self._order[np.minimum(places, len(self._rows) - 1)]
        return indices[self._rows[indices] == wanted]

    def run_next(self) -> Iterator[EmbedEvent | FilesSeen]:
        """Look up the next images in their order."""
        start, self._start = self._start, self._start + self._size
        yield from self.run(np.arange(start, min(self._start, len(self._rows))))

    def run(self, indices: NDArray[np.int64]) -> Iterator[EmbedEvent | FilesSeen]:
        """Look up images by index that were not yet; yield an event for those in the cache."""
        indices = indices[~self._is_begun[indices]]
        self._is_begun[indices] = True
        paths = [self._paths[int(i)] for i in indices]
        if self._cache is None:
            self._preprocessor.add(indices)
            if self._tells_files:
                yield self._seen(indices, [status_of(absolute_bytes(path)) for path in paths])
            return
        started = time.monotonic()
        hits = self._cache.find(paths)
        self._preprocessor.add(np.delete(indices, hits.indices))
        if time.monotonic() - started > LOOKUP_SECONDS:
            self._size = max(1, self._size // 4)
        elif len(indices) >= self._size:
            self._size = min(2 * self._size, LARGEST_LOOKUP)
        if self._tells_files:
            yield self._seen(indices, hits.statuses)
        if len(hits.indices):
            rows = self._rows[indices[hits.indices]]
            contents, descriptors = hits.contents, hits.descriptors
            yield Embedded(rows, hits.vectors, contents=contents, descriptors=descriptors)

    def _seen(self, indices: NDArray[np.int64], statuses: Sequence[Status | None]) -> FilesSeen:
        files = [(-1, -1) if one is None else (one[0], one[1] // 1_000_000) for one in statuses]
        return FilesSeen(self._rows[indices], np.array(files, dtype=FILE))
