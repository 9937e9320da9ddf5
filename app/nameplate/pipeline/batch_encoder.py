"""Pictures that were read go through the image encoder, several batches at once."""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import Vectors
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.inference.model import LoadedModel
from nameplate.inference.runtime.providers import DeviceReport
from nameplate.pipeline.batching import CPU_ROWS, BatchPlan, plan_batches
from nameplate.pipeline.pools import Workers
from nameplate.pipeline.prefetch import Prepared, Reader, look_ahead
from nameplate.pipeline.speeds import note_speed
from nameplate.storage.embedding_cache import EmbeddingCache
from nameplate.system.waiting import answer_of

NO_VECTOR: Final = "the model gave no finite vector for it"


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


@dataclass(frozen=True, slots=True)
class _Slot:
    """Where the vector of a picture is, or will be: a row of what a batch makes."""

    made: Future[Vectors]
    row: int

    @property
    def vector(self) -> NDArray[np.float32]:
        """D float32; waits for the batch."""
        return self.made.result()[self.row]


@dataclass(frozen=True, slots=True)
class _Batch:
    """Pictures that are on their way through the encoder.

    Attributes:
        items: All that were taken together, those too that cannot be read or were known.
        slots: By index: where the vectors of those with pixels will be.
    """

    items: Sequence[Prepared]
    slots: dict[int, _Slot]


class Encoding:
    """Encodes batches of what the reader prepared, tells of them in order, and measures itself."""

    def __init__(
        self,
        model: LoadedModel,
        workers: Workers,
        cache: EmbeddingCache | None,
        rows: NDArray[np.int64],
        cancel: CancelToken,
    ) -> None:
        """Begin.

        Args:
            model: Its image encoder is called by threads of `workers`.
            workers: As `workers_for` gives them.
            cache: Where to store embeddings.
            rows: int64, what the events call each index of the reader.
            cancel: Stops the batches that are being encoded.
        """
        self._model = model
        self._workers = workers
        self._cache = cache
        self._rows = rows
        self._cancel = cancel
        # Those of the processor, until there is a picture that needs the encoder.
        self._plan = BatchPlan(CPU_ROWS, model.lanes)
        self._device: DeviceReport | None = None
        if model.image_part.is_made:
            self._look_at_encoder()
        self._running = deque[_Batch]()
        # Of the last images, for copies of them that the cache was asked for before they got there.
        self._recent: dict[str | int, _Slot] = {}
        self._since = 0.0
        self._seconds = 0.0
        self._encoded = 0
        self._stored: Future[None] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether there are batches that were not told of yet."""
        return bool(self._running)

    def __call__(self, reader: Reader) -> Iterator[EmbedEvent | DeviceChanged]:
        """Start a batch in each lane that is free, and tell of the oldest one.

        Where a thread does nothing but encode, one more waits for it, so that it does not wait
        while a batch is told of.
        """
        is_alone = self._workers.for_lanes(self._plan.lanes) is self._workers.alone
        most = self._plan.lanes + is_alone
        while reader.is_busy and len(self._running) < most:
            if not self._running:
                self._since = time.perf_counter()
            self._start(self._take(reader))
        yield from self.finish_one()

    def finish_one(self) -> Iterator[EmbedEvent | DeviceChanged]:
        """Wait for the oldest batch, and tell of it unless it was cancelled."""
        batch = self._running[0]
        try:
            vectors = {index: slot.vector for index, slot in batch.slots.items()}
        except CancelledError:
            self._running.popleft()
            return
        self._running.popleft()
        now = time.perf_counter()
        self._seconds, self._since = self._seconds + now - self._since, now
        if self._device is not None and (device := self._model.device) is not self._device:
            self._look_at_encoder()
            self._encoded = -len(self._rows)  # a mixed speed says nothing
            yield DeviceChanged(f"{device.note}. The work goes on with the processor.", device)
        yield from self._told(batch.items, vectors)

    def finish_storing(self) -> None:
        """Wait until what was told of is in the cache."""
        if self._stored is not None:
            self._stored.result()

    def note_speed(self) -> None:
        """Remember how fast it went, for who has to choose a model."""
        if self._device is not None:
            note_speed(
                self._model.manifest.id,
                self._device.device,
                images=self._encoded,
                seconds=self._seconds,
            )

    def _take(self, reader: Reader) -> list[Prepared]:
        """Take a batch; the first picture of all loads the encoder, while more are read."""
        items = reader.take(self._plan.rows, self._plan.at_once)
        if self._device is None and any(item.pixels is not None for item in items):
            self._look_at_encoder()
            self._since = time.perf_counter()  # what loading took says nothing of its speed
            if reader.is_busy and (more := self._plan.rows - len(items)) > 0:
                items += reader.take(more, self._plan.at_once)
        return items

    def _look_at_encoder(self) -> None:
        """Plan for the encoder as it is now; loads it where it was not needed so far.

        Raises:
            CancelledError: It takes a while, and the cancel came first.
        """
        self._device = answer_of(lambda: self._model.device, self._cancel)
        self._plan = plan_batches(self._model)

    def _start(self, items: Sequence[Prepared]) -> None:
        """Let those that have pixels be encoded, each content once."""
        new: dict[str | int, NDArray[np.float32]] = {}
        for item in items:
            if item.pixels is not None and _key(item) not in self._recent:
                new.setdefault(_key(item), item.pixels)
        if new:
            encoding = self._workers.for_lanes(self._plan.lanes)
            made = encoding.submit(self._encode, list(new.values()))
            self._recent |= {key: _Slot(made, row) for row, key in enumerate(new)}
            self._encoded += len(new)
        slots = {i.index: self._recent[_key(i)] for i in items if i.pixels is not None}
        self._running.append(_Batch(items, slots))
        surplus = len(self._recent) - 2 * look_ahead(self._model.manifest.image, self._plan.at_once)
        for key in list(islice(self._recent, max(0, surplus))):
            del self._recent[key]

    def _encode(self, pixels: Sequence[NDArray[np.float32]]) -> Vectors:
        return self._model.image.encode(np.stack(pixels), self._cancel)

    def _told(
        self, items: Sequence[Prepared], vectors: dict[int, NDArray[np.float32]]
    ) -> Iterator[EmbedEvent]:
        """Store what was made and tell of it, and of what was known."""
        vectors |= {item.index: item.known for item in items if item.known is not None}
        good = [i for i in items if i.index in vectors and np.isfinite(vectors[i.index]).all()]
        kept = {item.index for item in good}
        for item in items:
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
            self.finish_storing()  # one batch at a time: no more is lost by a crash
            self._stored = self._workers.storing.submit(
                self._cache.store,
                [(item.path, vectors[item.index]) for item in items],
                [item.content for item in items],
            )


def _key(item: Prepared) -> str | int:
    """Return what images that are copies of one another have in common."""
    return item.index if item.content is None else item.content
