"""Runs preprocessed images through the image encoder, several batches at once."""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import Descriptors, ImageVectors
from nameplate.domain.images import Files
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.inference.model import LoadedModel
from nameplate.inference.runtime.providers import DeviceReport
from nameplate.pipeline.reading.batching import CPU_BATCH_SIZE, BatchPlan, plan_batches
from nameplate.pipeline.reading.pools import Pools
from nameplate.pipeline.reading.prefetch import PreprocessedImage, Preprocessor, prefetch_limit
from nameplate.storage.caches.embedding_cache import EmbeddingCache
from nameplate.storage.speeds import record_speed
from nameplate.system.waiting import answer_of

NO_VECTOR: Final = Message("no-vector")


@dataclass(frozen=True, slots=True)
class Embedded:
    """Event: some images got their embeddings.

    Attributes:
        rows: int64 row numbers.
        embeddings: n x D float32, unit length.
        notes: Row -> what is odd about the file; only rows with a note.
        contents: n `content_key`s, None where it is not known; empty where none is.
        descriptors: n x E float16, NaN where one is not known; None where the model has none.
    """

    rows: NDArray[np.int64]
    embeddings: NDArray[np.float32]
    notes: dict[int, Message] = field(default_factory=dict[int, Message])
    contents: Sequence[str | None] = ()
    descriptors: Descriptors | None = None

    @property
    def vectors(self) -> ImageVectors:
        """The embeddings and descriptors."""
        return ImageVectors.of(self.embeddings, self.descriptors)


@dataclass(frozen=True, slots=True)
class Failed:
    """Event: one image cannot be embedded, and why.

    Attributes:
        content: `content_key` of its file; None where the file itself could not be read.
    """

    row: int
    reason: Message
    content: str | None = None


@dataclass(frozen=True, slots=True)
class FilesSeen:
    """Event: the status of the files of n images was read; they were not opened.

    Attributes:
        files: n FILE records.
    """

    rows: NDArray[np.int64]
    files: Files


@dataclass(frozen=True, slots=True)
class DeviceChanged:
    """Event: the device failed and another one is used from now on; yielded once."""

    message: Message
    device: DeviceReport


EmbedEvent = Embedded | Failed


_Coming = tuple[Future[ImageVectors], int]
"""The vectors of a batch that is being encoded, and the row of an image in them."""


