"""From image files to the pixels of the image encoder, in threads that work ahead of it."""

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

from nameplate.domain.errors import ImageError
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.imaging.cost import is_plain
from nameplate.inference.specs import ImageSpec
from nameplate.pipeline.pools import Workers, threads
from nameplate.storage.embedding_cache import EmbeddingCache, content_key
from nameplate.system.child_messages import Message, Room
from nameplate.system.file_status import read_through
from nameplate.system.memory import free_bytes, room_for

if TYPE_CHECKING:
    from nameplate.imaging.decode import DecodedImage

BATCHES_AHEAD: Final = 1
"""Beside the ones that are next, so that the encoder never waits for an image that takes long."""

DRAFT: Final = 1.25
"""A JPEG is decoded small while both of its sides stay 2.5 x what the model resizes them to. At 2 x
one of 24 large photos came out with a cosine below 0.999 to the whole one (0.9987), at 2.5 x none
(docs/adr/0008-pipeline.md)."""

_STRIDE: Final = 1024

PIXELS: Final = "pixels"
"""The task of a child that makes what the image encoder sees."""

SHARE: Final = 0.1
"""Of the free memory, the part that may hold pixels which wait for the encoder."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An image that was read, or could not be.

    Attributes:
        index: Whose it is; the caller's number.
        path: The file.
        content: Its content key; None where there is no cache, or it cannot be read.
        pixels: float32, 3 x size x size; None where the image cannot be read or `known` is there.
        known: float32, D: its embedding, where the cache knows its content under another name.
        remark: What is odd about the file, or why it cannot be read.
    """

    index: int
    path: Path
    content: str | None
    pixels: NDArray[np.float32] | None
    known: NDArray[np.float32] | None = None
    remark: str = ""


def read_pixels(
    path: Path, spec: ImageSpec, cancel: CancelToken | None = None
) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """Return what the image encoder sees of a file, and what is odd about the file.

    Args:
        path: The file.
        spec: Of the model.
        cancel: Ends what is done in another process.

    Returns:
        float32, 3 x size x size, and notes as in `DecodedImage`.

    Raises:
        ImageError: It cannot be read.
        CancelledError: `cancel` was set.
    """
    if is_plain(path):
        return _decoded_pixels(path, spec, partial(room_for, cancel=cancel))
    from nameplate.imaging import pictures  # noqa: PLC0415 - see `decode`

    reply = pictures.read_in_child(PIXELS, path, {"spec": asdict(spec)}, cancel)
    with pictures.checked_answer(path):
        seen = np.frombuffer(reply.blob, np.float32).reshape(3, spec.size, spec.size)
        return seen, pictures.notes_of(reply)


def _decoded_pixels(
    path: Path, spec: ImageSpec, room: Room
) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """As `read_pixels`, in this process."""
    from nameplate.inference.preprocess import pixels  # noqa: PLC0415 - see `decode`

    decoded = decode(path, draft_side=math.ceil(DRAFT * spec.resized), room=room)
    # A picture that was decoded small is not that of the reference to the last level anyway.
    is_whole = decoded.image.size == (decoded.width, decoded.height)
    return pixels(decoded.image, spec, is_exact=is_whole), decoded.notes


def pixels_task(arguments: Mapping[str, Any], room: Room) -> Message:
    """Do in a child what `read_pixels` asks for."""
    path = Path(arguments["path"])
    seen, notes = _decoded_pixels(path, ImageSpec(**arguments["spec"]), room)
    return Message({"notes": notes}, seen.tobytes())


def decode(path: Path, *, draft_side: int, room: Room) -> "DecodedImage":
    """Call `nameplate.imaging.decode.decode`, which brings Pillow when a picture is first read."""
    from nameplate.imaging import decode as images  # noqa: PLC0415 - see above

    return images.decode(path, draft_side=draft_side, room=room)


def _fetch(
    path: Path, cache: EmbeddingCache | None, cancel: CancelToken
) -> tuple[str | None, NDArray[np.float32] | None]:
    """Read a file once, so that the system has it in memory; what is wrong with it shows later.

    Returns:
        `content` and `known` as in `Prepared`.

    Raises:
        CancelledError: `cancel` was set.
    """
    try:
        if not path.is_file():  # opening a pipe would wait for ever
            return None, None
        if cache is None:
            read_through(path, cancel)
            return None, None
        content = content_key(path, cancel)
    except (OSError, ValueError):  # ValueError: a NUL in the path
        return None, None
    return content, cache.find_content(path, content)


def _prepare(
    index: int, path: Path, spec: ImageSpec, content: str | None, cancel: CancelToken
) -> Prepared:
    """Decode one image; never raises for what is wrong with it.

    Raises:
        CancelledError: `cancel` was set.
    """
    try:
        seen, notes = read_pixels(path, spec, cancel)
    except ImageError as error:
        return Prepared(index, path, content, None, remark=error.what)
    return Prepared(index, path, content, seen, remark="; ".join(notes))


