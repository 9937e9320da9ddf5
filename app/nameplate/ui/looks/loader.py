"""Decodes pictures for the large view and compare in background threads, with a cache."""

import itertools
import logging
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image
from PySide6.QtCore import QObject, QRectF, QSizeF, Qt, Signal, Slot
from PySide6.QtGui import QImage

from nameplate.domain.errors import ImageError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.imaging.pictures import picture
from nameplate.pipeline.fetching import Fetching
from nameplate.pipeline.reading.pools import lower_thread_priority
from nameplate.ui.tiles.pixmap_cache import LruCache
from nameplate.ui.widgets.picture import to_qimage
from nameplate.ui.widgets.zoom import Room, Zoom
from nameplate.wording.texts import what_of

_THREADS: Final = 2
"""For what is wanted; one more, which gives way to all others, makes what is wanted later."""

_KEPT_BYTES: Final = 192 * 2**20
_KEPT_FULL_BYTES: Final = 640 * 2**20
"""Nine pictures of 12 million pixels with their smaller copies; the grid keeps none of it."""

_LEAST_SIDE: Final = 1600
"""Of a picture that needs a copy of half its size."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PictureRequest:
    """A picture to decode.

    Attributes:
        path: The file.
        width: Of the room that it must fit into, in device pixels.
        height: Likewise.
        most: The largest scale at which it is fitted into the room; see `Room`.
        is_full: Whether all of its pixels are wanted, `width` x `height` at most in number.
    """

    path: Path
    width: int
    height: int
    most: float = 1.0
    is_full: bool = False


@dataclass(frozen=True, slots=True)
class LoadedPicture:
    """The result of a request.

    Attributes:
        request: The request.
        image: The picture at the wanted size, or smaller if the file is; null if unreadable.
        size: Width and height of the original.
        problem: Why there is no picture; empty where there is one.
        note: What is wrong with the file although there is a picture.
        smaller: Copies of a picture with all its pixels, ascending, each half of the next, so that
            it can be painted well in any size.
    """

    request: PictureRequest
    image: QImage
    size: tuple[int, int] = (0, 0)
    problem: str = ""
    note: str = ""
    smaller: tuple[QImage, ...] = ()

    @property
    def sizes(self) -> tuple[QImage, ...]:
        """The picture in all sizes, ascending; none if it cannot be read."""
        return () if self.problem else (*self.smaller, self.image)


class PictureLoader(QObject):
    """Decodes the wanted pictures, most urgent first, and drops unwanted ones.

    One list of requests replaces the other, so nothing queues up while a person hurries on. What
    another process decodes, since it may take long, is stopped once it is not wanted any more.

    Signals:
        loaded: A request has been answered, well or not; the `Path`.
    """

    loaded = Signal(object)
    _woken = Signal()

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        fetching: Fetching | None = None,
        max_bytes: int = _KEPT_BYTES,
    ) -> None:
        """Make a loader that keeps up to `max_bytes` of pictures at the size of the screen."""
        super().__init__(parent)
        self._fetching = fetching or Fetching()
        self._max_bytes = max_bytes
        self._fitted = LruCache[Path, LoadedPicture](max_bytes, _bytes_of)
        self._full = LruCache[Path, LoadedPicture](_KEPT_FULL_BYTES, _bytes_of)
        self._changed = threading.Condition()
        self._wanted: list[PictureRequest] = []
        self._later: list[PictureRequest] = []
        self._in_work: dict[PictureRequest, CancelToken] = {}
        self._made: list[LoadedPicture] = []
        self._round = 0  # of trying: what failed in an earlier one says nothing any more
        self._is_closed = False
        self._threads: list[threading.Thread] = []
        self._woken.connect(self._drain, Qt.ConnectionType.QueuedConnection)

    def fitted(self, path: Path) -> LoadedPicture | None:
        """Return the cached picture at the size of the screen, or of an earlier room; else None."""
        return self._fitted.get(path)

    def full(self, path: Path) -> LoadedPicture | None:
        """Return the cached picture with all its pixels; else None."""
        return self._full.get(path)

    def fits(self, requests: Sequence[PictureRequest]) -> Sequence[PictureRequest]:
        """Return as many of `requests` as the cache holds, at least one."""
        sizes = itertools.accumulate(4 * request.width * request.height for request in requests)
        return requests[: max(1, sum(size <= self._max_bytes for size in sizes))]

    def want(
        self, requests: Sequence[PictureRequest], later: Sequence[PictureRequest] = ()
    ) -> None:
        """Decode missing pictures in this order, and nothing else.

        Args:
            requests: At once.
            later: While nothing else has work for the processor.
        """
        missing = [request for request in requests if not self._has(request)]
        missing_later = [request for request in later if not self._has(request)]
        with self._changed:
            self._wanted, self._later = missing, missing_later
            for request, token in self._in_work.items():
                if request not in missing and request not in missing_later:
                    token.cancel()
            self._changed.notify_all()
        if (missing or missing_later) and not self._threads and not self._is_closed:
            self._start()

    @property
    def is_idle(self) -> bool:
        """Whether all wanted pictures are decoded."""
        with self._changed:
            return not (self._wanted or self._later or self._in_work)

    def keep_full(self, paths: Collection[Path]) -> None:
        """Drop the full-size pixels of all pictures but these."""
        self._full.keep_only(paths)

    def forget(self) -> None:
        """Drop all pictures, since their files may have changed."""
        self.want(())
        self._fitted.clear()
        self._full.clear()

    def try_again(self) -> None:
        """Drop what failed, or is failing, so that it is done anew when it is wanted next."""
        with self._changed:
            self._round += 1
            failed = [one.request for one in self._made if one.problem]
            self._made = [one for one in self._made if not one.problem]
            for request in failed:
                self._in_work.pop(request, None)
            self._changed.notify_all()
        for kept in (self._fitted, self._full):
            kept.drop(lambda loaded: bool(loaded.problem))

    def shut_down(self) -> None:
        """Drop all requests and wait for the threads; nothing is emitted afterwards."""
        self.want(())
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def _has(self, request: PictureRequest) -> bool:
        found = (self._full if request.is_full else self._fitted).get(request.path)
        return found is not None and (found.request == request or bool(found.problem))

    def _start(self) -> None:
        for number in range(_THREADS + 1):
            thread = threading.Thread(
                target=self._work,
                args=(number == _THREADS,),
                name=f"pictures-{number}",
                daemon=True,
            )
            self._threads.append(thread)
            thread.start()

    def _take(self, *, is_later: bool) -> tuple[PictureRequest, CancelToken] | None:
        """Wait for a request and return it; None once the loader is closed."""
        with self._changed:
            while not self._is_closed:
                for request in self._later if is_later else self._wanted:
                    if request not in self._in_work:
                        token = self._in_work[request] = CancelToken()
                        return request, token
                self._changed.wait()
        return None

    def _work(self, is_later: bool) -> None:
        if is_later:
            lower_thread_priority()
        while (taken := self._take(is_later=is_later)) is not None:
            in_round = self._round
            made = _made(*taken, self._fetching)
            with self._changed:
                if made is not None and made.problem and in_round != self._round:
                    made = None
                if made is None:
                    del self._in_work[taken[0]]  # cancelled or outdated; wanted again perhaps
                else:
                    # It stays in work until the window's thread has it, so that it is not done
                    # twice.
                    self._made.append(made)
                is_open = not self._is_closed
            is_answered, made = made is not None, None  # waiting, it must not hold the pixels
            if is_answered and is_open:
                self._woken.emit()

    @Slot()
    def _drain(self) -> None:
        with self._changed:
            made, self._made = self._made, []
            for one in made:
                self._in_work.pop(one.request, None)
            answered = {one.request for one in made}
            self._wanted = [request for request in self._wanted if request not in answered]
            self._later = [request for request in self._later if request not in answered]
        for one in made:
            (self._full if one.request.is_full else self._fitted).put(one.request.path, one)
        for one in made:
            self.loaded.emit(one.request.path)


def _bytes_of(loaded: LoadedPicture) -> int:
    return sum(image.sizeInBytes() for image in (*loaded.smaller, loaded.image))


def _made(request: PictureRequest, cancel: CancelToken, fetching: Fetching) -> LoadedPicture | None:
    """Return the result of `request`; None if it was cancelled."""
    try:
        return _decoded(request, cancel, fetching)
    except CancelledError:
        return None
    except MemoryError:
        return LoadedPicture(request, QImage(), problem=what_of(Message("picture-needs-memory")))
    except ImageError as error:
        return LoadedPicture(request, QImage(), problem=what_of(error.reason))
    except Exception:  # noqa: BLE001 - one odd file must not end the thread for all others
        _LOG.exception("cannot show %s", request.path)
        return LoadedPicture(request, QImage(), problem="This picture cannot be shown")


def _decoded(request: PictureRequest, cancel: CancelToken, fetching: Fetching) -> LoadedPicture:
    cancel.raise_if_cancelled()
    fetching.bring(request.path, cancel)
    shown = picture(request.path, max(request.width, request.height), cancel)
    image, size = shown.image, (shown.width, shown.height)
    if not request.is_full:
        room = Room(QRectF(0, 0, request.width, request.height), 1.0, request.most)
        box = Zoom().rect(QSizeF(*size), room)
        wanted = (round(box.width()), round(box.height()))
        if wanted[0] < image.width or wanted[1] < image.height:
            image = image.resize(wanted, Image.Resampling.LANCZOS, reducing_gap=2.0)
    cancel.raise_if_cancelled()
    made, smaller = to_qimage(image), list[QImage]()
    while request.is_full and max(image.size) > _LEAST_SIDE:
        image = image.reduce(2)
        smaller.insert(0, to_qimage(image))
    note = what_of(shown.note) if shown.note else ""
    return LoadedPicture(request, made, size, note=note, smaller=tuple(smaller))
