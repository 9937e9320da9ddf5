"""Small pictures for the window: decoded off the GUI thread, newest request first."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QImage, QPixmap

from nameplate.domain.errors import ImageError
from nameplate.storage import decode

if TYPE_CHECKING:
    from PIL.Image import Image

_SIDES: Final = (128, 256, 512, 1024)
_THREADS: Final = 2
_QUEUED: Final = 500
_KEPT_BYTES: Final = 256 * 2**20
_DRAIN_MS: Final = 24
_LOG = logging.getLogger(__name__)

_Key = tuple[Path, int]
_K = TypeVar("_K", bound=Hashable)


class PixmapCache(Generic[_K]):
    """The pixmaps that were used last, as many as fit into a number of bytes. GUI thread only."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._pixmaps: OrderedDict[_K, QPixmap] = OrderedDict()

    def __len__(self) -> int:
        return len(self._pixmaps)

    def get(self, key: _K) -> QPixmap | None:
        """Return the pixmap of `key`, which is then the one used last."""
        pixmap = self._pixmaps.get(key)
        if pixmap is not None:
            self._pixmaps.move_to_end(key)
        return pixmap

    def put(self, key: _K, pixmap: QPixmap) -> None:
        """Keep `pixmap`; those not used for the longest time make room for it."""
        old = self._pixmaps.pop(key, None)
        self._bytes += _cost(pixmap) - (_cost(old) if old is not None else 0)
        self._pixmaps[key] = pixmap
        while self._bytes > self._max_bytes and len(self._pixmaps) > 1:
            self._bytes -= _cost(self._pixmaps.popitem(last=False)[1])

    def clear(self) -> None:
        """Keep nothing."""
        self._pixmaps.clear()
        self._bytes = 0


class ThumbnailLoader(QObject):
    """Makes thumbnails on two threads and keeps the ones used last in memory.

    What is asked for last is made first, since it is what the person looks at now; what was asked
    for long ago and scrolled away is dropped, and asked for again when it is painted again.

    Signals:
        loaded: The thumbnail of a path (as `str`) is there, or is known never to come. Thumbnails
            that are made at nearly the same time are announced together.
    """

    # As an object: Qt's own strings would lose bytes of a path that are not UTF-8.
    loaded = Signal(object)
    _woken = Signal()

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        max_bytes: int = _KEPT_BYTES,
        max_queued: int = _QUEUED,
    ) -> None:
        super().__init__(parent)
        self._max_queued = max_queued
        self._cache: PixmapCache[_Key] = PixmapCache(max_bytes)
        self._failed: set[Path] = set()
        # What follows is shared with the threads and guarded by the condition.
        self._changed = threading.Condition()
        self._queue: OrderedDict[_Key, None] = OrderedDict()
        self._in_work: set[_Key] = set()
        self._made: list[tuple[_Key, QImage]] = []
        self._is_closed = False
        self._threads: list[threading.Thread] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_DRAIN_MS)
        self._timer.timeout.connect(self._drain)
        self._woken.connect(self._timer.start, Qt.ConnectionType.QueuedConnection)

    def pixmap(self, path: Path, side_px: int) -> QPixmap | None:
        """Return the thumbnail if it is there, else ask for it.

        Args:
            path: The image.
            side_px: The longest side it is shown with, in device pixels. Sizes are rounded up to
                a few steps, so zooming seldom decodes anew.

        Returns:
            The thumbnail; or one of another size while the right one is made; or None.
        """
        side = bucket(side_px)
        found = self._cache.get((path, side))
        if found is not None or path in self._failed:
            return found
        self._request((path, side))
        others = (self._cache.get((path, other)) for other in reversed(_SIDES) if other != side)
        return next((pixmap for pixmap in others if pixmap is not None), None)

    @property
    def is_idle(self) -> bool:
        """Whether nothing that was asked for is still to come."""
        with self._changed:
            return not (self._queue or self._in_work or self._made)

    def has_failed(self, path: Path) -> bool:
        """Whether `path` was tried and cannot be shown."""
        return path in self._failed

    def shut_down(self) -> None:
        """Drop the queue and wait for the threads; nothing is made or announced afterwards."""
        with self._changed:
            self._is_closed = True
            self._queue.clear()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        self._timer.stop()
        self._made.clear()

    def _request(self, key: _Key) -> None:
        with self._changed:
            if self._is_closed or key in self._in_work:
                return
            self._queue[key] = None
            self._queue.move_to_end(key)
            if len(self._queue) > self._max_queued:
                self._queue.popitem(last=False)
            self._changed.notify()
        if not self._threads:
            self._start()

    def _start(self) -> None:
        for number in range(_THREADS):
            name = f"thumbnails-{number}"
            thread = threading.Thread(target=self._work, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue or self._is_closed)
                if self._is_closed:
                    return
                key, _ = self._queue.popitem(last=True)
                self._in_work.add(key)
            image = _make(*key)
            with self._changed:
                if self._is_closed:
                    return
                # The key stays in work until `_drain` has kept the pixmap: asking for it
                # meanwhile must not make it twice.
                is_first = not self._made
                self._made.append((key, image))
            if is_first and not _emit(self._woken.emit):
                return

    @Slot()
    def _drain(self) -> None:
        with self._changed:
            made, self._made = self._made, []
            self._in_work.difference_update(key for key, _ in made)
        for (path, side), image in made:
            if image.isNull():
                self._failed.add(path)
            else:
                self._cache.put((path, side), QPixmap.fromImage(image))
        for path in dict.fromkeys(path for (path, _), _ in made):
            self.loaded.emit(str(path))


def bucket(side_px: int) -> int:
    """Return the size that thumbnails shown with `side_px` are made in."""
    return next((side for side in _SIDES if side >= side_px), _SIDES[-1])


def _make(path: Path, side: int) -> QImage:
    try:
        return _as_qimage(decode.thumbnail(path, side).image)
    except ImageError:
        # The import tells the person why; here a null image says not to try again.
        return QImage()
    except Exception:  # noqa: BLE001 - one odd file must not end the thread for all others
        _LOG.exception("no thumbnail of %s", path)
        return QImage()


def _as_qimage(image: "Image") -> QImage:
    # The pixmap's own format: `QPixmap.fromImage` is then free on the GUI thread. Its fourth byte
    # must be 255 (Pillow's "BGRX" writes 0), or scaling makes the picture vanish. The copy owns
    # its bytes, which the constructor only borrows.
    width, height = image.size
    data = image.convert("RGBA").tobytes("raw", "BGRA")
    return QImage(data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()


def _emit(emit: Callable[..., Any]) -> bool:
    try:
        emit()
    except RuntimeError:  # the window, and the loader's Qt half with it, went away unannounced
        return False
    return True


def _cost(pixmap: QPixmap) -> int:
    return pixmap.width() * pixmap.height() * 4
