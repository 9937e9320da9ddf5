"""Thumbnails for the window: read, scaled and rounded in background threads."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image
from PySide6.QtCore import QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QImage, QPixmap

from nameplate.domain.errors import ImageError
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.imaging import pictures
from nameplate.imaging.thumbnail_cache import ThumbnailCache
from nameplate.ui.tiles.picture_threads import PictureThreads
from nameplate.ui.tiles.pixmap_cache import LruCache, bytes_of
from nameplate.ui.widgets.later import Later
from nameplate.ui.widgets.painting import smooth_painter

_SIDES: Final = (128, 256, 320, 512, 1024)
"""320 is the side of the thumbnail inside a phone's HEIC file, which is fast to read; a tile of the
usual size takes 284 pixels at a device pixel ratio of 2."""

_QUEUED: Final = 500
_KEPT_BYTES: Final = 64 * 2**20
_DRAIN_MS: Final = 24
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fit:
    """The box that a picture is fitted into, in device pixels.

    Attributes:
        width: Of the box.
        height: Likewise.
        radius: Of the rounded corners.
    """

    width: int
    height: int
    radius: float = 0.0


Request = tuple[Path, Fit]
"""A requested thumbnail: file and box."""


class ThumbnailLoader(PictureThreads[Request, QImage]):
    """Makes thumbnails, with an LRU cache in memory.

    The newest request is served first, since it is what is visible now. The pixmaps need no
    further work: scaling and rounding a page of tiles in the GUI thread would take longer than a
    frame.

    Signals:
        loaded: The thumbnails of some paths are ready, or have failed; a set of Path.
        problem_occurred: The `Message` on why thumbnails are not cached on disk; once at most.
    """

    loaded = Signal(object)
    problem_occurred = Signal(object)

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        cache: ThumbnailCache | None = None,
    ) -> None:
        """Create a loader; `shut_down` closes the cache."""
        super().__init__(parent, "thumbnails", _DRAIN_MS)
        self.on_disk: Final = cache
        self._shown = LruCache[Path, tuple[Fit, QPixmap]](_KEPT_BYTES, lambda s: bytes_of(s[1]))
        self._failed: set[Path] = set()
        self._has_told = False
        self._asked: dict[Request, None] = {}  # the newest last
        self._ahead: list[Request] = []
        # A page of tiles requests at once: one lock each would let other threads run in between.
        self._sending = Later(self, 0, self._send)

    def pixmap(self, path: Path, fit: Fit) -> QPixmap | None:
        """Return the thumbnail for `fit` if it is cached, else request it.

        Returns:
            The pixmap; or one of another size while the right one is made; or None.
        """
        found = self._shown.get(path)
        if path not in self._failed and (found is None or found[0] != fit):
            self._asked.pop((path, fit), None)
            self._asked[path, fit] = None
            self._sending.ask()
        return found[1] if found else None

    def prefetch(self, shown: Collection[Path], ahead: Sequence[Path], fit: Fit) -> None:
        """Drop requests that are no longer `shown`; make those `ahead` when idle."""
        missing = [p for p in ahead if p not in self._failed and not self._has(p, fit)]
        self._ahead = [(path, fit) for path in missing]
        self._asked = {request: None for request in self._asked if request[0] in shown}
        self._send()

    @property
    def is_idle(self) -> bool:
        """Whether no request is pending."""
        return not self._sending.isActive() and super().is_idle

    def has_failed(self, path: Path) -> bool:
        """Whether making the thumbnail of `path` failed."""
        return path in self._failed

    def shut_down(self) -> None:
        """Drop the queue and wait for the threads; nothing is made or emitted afterwards."""
        super().shut_down()
        self._sending.stop()
        if self.on_disk is not None:
            self.on_disk.close()

    def _has(self, path: Path, fit: Fit) -> bool:
        found = self._shown.get(path)
        return found is not None and found[0] == fit

    def _send(self) -> None:
        """Send the requests to the threads, newest first.

        Beyond a few hundred, the oldest are dropped: they were scrolled away, and are made again
        when the tile is painted again.
        """
        for request in list(self._asked)[: max(0, len(self._asked) - _QUEUED)]:
            del self._asked[request]
        self._want([*reversed(self._asked)], self._ahead, stops_others=False)

    def _make(self, request: Request, cancel: CancelToken) -> QImage:
        path, fit = request
        side = bucket(max(fit.width, fit.height))
        try:
            if self.on_disk is None:
                return fitted(pictures.thumbnail(path, side, cancel).image, fit)
            return fitted(self.on_disk.thumbnail(path, side, cancel), fit)
        except (ImageError, CancelledError):
            # Embedding reports the reason; here a null image means do not try again.
            return QImage()
        except Exception:  # noqa: BLE001 - one odd file must not end the thread for all others
            _LOG.exception("no thumbnail of %s", path)
            return QImage()

    def _is_failure(self, made: QImage) -> bool:
        return made.isNull()

    def _deliver(self, made: Sequence[tuple[Request, QImage]]) -> None:
        for (path, fit), image in made:
            self._asked.pop((path, fit), None)
            if image.isNull():
                self._failed.add(path)
            else:
                self._shown.put(path, (fit, QPixmap.fromImage(image)))
        done = {request for request, _ in made}
        self._ahead = [request for request in self._ahead if request not in done]
        self.loaded.emit({path for path, _ in done})
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
