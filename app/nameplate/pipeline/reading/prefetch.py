"""Reads, decodes and preprocesses image files in threads, ahead of the image encoder."""

import math
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.embeddings import ImageVectors
from nameplate.domain.errors import ImageError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.imaging.cost import is_plain
from nameplate.inference.specs import ImageSpec
from nameplate.pipeline.reading.pools import Pools
from nameplate.pipeline.spool import Spool
from nameplate.storage.caches.embedding_cache import EmbeddingCache, content_key
from nameplate.system.child_frames import Frame, Room
from nameplate.system.memory import free_bytes, room_for
from nameplate.system.processors import available_cpus

if TYPE_CHECKING:
    from nameplate.imaging.decode import DecodedImage

BATCHES_AHEAD: Final = 1
"""Beyond the batches that are encoded next, so that the encoder does not wait for a slow image."""

DRAFT_FACTOR: Final = 1.25
"""A JPEG is decoded at reduced size (libjpeg's draft mode) while both of its sides stay 2.5 x what
the model resizes them to. At 2 x one of 24 large photos came out with a cosine below 0.999 to the
one decoded in full (0.9987), at 2.5 x none (docs/adr/0008-pipeline.md)."""

_SEARCH_BLOCK: Final = 1024

MEMORY_SHARE: Final = 0.1
"""The part of the free memory that preprocessed images may take while they wait for the encoder."""


@dataclass(frozen=True, slots=True)
class PreprocessedImage:
    """The encoder's input for one image, or the reason why there is none.

    Attributes:
        content: Content key of the file; None where it cannot be read.
        pixels: float32, 3 x size x size; None where it cannot be read or `cached` is there.
        cached: Its vectors, where the cache has them for the content of the file.
        remark: What is odd about the file, or why it cannot be read.
    """

    index: int
    path: Path
    content: str | None
    pixels: NDArray[np.float32] | None
    cached: ImageVectors | None = None
    remark: Message | None = None


def read_pixels(
    path: Path, spec: ImageSpec, cancel: CancelToken | None = None
) -> tuple[NDArray[np.float32], Message | None]:
    """Decode and preprocess an image file; return its pixels and a note on the file.

    Returns:
        float32, 3 x size x size, and the note as in `DecodedImage`.

    Raises:
        ImageError: It cannot be read.
    """
    if is_plain(path):
        return _decoded_pixels(path, spec, partial(room_for, cancel=cancel))
    from nameplate.imaging import pictures  # noqa: PLC0415 - see `decode`

    reply = pictures.read_in_child(pixels_task, path, {"spec": asdict(spec)}, cancel)
    with pictures.checked_answer(path):
        array = np.frombuffer(reply.blob, np.float32).reshape(3, spec.size, spec.size)
        return array, pictures.note_of(reply)


def _decoded_pixels(
    path: Path, spec: ImageSpec, room: Room
) -> tuple[NDArray[np.float32], Message | None]:
    """Like `read_pixels`, but always in this process."""
    from nameplate.inference.preprocess import pixels  # noqa: PLC0415 - see `decode`

    decoded = decode(path, draft_side=math.ceil(DRAFT_FACTOR * spec.resized), room=room)
    # A picture decoded at reduced size differs from the reference in a few levels anyway.
    is_whole = decoded.image.size == (decoded.width, decoded.height)
    return pixels(decoded.image, spec, is_exact=is_whole), decoded.note


def pixels_task(arguments: Mapping[str, Any], room: Room) -> Frame:
    """Do the work of `read_pixels` in a child process."""
    path = Path(arguments["path"])
    array, note = _decoded_pixels(path, ImageSpec(**arguments["spec"]), room)
    from nameplate.imaging import pictures  # noqa: PLC0415 - see `decode`

    return Frame(pictures.values_of_note(note), array.tobytes())


def decode(path: Path, *, draft_side: int, room: Room) -> "DecodedImage":
    """Call `nameplate.imaging.decode.decode`, importing Pillow on the first call."""
    from nameplate.imaging import decode as images  # noqa: PLC0415 - see above

    return images.decode(path, draft_side=draft_side, room=room)