class BatchEncoder:
    """Encodes preprocessed images in concurrent batches; yields events in order; measures speed."""

    def __init__(
        self,
        model: LoadedModel,
        pools: Pools,
        cache: EmbeddingCache | None,
        rows: NDArray[np.int64],
        cancel: CancelToken,
    ) -> None:
        """Plan the batches, and encode nothing yet; `rows` are by index of the preprocessor."""
        self._model = model
        self._pools = pools
        self._cache = cache
        self._rows = rows
        self._cancel = cancel
        # Until the encoder is loaded, which the first image that needs it does: the CPU's plan.
        self._plan = BatchPlan(CPU_BATCH_SIZE, model.concurrency)
        self._device: DeviceReport | None = None
        if model.image_part.is_ready:
            self._update_plan()
        # Of each batch all images, unreadable ones too; by index those that are encoded.
        self._running = deque[tuple[Sequence[PreprocessedImage], dict[int, _Coming]]]()
        # By content key: copies that were looked up before the first of them was cached.
        self._recent: dict[str | int, _Coming] = {}
        self._measured_from = 0.0
        self._seconds = 0.0
        self._encoded = 0
        self._storing: Future[None] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether events of batches are outstanding."""
        return bool(self._running)

    def run(self, preprocessor: Preprocessor) -> Iterator[EmbedEvent | DeviceChanged]:
        """Submit batches up to the concurrency, then yield the events of the oldest one.

        A thread that does nothing but encode gets one batch more, so that it does not wait while
        events are handled.
        """
        pool = self._pools.for_encoding(self._plan.concurrency)
        limit = self._plan.concurrency + (pool is self._pools.encoder)
        while preprocessor.is_busy and len(self._running) < limit:
            if not self._running:
                self._measured_from = time.perf_counter()
            self._submit(self._next_batch(preprocessor))
        yield from self.finish_oldest()

    def finish_oldest(self) -> Iterator[EmbedEvent | DeviceChanged]:
        """Wait for the oldest batch and yield its events; none if it was cancelled."""
        items, coming = self._running[0]
        try:
            vectors = {index: _one(batch.result(), row) for index, (batch, row) in coming.items()}
        except CancelledError:
            self._running.popleft()
            return
        self._running.popleft()
        now = time.perf_counter()
        self._seconds, self._measured_from = self._seconds + now - self._measured_from, now
        if self._device is not None and (device := self._model.device) is not self._device:
            self._update_plan()
            self._encoded = -len(self._rows)  # no speed is recorded of two devices mixed
            yield DeviceChanged(Message("goes-on-with-cpu", {"note": device.note or ""}), device)
        yield from self._events(items, vectors)

    def finish_storing(self) -> None:
        """Wait until all yielded embeddings are in the cache."""
        if self._storing is not None:
            self._storing.result()

    def record_speed(self) -> None:
        """Record the measured speed of this model on this device."""
        if self._device is not None:
            record_speed(
                self._model.manifest.id,
                self._device.device,
                images=self._encoded,
                seconds=self._seconds,
            )

    def _next_batch(self, preprocessor: Preprocessor) -> list[PreprocessedImage]:
        """Return the next batch; loads the encoder for the first one with pixels."""
        items = preprocessor.next_batch(self._plan.batch_size, self._plan.images_in_flight)
        if self._device is None and any(item.pixels is not None for item in items):
            self._update_plan()
            self._measured_from = time.perf_counter()  # without the time that loading took
            # Meanwhile more images were preprocessed, and the batch size may have grown.
            if preprocessor.is_busy and (more := self._plan.batch_size - len(items)) > 0:
                items += preprocessor.next_batch(more, self._plan.images_in_flight)
        return items

    def _update_plan(self) -> None:
        """Plan the batches for the encoder's device; loads the encoder if necessary.

        Raises:
            CancelledError: The cancel token was set during the loading.
        """
        self._device = answer_of(lambda: self._model.device, self._cancel)
        self._plan = plan_batches(self._model)

    def _submit(self, items: Sequence[PreprocessedImage]) -> None:
        """Submit the images of a batch that have pixels, copies only once."""
        new: dict[str | int, NDArray[np.float32]] = {}
        for item in items:
            if item.pixels is not None and _key(item) not in self._recent:
                new.setdefault(_key(item), item.pixels)
        if new:
            pool = self._pools.for_encoding(self._plan.concurrency)
            batch = pool.submit(self._encode, list(new.values()))
            self._recent |= {key: (batch, row) for row, key in enumerate(new)}
            self._encoded += len(new)
        coming = {i.index: self._recent[_key(i)] for i in items if i.pixels is not None}
        self._running.append((items, coming))
        kept = 2 * prefetch_limit(self._model.manifest.image, self._plan.images_in_flight)
        for key in list(islice(self._recent, max(0, len(self._recent) - kept))):
            del self._recent[key]

    def _encode(self, pixels: Sequence[NDArray[np.float32]]) -> ImageVectors:
        return self._model.image.vectors(np.stack(pixels), self._cancel)

    def _events(
        self, items: Sequence[PreprocessedImage], vectors: dict[int, ImageVectors]
    ) -> Iterator[EmbedEvent]:
        """Yield the events of a batch, given its computed vectors; store those in the cache."""
        vectors |= {item.index: item.cached for item in items if item.cached is not None}
        is_finite = {i for i, found in vectors.items() if np.isfinite(found.embeddings).all()}
        good = [item for item in items if item.index in is_finite]
        embedded = {item.index for item in good}
        for item in items:
            if item.index not in embedded:
                row = int(self._rows[item.index])
                yield Failed(row, item.remark or NO_VECTOR, item.content)
        if not good:
            return
        self._store([item for item in good if item.cached is None], vectors)
        rows = self._rows[[item.index for item in good]]
        notes = {int(self._rows[item.index]): item.remark for item in good if item.remark}
        found = _joined(good, vectors)
        contents = [item.content for item in good]
        yield Embedded(rows, found.embeddings, notes, contents, found.descriptors)

    def _store(
        self, encoded: Sequence[PreprocessedImage], vectors: dict[int, ImageVectors]
    ) -> None:
        # An image with a remark is not cached: the remark would be lost.
        items = [item for item in encoded if not item.remark]
        if self._cache is not None and items:
            self.finish_storing()  # one batch at a time: a crash loses no more than that
            found = _joined(items, vectors)
            self._storing = self._pools.cache_writer.submit(
                self._cache.store,
                [(item.path, one) for item, one in zip(items, found.embeddings, strict=True)],
                [item.content for item in items],
                found.descriptors,
            )


def _one(vectors: ImageVectors, row: int) -> ImageVectors:
    """Return the vectors of one image of a batch."""
    return vectors.take(slice(row, row + 1))


def _joined(items: Sequence[PreprocessedImage], vectors: dict[int, ImageVectors]) -> ImageVectors:
    """Return the vectors of some images of a batch, by index in `vectors`."""
    embeddings, descriptors = zip(*(vectors[item.index] for item in items), strict=True)
    return ImageVectors(np.concatenate(embeddings), np.concatenate(descriptors))


def _key(item: PreprocessedImage) -> str | int:
    """Return a key that copies of an image share."""
    return item.index if item.content is None else item.content