class Reader:
    """Prepares images ahead of the encoder, those that are urgent first, within bounds."""

    def __init__(
        self,
        workers: Workers,
        paths: Sequence[Path],
        spec: ImageSpec,
        cache: EmbeddingCache | None,
        cancel: CancelToken,
    ) -> None:
        self._cancel = cancel
        self._workers = workers
        self._paths = paths
        self._spec = spec
        self._cache = cache
        self._waits = np.zeros(len(paths), dtype=np.bool_)
        self._count = 0
        self._first = 0  # none before it waits
        self._urgent = deque[int]()
        # By index, None until it is prepared; urgent ones in the first.
        self._started = (dict[int, Prepared | None](), dict[int, Prepared | None]())
        self._finished: list[Prepared | BaseException] = []
        self._wanted = 0  # so many of them wake the thread that takes
        self._are_there = threading.Condition()
        self._is_stopped = False

    @property
    def is_busy(self) -> bool:
        """Whether there is an image to take."""
        return self._count > 0 or any(self._started)

    def add(self, indices: NDArray[np.int64]) -> None:
        """Let images be prepared, in the order of their indices; each is added once."""
        self._waits[indices] = True
        self._count += len(indices)
        # An image that was urgent once may have led the search past these.
        self._first = min(self._first, int(indices.min(initial=self._first)))

    def hurry(self, indices: Iterable[int]) -> None:
        """Let these images be begun first, and be taken first of those that are ready.

        What was urgent before is forgotten.
        """
        self._urgent = deque(indices)
        urgent, others = self._started
        left = urgent | others
        urgent.clear()
        urgent.update((index, left.pop(index)) for index in self._urgent if index in left)
        others.clear()
        others.update(left)

    def take(self, count: int, at_once: int) -> list[Prepared]:
        """Return the next images, at most `count`; waits for them, and starts those that follow.

        An image that takes long does not hold up those that are ready. After a cancel there are
        fewer, or none.

        Args:
            count: Of a batch.
            at_once: How many images are encoded at once, in all batches.
        """
        self._start(count, at_once)
        urgent, others = self._started
        self._note_finished(min(count, len(urgent) + len(others)) - len(self._ready()))
        for item in (chosen := self._ready()[:count]):
            (urgent if item.index in urgent else others).pop(item.index)
        self._start(count, at_once)
        return chosen

    def stop(self) -> None:
        """Decode no more of what was started; nothing is taken after that."""
        self._is_stopped = True

    def _ready(self) -> list[Prepared]:
        """Return what is prepared, urgent ones first, in the order in which they were started."""
        return [item for started in self._started for item in started.values() if item is not None]

    def _note_finished(self, least: int) -> None:
        """Keep what the workers made; waits for as many as `least`; raises what they raised.

        To wake for each would take a core from what it does, four times as often.
        """
        with self._cancel.calling(self._wake), self._are_there:
            self._wanted = least
            self._are_there.wait_for(
                lambda: len(self._finished) >= self._wanted or self._cancel.is_cancelled
            )
            finished, self._finished = self._finished, []
        urgent, others = self._started
        for item in finished:
            if isinstance(item, BaseException):
                raise item
            (urgent if item.index in urgent else others)[item.index] = item

    def _finish(self, item: Prepared | BaseException) -> None:
        with self._are_there:
            self._finished.append(item)
            if isinstance(item, BaseException):
                self._wanted = 0
            if len(self._finished) >= self._wanted:
                self._are_there.notify()

    def _wake(self) -> None:
        with self._are_there:
            self._are_there.notify()

    def _start(self, count: int, at_once: int) -> None:
        """Start what there is room for: urgent ones also where the others fill it."""
        most = look_ahead(self._spec, at_once)
        urgent, others = self._started
        while self._urgent and len(urgent) + len(others) < most + count:
            index = self._urgent.popleft()
            if self._waits[index]:
                urgent[index] = None
                self._submit(index)
        while self._count and len(urgent) + len(others) < most:
            index = self._next()
            others[index] = None
            self._submit(index)

    def _next(self) -> int:
        """Return the first image that waits; there must be one."""
        while not len(found := np.flatnonzero(self._waits[self._first : self._first + _STRIDE])):
            self._first += _STRIDE
        self._first += int(found[0])
        return self._first

    def _submit(self, index: int) -> None:
        self._waits[index] = False
        self._count -= 1
        self._workers.fetching.submit(self._passing_on, self._fetched, index)

    def _fetched(self, index: int) -> None:
        """Fetch an image, on a thread that may wait for the drive; one that computes decodes it."""
        path = self._paths[index]
        content, known = _fetch(path, self._cache, self._cancel)
        if known is not None:
            self._finish(Prepared(index, path, content, None, known))
        else:
            self._workers.computing.submit(self._passing_on, self._decoded, index, content)

    def _decoded(self, index: int, content: str | None) -> None:
        self._finish(_prepare(index, self._paths[index], self._spec, content, self._cancel))

    def _passing_on(self, step: Callable[..., None], *args: object) -> None:
        """Call `step` unless it is too late; what it raises is raised where images are taken."""
        if self._is_stopped or self._cancel.is_cancelled:
            return
        try:
            step(*args)
        except CancelledError:
            return
        except BaseException as error:  # noqa: BLE001 - see above
            self._finish(error)


def look_ahead(spec: ImageSpec, at_once: int) -> int:
    """Return how many images may be prepared before they are taken, where so many are `at_once`.

    A few times that, and work for every thread, but not more than a share of the free memory holds.
    """
    wanted = max(at_once * (1 + BATCHES_AHEAD), 2 * threads())
    held = 3 * spec.size * spec.size * 4
    return max(at_once, min(wanted, int(SHARE * free_bytes() / held)))
