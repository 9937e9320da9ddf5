"""Which thumbnails are still to be made, and in what order."""

import threading
from collections import OrderedDict, deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_QUEUED: Final = 500


@dataclass(frozen=True, slots=True)
class Fit:
    """How a picture is fitted into the room it has, in device pixels.

    Attributes:
        width: Of the room.
        height: Likewise.
        radius: Of the rounded corners.
    """

    width: int
    height: int
    radius: float = 0.0


@dataclass(frozen=True, slots=True)
class ThumbnailRequest:
    """A thumbnail that somebody waits for."""

    path: Path
    fit: Fit


class ThumbnailQueue:
    """What is wanted, shared by the window's thread and those that make it.

    What is asked for last is made first, since it is what the person looks at now. What may be
    looked at next is made when nothing else is to do.
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
        """Whether nothing is wanted and nothing in work."""
        with self._changed:
            return not (self._asked or self._ahead or self._in_work)

    def ask(self, wanted: Iterable[ThumbnailRequest]) -> None:
        """Put `wanted` before all others, the last of them first.

        Beyond a few hundred, what was asked for longest ago is dropped: it was scrolled away, and
        is asked for again when it is painted again.
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
        """Drop what was asked for and is not `shown` any more; `ahead` is what may come next."""
        with self._changed:
            if self._is_closed:
                return
            for wanted in [w for w in self._asked if w.path not in shown]:
                del self._asked[wanted]
            self._ahead = deque(w for w in ahead if w not in self._in_work and w not in self._asked)
            self._changed.notify_all()

    def take(self, *, prefetches: bool) -> ThumbnailRequest | None:
        """Wait for something to make and return it; None once the queue is closed.

        Args:
            prefetches: Whether the caller also makes what only may be looked at next. Not all
                should: something slow must not keep what is asked for waiting.
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

    def done(self, made: Iterable[ThumbnailRequest]) -> None:
        """Say that what was taken is there, so that asking for it finds it."""
        with self._changed:
            self._in_work.difference_update(made)

    def close(self) -> None:
        """Drop everything and let those who wait go."""
        with self._changed:
            self._is_closed = True
            self._asked.clear()
            self._ahead.clear()
            self._changed.notify_all()
