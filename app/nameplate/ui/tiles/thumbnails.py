"""Thumbnails for the window: read, scaled and rounded in background threads."""

import logging
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PIL import Image
from PySide6.QtCore import QObject, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QBrush, QImage, QPixmap

from nameplate.domain.errors import ImageError
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.imaging import pictures
from nameplate.imaging.thumbnail_cache import ThumbnailCache
from nameplate.pipeline.fetching import Fetching
from nameplate.pipeline.reading.pools import lower_thread_priority
from nameplate.ui.tiles.pixmap_cache import LruCache, bytes_of
from nameplate.ui.tiles.thumbnail_queue import Fit, ThumbnailQueue, ThumbnailRequest
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.painting import smooth_painter

_SIDES: Final = (128, 256, 320, 512, 1024)
"""320 is the side of the thumbnail inside a phone's HEIC file, which is fast to read; a tile of the
default size takes 292 pixels at a device pixel ratio of 2."""

_THREADS: Final = 2
_KEPT_BYTES: Final = 64 * 2**20
_DRAIN_MS: Final = 24
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Made:
    wanted: ThumbnailRequest
    image: QImage
    in_round: int


@dataclass(frozen=True, slots=True)
class _Shown:
    fit: Fit
    pixmap: QPixmap


class ThumbnailLoader(QObject):
    """Makes thumbnails on two threads, with an LRU cache in memory.

    The pixmaps need no further work: scaling and rounding a page of tiles in the GUI thread would
    take longer than a frame.

    Signals:
        loaded: The thumbnails of some paths are ready, or have failed; a set of Path.
        problem_occurred: The `Message` on why thumbnails are not cached on disk; once at most.
    """

    loaded = Signal(object)
    problem_occurred = Signal(object)
    _woken = Signal()

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        cache: ThumbnailCache | None = None,
        fetching: Fetching | None = None,
    ) -> None:
        """Make a loader, whose `shut_down` closes the cache."""
        super().__init__(parent)
        self._fetching = fetching or Fetching()
        self.on_disk: Final = cache
        self._shown: LruCache[Path, _Shown] = LruCache(_KEPT_BYTES, lambda s: bytes_of(s.pixmap))
        self._failed: set[Path] = set()
        self._queue = ThumbnailQueue()
        self._lock = threading.Lock()
        self._made: list[_Made] = []
        self._round = 0  # of trying: what failed in an earlier one says nothing any more
        self._is_closed = False
        self._cancel = CancelToken()
        self._has_told = False
        self._threads: list[threading.Thread] = []
        self._asked: list[ThumbnailRequest] = []
        # A page of tiles requests at once: one lock each would let other threads run in between.
        self._sending = Later(self, 0, self._send)
        self._timer = Later(self, _DRAIN_MS, self._drain)
        self._woken.connect(self._timer.start, Qt.ConnectionType.QueuedConnection)

    def pixmap(self, path: Path, fit: Fit) -> QPixmap | None:
        """Return the thumbnail for `fit` if it is cached, else request it.

        Returns:
            The pixmap; or one of another size while the right one is made; or None.
        """
        found = self._shown.get(path)
        if path not in self._failed and (found is None or found.fit != fit):
            self._asked.append(ThumbnailRequest(path, fit))
            self._sending.ask()
        return found.pixmap if found else None

    def prefetch(self, shown: Collection[Path], ahead: Sequence[Path], fit: Fit) -> None:
        """Drop requests that are no longer `shown`; make those `ahead` when idle."""
        self._send()
        missing = [p for p in ahead if p not in self._failed and not self._has(p, fit)]
        self._queue.prefetch(shown, [ThumbnailRequest(path, fit) for path in missing])
        if missing:
            self._start()

    @property
    def is_idle(self) -> bool:
        """Whether no request is pending."""
        return not self._asked and self._queue.is_idle

    def has_failed(self, path: Path) -> bool:
        """Whether making the thumbnail of `path` failed."""
        return path in self._failed

    def try_again(self) -> None:
        """Make the thumbnails that failed, or are failing, when they are asked for next."""
        self._round += 1
        failed, self._failed = self._failed, set()
        self.loaded.emit(failed)

    def shut_down(self) -> None:
        """Drop the queue and wait for the threads; nothing is made or emitted afterwards."""
        self._is_closed = True
        self._cancel.cancel()
        self._queue.close()
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        self._timer.stop()
        self._sending.stop()
        self._asked.clear()
        self._queue.task_done([one.wanted for one in self._made])
        self._made.clear()
        if self.on_disk is not None:
            self.on_disk.close()

    def _has(self, path: Path, fit: Fit) -> bool:
        found = self._shown.get(path)
        return found is not None and found.fit == fit

    @Slot()
    def _send(self) -> None:
        asked, self._asked = self._asked, []
        if asked:
            self._queue.put(asked)
            self._start()

    def _start(self) -> None:
        if self._threads or self._is_closed:
            return
        for number in range(_THREADS):
            thread = threading.Thread(
                target=self._work, args=(number == 0,), name=f"thumbnails-{number}", daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def _work(self, prefetches: bool) -> None:
        lower_thread_priority()
        while (wanted := self._queue.get(prefetches=prefetches)) is not None:
            in_round = self._round
            made = _Made(wanted, self._make(wanted), in_round)
            with self._lock:
                # It stays marked as being made until `_drain` has stored the pixmap, so that a
                # request meanwhile does not make it twice.
                is_first = not self._made
                self._made.append(made)
            if is_first and not self._is_closed and not _emit(self._woken.emit):
                return

    def _make(self, wanted: ThumbnailRequest) -> QImage:
        side = bucket(max(wanted.fit.width, wanted.fit.height))
        try:
            self._fetching.bring(wanted.path, self._cancel)
            if self.on_disk is None:
                return fitted(pictures.thumbnail(wanted.path, side, self._cancel).image, wanted.fit)
            return fitted(self.on_disk.thumbnail(wanted.path, side, self._cancel), wanted.fit)
        except (ImageError, CancelledError):
            # Embedding reports the reason; here a null image means do not try again.
            return QImage()
        except Exception:  # noqa: BLE001 - one odd file must not end the thread for all others
            _LOG.exception("no thumbnail of %s", wanted.path)
            return QImage()

    @Slot()
    def _drain(self) -> None:
        with self._lock:
            made, self._made = self._made, []
        for one in made:
            wanted = one.wanted
            if not one.image.isNull():
                self._shown.put(wanted.path, _Shown(wanted.fit, QPixmap.fromImage(one.image)))
            elif one.in_round == self._round:
                self._failed.add(wanted.path)
        self._queue.task_done([one.wanted for one in made])
        self.loaded.emit({one.wanted.path for one in made})
        if self.on_disk is not None and self.on_disk.problem and not self._has_told:
            self._has_told = True
            self.problem_occurred.emit(self.on_disk.problem)


def bucket(side_px: int) -> int:
    """Return the side, in pixels, at which thumbnails shown with `side_px` are read and cached.

    A few sizes only, so that zooming seldom reads a file again.
    """
    return next((side for side in _SIDES if side >= side_px), _SIDES[-1])


def fitted(image: Image.Image, fit: Fit) -> QImage:
    """Return `image` (RGB) scaled into the box of `fit`, with its aspect ratio and rounded corners.

    Thread-safe. The result has the format of pixmaps with alpha, so that converting it in the GUI
    thread costs nothing.
    """
    room = QSize(fit.width, fit.height)
    size = QSize(*image.size).scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
    width, height = max(1, size.width()), max(1, size.height())
    if (width, height) != image.size:
        image = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    # The fourth byte must be 255; Pillow's "BGRX" writes 0. The bytes must outlive the image.
    data = image.convert("RGBA").tobytes("raw", "BGRA")
    square = QImage(data, width, height, 4 * width, QImage.Format.Format_RGB32)
    rounded = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    rounded.fill(Qt.GlobalColor.transparent)
    with smooth_painter(rounded) as painter:
        painter.setBrush(QBrush(square))
        painter.drawRoundedRect(QRectF(0, 0, width, height), fit.radius, fit.radius)
    return rounded


def _emit(emit: Callable[..., Any]) -> bool:
    try:
        emit()
    except (
        RuntimeError
    ):  # the window and the C++ part of the loader were deleted without `shut_down`
        return False
    return True
