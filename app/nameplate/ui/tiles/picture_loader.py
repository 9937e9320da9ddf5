"""Decodes pictures for the large view, compare and the inspector in background threads."""

import itertools
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image
from PySide6.QtCore import QObject, QRectF, QSizeF, Signal
from PySide6.QtGui import QImage

from nameplate.domain.errors import ImageError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.imaging.pictures import picture
from nameplate.ui.tiles.picture_threads import PictureThreads
from nameplate.ui.tiles.pixmap_cache import LruCache
from nameplate.ui.widgets.picture import to_qimage
from nameplate.ui.widgets.zoom import Room, Zoom
from nameplate.wording.texts import tr, what_of

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


class PictureLoader(PictureThreads[PictureRequest, LoadedPicture]):
    """Decodes the wanted pictures, most urgent first, and drops unwanted ones.

    There is one for a window, as one part alone shows a picture larger than a thumbnail at a time.
    Nothing queues up while a person hurries on. What another process decodes, since it may take
    long, is stopped once it is not wanted any more.

    Signals:
        loaded: A request has been answered, well or not; the `Path`.
    """

    loaded = Signal(object)

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        max_bytes: int = _KEPT_BYTES,
    ) -> None:
        """Make a loader that keeps up to `max_bytes` of pictures at the size of the screen."""
        super().__init__(parent, "pictures")
        self._max_bytes = max_bytes
        self._fitted = LruCache[Path, LoadedPicture](max_bytes, _bytes_of)
        self._full = LruCache[Path, LoadedPicture](_KEPT_FULL_BYTES, _bytes_of)

    def fitted(self, path: Path) -> LoadedPicture | None:
        """Return the cached picture at the size of a room, which may be another one; else None."""
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
        now = [request for request in requests if not self._has(request)]
        later = [request for request in later if not self._has(request)]
        self._want(now, later, stops_others=True)

    def keep_full(self, paths: Collection[Path]) -> None:
        """Drop the full-size pixels of all pictures but these."""
        self._full.keep_only(paths)

    def drop(self, request: PictureRequest) -> None:
        """Drop the picture that was made for a request; one of another size is kept."""
        self._fitted.drop(lambda loaded: loaded.request == request)

    def forget(self) -> None:
        """Drop all pictures, since their files may have changed."""
        self.want(())
        self._fitted.clear()
        self._full.clear()

    def try_again(self) -> None:
        """Drop failed pictures, so that the next request tries again."""
        super().try_again()
        for kept in (self._fitted, self._full):
            kept.drop(lambda loaded: bool(loaded.problem))

    def _has(self, request: PictureRequest) -> bool:
        found = (self._full if request.is_full else self._fitted).get(request.path)
        return found is not None and (found.request == request or bool(found.problem))

    def _make(self, request: PictureRequest, cancel: CancelToken) -> LoadedPicture | None:
        """Return the result of `request`; None if it was cancelled."""
        try:
            return _decoded(request, cancel)
        except CancelledError:
            return None
        except MemoryError:
            problem = what_of(Message("picture-needs-memory"))
        except ImageError as error:
            problem = what_of(error.reason)
        except Exception:  # noqa: BLE001 - one odd file must not end the thread for all others
            _LOG.exception("cannot show %s", request.path)
            problem = tr("This picture cannot be shown")
        return LoadedPicture(request, QImage(), problem=problem)

    def _is_failure(self, made: LoadedPicture) -> bool:
        return bool(made.problem)

    def _deliver(self, made: Sequence[tuple[PictureRequest, LoadedPicture]]) -> None:
        for request, one in made:
            (self._full if request.is_full else self._fitted).put(request.path, one)
        for request, _ in made:
            self.loaded.emit(request.path)


def _bytes_of(loaded: LoadedPicture) -> int:
    return sum(image.sizeInBytes() for image in (*loaded.smaller, loaded.image))


def _decoded(request: PictureRequest, cancel: CancelToken) -> LoadedPicture:
    cancel.raise_if_cancelled()
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
