"""The queue of thumbnails to make: newest request first, then prefetch."""

import threading
from collections import OrderedDict, deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_QUEUED: Final = 500


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


@dataclass(frozen=True, slots=True)
class ThumbnailRequest:
    """A requested thumbnail: file and box."""

    path: Path
    fit: Fit


class ThumbnailQueue:
    """Thumbnail requests, shared by the GUI thread and the threads that make thumbnails.

    The newest request is served first, since it is what is visible now. Prefetching is done when
    there are no requests.
    """

    def __init__(self, max_queued: int = _QUEUED) -> None:
        self._max_queued = max_queued
        self._changed = threading.Condition()
        self._asked: OrderedDict[ThumbnailRequest, None] = OrderedDict()
        self._ahead: deque[ThumbnailRequest] = deque()
        self._in_work: set[ThumbnailRequest] = set()
        self._is_closed = False

    @property
    def is_idle(self) -> bool:
        """Whether nothing is queued and nothing is being made."""
        with self._changed:
            return not (self._asked or self._ahead or self._in_work)

    def put(self, wanted: Iterable[ThumbnailRequest]) -> None:
        """Put `wanted` before all other requests, the last of them first.

        Beyond a few hundred, the oldest requests are dropped: they were scrolled away, and are
        made again when the tile is painted again.
        """
        with self._changed:
            if self._is_closed:
                return
            for one in wanted:
                if one not in self._in_work:
                    self._asked[one] = None
                    self._asked.move_to_end(one)
            while len(self._asked) > self._max_queued:
                self._asked.popitem(last=False)
            self._changed.notify_all()

    def prefetch(self, shown: Collection[Path], ahead: Iterable[ThumbnailRequest]) -> None:
        """Drop requests that are no longer `shown`; replace what is prefetched by `ahead`."""
        with self._changed:
            if self._is_closed:
                return
            for wanted in [w for w in self._asked if w.path not in shown]:
                del self._asked[wanted]
            self._ahead = deque(w for w in ahead if w not in self._in_work and w not in self._asked)
            self._changed.notify_all()

    def get(self, *, prefetches: bool) -> ThumbnailRequest | None:
        """Wait for a request and return it; None once the queue is closed.

        Args:
            prefetches: Whether the caller also serves prefetching. Not all should: a slow file
                must not delay requests.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._is_closed or self._asked or (prefetches and self._ahead)
            )
            if self._is_closed:
                return None
            wanted = self._asked.popitem(last=True)[0] if self._asked else self._ahead.popleft()
            self._in_work.add(wanted)
            return wanted

    def task_done(self, made: Iterable[ThumbnailRequest]) -> None:
        """Mark taken requests as done, so that they can be requested again."""
        with self._changed:
            self._in_work.difference_update(made)

    def close(self) -> None:
        """Drop all requests and release the waiting threads."""
        with self._changed:
            self._is_closed = True
            self._asked.clear()
            self._ahead.clear()
            self._changed.notify_all()
