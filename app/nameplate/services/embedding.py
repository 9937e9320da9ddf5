"""Images to embeddings: cache, decode pool, image encoder; a generator that can be stopped."""

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.progress import CancelToken
from nameplate.inference.model import LoadedModel
from nameplate.inference.providers import DeviceReport
from nameplate.services.batching import batch_rows
from nameplate.services.reading import Prepared, Reader, decode_pool, look_ahead
from nameplate.services.speeds import note_speed
from nameplate.storage.decode import DECODE_VERSION
from nameplate.storage.embedding_cache import EmbeddingCache, default_folder

FIRST_LOOK_UP: Final = 256
"""Few, so that something shows at once."""

NO_VECTOR: Final = "the model gave no finite vector for it"

LARGEST_LOOK_UP: Final = 4096
LOOK_UP_SECONDS: Final = 0.3
"""What one look-up may take before the encoder gets its turn again; a stat on a network drive can
take a thousand times that of a disk."""


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


@dataclass(frozen=True, slots=True)
class DeviceChanged:
    """The device was lost, and the work goes on with another; said once.

    Attributes:
        text: For a person: what happened and what follows.
        device: What runs now; `LoadedModel.device` says the same.
    """

    text: str
    device: DeviceReport


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


def embed_images(
    rows: Sequence[int],
    paths: Sequence[Path],
    model: LoadedModel,
    *,
    cache: EmbeddingCache | None,
    cancel: CancelToken,
    priority: Priority | None = None,
) -> Iterator[EmbedEvent | DeviceChanged]:
    """Embed images, known ones from the cache, the others through a bounded decode pool.

    Runs on the one thread that owns the image session. A failure is an event, not an exception.
    Looking up and encoding take turns, so that known images show early and the encoder has work.

    Args:
        rows: Row numbers that the events carry.
        paths: The image files, one for each of `rows`.
        model: Loaded.
        cache: None to read and write no cache.
        cancel: Looked at before each batch; what was done by then has been yielded and cached.
        priority: Rows to read first; looked at before each batch. Rows that are none of `rows`, or
            done, are passed over.

    Raises:
        ModelError: The image encoder fails, on the CPU too.
    """
    with decode_pool() as pool:
        reader = Reader(pool, paths, model.manifest.image, cache)
        queue = _Queue(rows)
        encoding = _Encoding(model, cache, queue.rows)
        look_up = _LookUp(cache, paths, reader, queue.rows)
        try:
            while not cancel.is_cancelled:
                if priority and len(wished := queue.indices_of(priority.take())):
                    yield from look_up(queue.claim(wished))
                    reader.hurry(wished.tolist())
                elif not queue.is_empty:
                    yield from look_up(queue.next(look_up.size))
                elif not reader.is_busy:
                    return
                if reader.is_busy and not cancel.is_cancelled:
                    yield from encoding(reader)
        finally:  # also when the caller closes the generator
            encoding.note_speed()


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


class _Encoding:
    """Encodes batches of what the reader prepared, and measures itself."""

    def __init__(
        self, model: LoadedModel, cache: EmbeddingCache | None, rows: NDArray[np.int64]
    ) -> None:
        self._model = model
        self._cache = cache
        self._rows = rows
        self._batch = batch_rows(model)
        self._device = model.device
        # Of the last images, for copies of them that the cache was asked for before they got there.
        self._recent: dict[str | int, NDArray[np.float32]] = {}
        self._seconds = 0.0
        self._encoded = 0

    def __call__(self, reader: Reader) -> Iterator[EmbedEvent | DeviceChanged]:
        """Encode the next batch."""
        started = time.perf_counter()
        prepared = reader.take(self._batch)
        vectors = self._vectors(prepared)
        self._seconds += time.perf_counter() - started
        if (device := self._model.device) is not self._device:
            self._device = device
            self._batch = batch_rows(self._model)
            self._encoded = -len(self._rows)  # a mixed speed says nothing
            yield DeviceChanged(f"{device.note}. The work goes on with the processor.", device)
        yield from self._told(prepared, vectors)

    def note_speed(self) -> None:
        note_speed(
            self._model.manifest.id,
            self._model.device.device,
            images=self._encoded,
            seconds=self._seconds,
        )

    def _vectors(self, prepared: Sequence[Prepared]) -> dict[int, NDArray[np.float32]]:
        """Return the vectors of those that could be read, by index; not finite ones too."""
        new: dict[str | int, NDArray[np.float32]] = {}
        for item in prepared:
            if item.pixels is not None and _key(item) not in self._recent:
                new.setdefault(_key(item), item.pixels)
        if new:
            made = self._model.image.encode(np.stack(list(new.values())))
            self._recent.update(zip(new, made, strict=True))
            self._encoded += len(new)
        found = {item.index: item.known for item in prepared if item.known is not None}
        found |= {i.index: self._recent[_key(i)] for i in prepared if i.pixels is not None}
        surplus = len(self._recent) - 2 * look_ahead(self._model.manifest.image, self._batch)
        for key in list(islice(self._recent, max(0, surplus))):
            del self._recent[key]
        return found

    def _told(
        self, prepared: Sequence[Prepared], vectors: dict[int, NDArray[np.float32]]
    ) -> Iterator[EmbedEvent]:
        """Store what was made and tell of it."""
        good = [i for i in prepared if i.index in vectors and np.isfinite(vectors[i.index]).all()]
        kept = {item.index for item in good}
        for item in prepared:
            if item.index not in kept:
                yield Failed(int(self._rows[item.index]), item.remark or NO_VECTOR)
        if not good:
            return
        self._store([item for item in good if item.known is None], vectors)
        rows = self._rows[[item.index for item in good]]
        notes = {int(self._rows[item.index]): item.remark for item in good if item.remark}
        yield Embedded(rows, np.stack([vectors[item.index] for item in good]), notes)

    def _store(self, made: Sequence[Prepared], vectors: dict[int, NDArray[np.float32]]) -> None:
        # An image with a remark is not remembered: the remark would be lost.
        items = [item for item in made if not item.remark]
        if self._cache is not None and items:
            self._cache.store(
                [(item.path, vectors[item.index]) for item in items],
                [item.content for item in items],
            )


def _key(item: Prepared) -> str | int:
    """Return what images that are copies of one another have in common."""
    return item.index if item.content is None else item.content