def _fetch(
    path: Path, cache: EmbeddingCache | None, cancel: CancelToken
) -> tuple[str | None, ImageVectors | None]:
    """Read a file into the page cache, and look its content up in the embedding cache.

    A file that cannot be read is no error here; decoding it reports why. Hashing it takes a
    hundredth of the time that decoding does, and copies are then encoded once.

    Returns:
        `content` and `cached` as in `PreprocessedImage`.
    """
    try:
        if not path.is_file():  # opening a pipe would block forever
            return None, None
        content = content_key(path, cancel)
    except (OSError, ValueError):  # ValueError: a NUL in the path
        return None, None
    return content, None if cache is None else cache.find_content(path, content)


def _preprocess(
    index: int, path: Path, spec: ImageSpec, content: str | None, cancel: CancelToken
) -> PreprocessedImage:
    """Decode and preprocess one image; a failure is in its `remark`, not raised."""
    try:
        array, note = read_pixels(path, spec, cancel)
    except ImageError as error:
        return PreprocessedImage(index, path, content, None, remark=error.reason)
    return PreprocessedImage(index, path, content, array, remark=note)


class Preprocessor:
    """Prefetches images in thread pools: prioritized ones first, a bounded number ahead."""

    def __init__(
        self,
        pools: Pools,
        files: Sequence[Path] | Spool,
        spec: ImageSpec,
        cache: EmbeddingCache | None,
        cancel: CancelToken,
    ) -> None:
        self._cancel = cancel
        self._spool = files if isinstance(files, Spool) else None
        self._pools = pools
        self._paths = files.paths if isinstance(files, Spool) else files
        self._spec = spec
        self._cache = cache
        self._is_pending = np.zeros(len(self._paths), dtype=np.bool_)
        self._pending = 0
        self._search_from = 0  # no image before it is pending
        self._prioritized = deque[int]()
        # By index, None until it is done; prioritized images in the first.
        self._submitted = (
            dict[int, PreprocessedImage | None](),
            dict[int, PreprocessedImage | None](),
        )
        self._done: list[PreprocessedImage | BaseException] = []
        self._wake_at = 0  # length of `_done` at which the waiting thread is woken
        self._condition = threading.Condition()
        self._is_stopped = False

    @property
    def is_busy(self) -> bool:
        """Whether there are images that `next_batch` did not return yet."""
        return self._pending > 0 or any(self._submitted)

    def add(self, indices: NDArray[np.int64]) -> None:
        """Add images, to be preprocessed in the order of their indices; each is added once."""
        self._is_pending[indices] = True
        self._pending += len(indices)
        # A prioritized image may have moved the start of the search past these.
        self._search_from = min(self._search_from, int(indices.min(initial=self._search_from)))

    def prioritize(self, indices: Iterable[int]) -> None:
        """Submit these images next, and return them before others that are done.

        Replaces the images that were prioritized before.
        """
        self._prioritized = deque(indices)
        prioritized, others = self._submitted
        submitted = prioritized | others
        prioritized.clear()
        prioritized.update((i, submitted.pop(i)) for i in self._prioritized if i in submitted)
        others.clear()
        others.update(submitted)

    def next_batch(self, count: int, in_flight: int) -> list[PreprocessedImage]:
        """Wait for the next images and return up to `count`; submit the following ones.

        A slow image does not hold up those that are done. After a cancel there are fewer, or none.
        In all batches `in_flight` images are encoded at once.
        """
        self._submit_pending(count, in_flight)
        prioritized, others = self._submitted
        self._collect_done(min(count, len(prioritized) + len(others)) - len(self._ready()))
        batch = self._ready()[:count]
        for item in batch:
            (prioritized if item.index in prioritized else others).pop(item.index)
        self._submit_pending(count, in_flight)
        return batch

    def stop(self) -> None:
        """Skip all tasks that did not start yet; `next_batch` must not be called afterwards."""
        self._is_stopped = True

    def _ready(self) -> list[PreprocessedImage]:
        """Return the finished images, prioritized ones first, else in submission order."""
        return [item for images in self._submitted for item in images.values() if item is not None]

    def _collect_done(self, minimum: int) -> None:
        """Wait until at least `minimum` more images are done; re-raise an exception of a thread.

        To wake for each image would cost computing time, four times as often.
        """
        with self._cancel.calling(self._wake), self._condition:
            self._wake_at = minimum
            self._condition.wait_for(
                lambda: len(self._done) >= self._wake_at or self._cancel.is_cancelled
            )
            done, self._done = self._done, []
        prioritized, others = self._submitted
        for item in done:
            if isinstance(item, BaseException):
                raise item
            (prioritized if item.index in prioritized else others)[item.index] = item

    def _add_done(self, item: PreprocessedImage | BaseException) -> None:
        with self._condition:
            self._done.append(item)
            if isinstance(item, BaseException):
                self._wake_at = 0
            if len(self._done) >= self._wake_at:
                self._condition.notify()

    def _wake(self) -> None:
        with self._condition:
            self._condition.notify()

    def _submit_pending(self, count: int, in_flight: int) -> None:
        """Submit images up to the prefetch limit; prioritized ones up to a batch beyond it."""
        limit = prefetch_limit(self._spec, in_flight)
        prioritized, others = self._submitted
        while self._prioritized and len(prioritized) + len(others) < limit + count:
            index = self._prioritized.popleft()
            if self._is_pending[index]:
                prioritized[index] = None
                self._submit(index)
        while self._pending and len(prioritized) + len(others) < limit:
            index = self._first_pending()
            others[index] = None
            self._submit(index)

    def _first_pending(self) -> int:
        """Return the first pending image; there must be one."""
        while True:
            block = self._is_pending[self._search_from : self._search_from + _SEARCH_BLOCK]
            found = np.flatnonzero(block)
            if len(found):
                self._search_from += int(found[0])
                return self._search_from
            self._search_from += _SEARCH_BLOCK

    def _submit(self, index: int) -> None:
        self._is_pending[index] = False
        self._pending -= 1
        self._pools.io.submit(self._run_step, self._fetch_step, index)

    def _fetch_step(self, index: int) -> None:
        """Read an image's file on a thread of the io pool; the cpu pool preprocesses it."""
        path = self._paths[index]
        try:
            if self._spool:
                self._spool.fetch(index, self._cancel)
        except ImageError as error:
            self._add_done(PreprocessedImage(index, path, None, None, remark=error.reason))
            return
        content, cached = _fetch(path, self._cache, self._cancel)
        if cached is not None:
            self._discard(index)
            self._add_done(PreprocessedImage(index, path, content, None, cached))
        else:
            self._pools.cpu.submit(self._run_step, self._preprocess_step, index, content)

    def _preprocess_step(self, index: int, content: str | None) -> None:
        done = _preprocess(index, self._paths[index], self._spec, content, self._cancel)
        self._discard(index)
        self._add_done(done)

    def _discard(self, index: int) -> None:
        if self._spool:
            self._spool.discard(index)

    def _run_step(self, step: Callable[..., None], *args: object) -> None:
        """Call `step` unless stopped or cancelled; hand its exception to `next_batch`."""
        if self._is_stopped or self._cancel.is_cancelled:
            return
        try:
            step(*args)
        except CancelledError:
            return
        except BaseException as error:  # noqa: BLE001 - see above
            self._add_done(error)


def prefetch_limit(spec: ImageSpec, in_flight: int) -> int:
    """Return how many images to preprocess ahead if `in_flight` are encoded at once.

    A few times as many, and work for every thread, but no more than a share of the free memory.
    """
    wanted = max(in_flight * (1 + BATCHES_AHEAD), 2 * available_cpus())
    image_bytes = 3 * spec.size * spec.size * 4
    return max(in_flight, min(wanted, int(MEMORY_SHARE * free_bytes() / image_bytes)))
