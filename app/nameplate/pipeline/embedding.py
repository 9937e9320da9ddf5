"""Images to embeddings: cache, reading, image encoder; a generator that can be stopped."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.imaging.decode_version import DECODE_VERSION
from nameplate.inference.model import LoadedModel
from nameplate.inference.runtime.heap import give_back_freed_memory
from nameplate.pipeline.batch_encoder import DeviceChanged, Embedded, EmbedEvent, Encoding
from nameplate.pipeline.pools import workers_for
from nameplate.pipeline.prefetch import Reader
from nameplate.storage.embedding_cache import EmbeddingCache, default_folder

FIRST_LOOK_UP: Final = 256
"""Few, so that something shows at once."""

LARGEST_LOOK_UP: Final = 1024
"""More at a time is no quicker, and leaves more of the memory that it took in pieces."""

LOOK_UP_SECONDS: Final = 0.3
"""What one look-up may take before the encoder gets its turn again; a stat on a network drive can
take a thousand times that of a disk."""


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


def embed_images(
    rows: Sequence[int],
    paths: Sequence[Path],
    model: LoadedModel,
    *,
    cache: EmbeddingCache | None,
    cancel: CancelToken,
    priority: Priority | None = None,
) -> Iterator[EmbedEvent | DeviceChanged]:
    """Embed images, known ones from the cache, the others read within bounds.

    A failure is an event, not an exception. Looking up and encoding take turns, so that known
    images show early and the encoder has work.

    Args:
        rows: Row numbers that the events carry.
        paths: The image files, one for each of `rows`.
        model: Loaded.
        cache: None to read and write no cache.
        cancel: Stops what runs; the batches that were ready by then are yielded and cached.
        priority: Rows to read first; looked at before each batch. Rows that are none of `rows`, or
            done, are passed over.

    Raises:
        ModelError: The image encoder fails, on the CPU too.
    """
    with workers_for(model, step_back=priority is not None) as workers:
        reader = Reader(workers, paths, model.manifest.image, cache, cancel)
        queue = _Queue(rows)
        encoding = Encoding(model, workers, cache, queue.rows, cancel)
        look_up = _LookUp(cache, paths, reader, queue.rows)
        try:
            while not cancel.is_cancelled:
                if priority and len(wished := queue.indices_of(priority.take())):
                    yield from look_up(queue.claim(wished))
                    reader.hurry(wished.tolist())
                elif not queue.is_empty:
                    yield from look_up(queue.next(look_up.size))
                elif not reader.is_busy:
                    break
                if reader.is_busy and not cancel.is_cancelled:
                    with suppress(CancelledError):  # while the encoder was loaded
                        yield from encoding(reader)
            reader.stop()
            while encoding.is_busy:
                yield from encoding.finish_one()
        finally:  # also when the caller closes the generator
            reader.stop()
            encoding.finish_storing()
            encoding.note_speed()
            if len(rows) > LARGEST_LOOK_UP:
                give_back_freed_memory()


def embed_with_cache(
    rows: Sequence[int],
    paths: Sequence[Path],
    model: LoadedModel,
    *,
    use_cache: bool,
    cancel: CancelToken,
    priority: Priority | None = None,
) -> Iterator[EmbedEvent | DeviceChanged | str]:
    """Embed images as `embed_images` does; at the end a sentence where the cache had a problem."""
    if not use_cache:
        yield from embed_images(rows, paths, model, cache=None, cancel=cancel, priority=priority)
        return
    with open_embedding_cache(model) as cache:
        yield from embed_images(rows, paths, model, cache=cache, cancel=cancel, priority=priority)
        if cache.problem:
            yield cache.problem


def is_any_unknown(paths: Sequence[Path], cache: EmbeddingCache | None) -> bool:
    """Return whether the image encoder will be needed, going by the first of the images.

    Those that were moved, or cannot be read, count as unknown here.
    """
    first = paths[:FIRST_LOOK_UP]
    return cache is None or len(cache.find(first).indices) < len(first)


def open_embedding_cache(model: LoadedModel) -> EmbeddingCache:
    """Open the cache of this person's machine for `model`; a context manager."""
    return cache_of(model.fingerprint, model.manifest.embedding_size)


def cache_of(fingerprint: str, size: int) -> EmbeddingCache:
    """Open the cache for the model of this fingerprint and embedding size, loaded or not."""
    return EmbeddingCache(default_folder(), f"{fingerprint}-{DECODE_VERSION}", size=size)


class _Queue:
    """The images that the cache was not asked for yet.

    Attributes:
        rows: int64, row number by index.
    """

    def __init__(self, rows: Sequence[int]) -> None:
        self.rows = np.asarray(rows, dtype=np.int64)
        self._is_taken = np.zeros(len(self.rows), dtype=np.bool_)
        self._start = 0
        self._order: NDArray[np.int64] | None = None

    @property
    def is_empty(self) -> bool:
        return self._start >= len(self.rows)

    def next(self, count: int) -> NDArray[np.int64]:
        """Return the next indices in order, at most `count`."""
        block = slice(self._start, self._start + count)
        indices = self._start + np.flatnonzero(~self._is_taken[block])
        self._start += count
        return self.claim(indices)

    def claim(self, indices: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return those of `indices` that are still there, which ends that."""
        left = indices[~self._is_taken[indices]]
        self._is_taken[left] = True
        return left

    def indices_of(self, wished: Sequence[int]) -> NDArray[np.int64]:
        """Return the indices of those of the rows `wished` that there are, in the order of that."""
        if not len(wished) or not len(self.rows):
            return np.empty(0, dtype=np.int64)
        if self._order is None:
            self._order = np.argsort(self.rows, kind="stable")
        wanted = np.asarray(list(dict.fromkeys(wished)), dtype=np.int64)
        places = np.searchsorted(self.rows, wanted, sorter=self._order)
        indices = self._order[np.minimum(places, len(self.rows) - 1)]
        return indices[self.rows[indices] == wanted]


class _LookUp:
    """Asks the cache for images; hands those that it does not know to the reader.

    Attributes:
        size: How many to ask for next, by the time that the last ones took.
    """

    def __init__(
        self,
        cache: EmbeddingCache | None,
        paths: Sequence[Path],
        reader: Reader,
        rows: NDArray[np.int64],
    ) -> None:
        self.size = FIRST_LOOK_UP
        self._cache = cache
        self._paths = paths
        self._reader = reader
        self._rows = rows

    def __call__(self, indices: NDArray[np.int64]) -> Iterator[EmbedEvent]:
        if self._cache is None:
            self._reader.add(indices)
            return
        started = time.monotonic()
        hits = self._cache.find([self._paths[int(i)] for i in indices])
        self._reader.add(np.delete(indices, hits.indices))
        if time.monotonic() - started > LOOK_UP_SECONDS:
            self.size = max(1, self.size // 4)
        elif len(indices) >= self.size:
            self.size = min(2 * self.size, LARGEST_LOOK_UP)
        if len(hits.indices):
            yield Embedded(self._rows[indices[hits.indices]], hits.vectors)
