"""How large a picture may be: the memory that is free, and a limit that always holds."""

import math
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil

from nameplate.domain.errors import ImageError

MOST_PIXELS: Final = 400_000_000
"""20,000 x 20,000, more than any camera; above it a file is a scan to be cut up, or a trap."""

BYTES_PER_PIXEL: Final = 12
"""At the peak, while a picture is converted: 4 as it was decoded, 4 as RGBA, 4 as RGB."""

_SMALL: Final = 64_000_000
"""Bytes that are taken without a look at the free memory, which costs about 0.1 ms."""

_SHARE: Final = 0.75
"""Of the free memory, the part that pictures may take; the rest is for the model and others."""

_SMALLER: Final = "Make a smaller copy of it."

_CGROUP: Final = Path("/sys/fs/cgroup")
_GIVES_WAY: Final = ("active_file", "inactive_file")


class _Held:
    """What all large pictures that are being decoded need together."""

    def __init__(self) -> None:
        self.bytes = 0
        self.room_is_given_back = threading.Condition()


_held = _Held()


def refuse_too_large(size: tuple[int, int]) -> None:
    """Refuse a picture of `size` (width, height) that has more than `MOST_PIXELS`.

    Raises:
        ImageError: It has; `where` is left to the caller.
    """
    width, height = size
    if width * height > MOST_PIXELS:
        raise ImageError(
            f"has {width:,} x {height:,} pixels, more than the "
            f"{MOST_PIXELS // 1_000_000} million that Nameplate opens",
            remedy=_SMALLER,
        )


@contextmanager
def room_for(size: tuple[int, int], need: int) -> Generator[None]:
    """Hold room for a picture while it is decoded; it may wait for another large one to end.

    Several threads decode at once. What they hold together never exceeds the free memory: a large
    picture waits until it fits beside the others, or until it is alone, so that one is refused only
    when it would not fit alone, and not because of the number of threads.

    Args:
        size: Width and height in pixels, for the message.
        need: Bytes at the peak.

    Raises:
        ImageError: `need` is more than is free; `where` is left to the caller.
    """
    if need <= _SMALL:
        yield
        return
    with _held.room_is_given_back:
        # What is held counts in full although a part of it is taken already, and missing from
        # what is free: how much is not known.
        while _held.bytes and need + _held.bytes > _free():
            _held.room_is_given_back.wait()
        if not _held.bytes and need > (free := _free()):
            width, height = size
            raise ImageError(
                f"{width:,} x {height:,} pixels need {need / 1e9:.1f} GB of memory, "
                f"and {free / 1e9:.1f} GB can be had",
                remedy="Make a smaller copy of it, or close other programs.",
            )
        _held.bytes += need
    try:
        yield
    finally:
        with _held.room_is_given_back:
            _held.bytes -= need
            _held.room_is_given_back.notify_all()


def free_bytes() -> float:
    """Return the bytes that this process can still take, of the machine and of its group."""
    return min(_available(), _left_to_group())


def _free() -> float:
    return _SHARE * free_bytes()


def _available() -> float:
    return psutil.virtual_memory().available


def _left_to_group() -> float:
    """Return the bytes that the limit of this control group leaves; infinity where there is none.

    A container has a limit that the memory of the machine says nothing of (Linux, cgroup v2).
    Files that the system keeps in memory count as used, but give way.
    """
    try:
        limit = int((_CGROUP / "memory.max").read_text())  # "max" where there is none
        used = int((_CGROUP / "memory.current").read_text())
        lines = (line.split() for line in (_CGROUP / "memory.stat").read_text().splitlines())
        files = sum(int(value) for name, value in lines if name in _GIVES_WAY)
    except (OSError, ValueError):
        return math.inf
    return max(0, limit - max(0, used - files))
