"""Limits the size of pictures: by the memory that is free, and by a fixed maximum."""

import math
import os
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil

from nameplate.domain.errors import ImageError
from nameplate.domain.progress import CancelToken

MOST_PIXELS: Final = 400_000_000
"""20,000 x 20,000, more than any camera; above it a file is a scan to be cut up, or an attack."""

MOST_BYTES: Final = 1_250_000_000
"""Bytes that one picture may take while it is opened: 300 million pixels of colour, 150 with
transparency."""

SMALL: Final = 64_000_000
"""Bytes that are taken without asking for the free memory, which takes about 0.1 ms."""

_SHARE: Final = 0.75
"""Of the free memory, the part that pictures may take; the rest is for the model and others."""

_MOST_AT_ONCE: Final = MOST_BYTES * max(1, (os.cpu_count() or 1) // 4)
"""Bytes that all large pictures take together: one of the largest at a time on a small machine."""

_PIXEL_BYTES: Final = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16L": 2, "I;16B": 2, "I;16N": 2}
_OF_DECODER: Final = {"WEBP": (4, 4), "AVIF": (4,), "HEIF": (4,)}
"""Bytes a pixel of the buffers in which a decoder makes the whole picture before Pillow has it."""

_CGROUP: Final = Path("/sys/fs/cgroup")
_GIVES_WAY: Final = ("active_file", "inactive_file")


class _Held:
    """The bytes reserved for all large pictures that are being decoded."""

    def __init__(self) -> None:
        self.bytes = 0
        self.room_is_given_back = threading.Condition()

    def wake(self) -> None:
        """Wake all waiting threads, to check again."""
        with self.room_is_given_back:
            self.room_is_given_back.notify_all()


_held = _Held()


def refuse_too_large(size: tuple[int, int]) -> None:
    """Refuse a picture of `size` (width, height) that has more than `MOST_PIXELS`.

    Raises:
        ImageError: It has; `where` is left to the caller.
    """
    width, height = size
    if width * height > MOST_PIXELS:
        raise ImageError("too-many-pixels", width=width, height=height, most=MOST_PIXELS)


def bytes_needed(
    size: tuple[int, int], mode: str, kind: str, *, is_transparent: bool, is_copied: bool = False
) -> int:
    """Return the peak memory of decoding a picture and converting it to RGB, in bytes.

    Measured with pictures of 40 million pixels in each mode and format.

    Args:
        size: Width and height in pixels as decoded.
        mode: Pillow's, as decoded.
        kind: Pillow's name of the format.
        is_transparent: Whether it is put on white.
        is_copied: Whether it is turned, mirrored or copied afterwards.
    """
    decoded = _PIXEL_BYTES.get(mode, 4)
    if mode == "RGB" and not is_transparent:
        buffers = (decoded,)
    elif mode in ("I", "F") or mode.startswith("I;"):
        buffers = (decoded, 2 * decoded, 2, 4)
    elif is_transparent and mode != "RGBA":
        buffers = (decoded, 4, 4)
    else:
        buffers = (decoded, 4)
    buffers += _OF_DECODER.get(kind, ()) + ((4,) if is_copied else ())
    return sum(_buffer_bytes(size, pixel_bytes) for pixel_bytes in buffers)


def _buffer_bytes(size: tuple[int, int], pixel_bytes: int) -> int:
    # Pillow keeps each row at a multiple of 4 bytes, and a pointer to it: a picture of 1 x 100,000
    # takes 12 times what its pixels do.
    width, height = size
    return height * (-(-width * pixel_bytes // 4) * 4 + 8)


def refuse_too_needy(size: tuple[int, int], need: int) -> None:
    """Refuse a picture that would need more than `MOST_BYTES`.

    Raises:
        ImageError: It would; `where` is left to the caller.
    """
    if need > MOST_BYTES:
        width, height = size
        raise ImageError(
            "too-much-for-a-picture", width=width, height=height, need=need, most=MOST_BYTES
        )


@contextmanager
def room_for(
    size: tuple[int, int], need: int, *, cancel: CancelToken | None = None
) -> Generator[None]:
    """Reserve memory while a picture is decoded; may wait for other large ones.

    Several threads decode at once. What they hold together never exceeds the free memory: a large
    picture waits until it fits beside the others, or until it is alone, so that one is refused only
    when it would not fit alone, and not because of the number of threads.

    Args:
        size: Width and height in pixels, for the message.
        need: Bytes at the peak.
        cancel: Ends the waiting.

    Raises:
        CancelledError: `cancel` was set before there was room.
        ImageError: `need` is more than is free; `where` is left to the caller.
    """
    if need <= SMALL:
        yield
        return
    cancel = cancel or CancelToken()
    with cancel.calling(_held.wake), _held.room_is_given_back:
        # What is held counts in full although a part of it is taken already, and missing from
        # what is free: how much is not known.
        while _held.bytes and need + _held.bytes > _free():
            cancel.raise_if_cancelled()
            _held.room_is_given_back.wait()
        if not _held.bytes and need > (free := _free()):
            width, height = size
            raise ImageError("too-little-memory", width=width, height=height, need=need, free=free)
        _held.bytes += need
    try:
        yield
    finally:
        with _held.room_is_given_back:
            _held.bytes -= need
            _held.room_is_given_back.notify_all()


def free_bytes() -> float:
    """Return the bytes that this process can still allocate, by machine and control group."""
    return min(_available(), _left_to_group())


def _free() -> float:
    return min(_SHARE * free_bytes(), _MOST_AT_ONCE)


def _available() -> float:
    return psutil.virtual_memory().available


def _left_to_group() -> float:
    """Return the bytes left under the control group's limit; infinity without a limit.

    A container has a limit that the memory of the machine says nothing of (Linux, cgroup v2).
    Files that the system caches in memory count as used, but are evicted.
    """
    try:
        limit = int((_CGROUP / "memory.max").read_text())  # "max" where there is none
        used = int((_CGROUP / "memory.current").read_text())
        lines = (line.split() for line in (_CGROUP / "memory.stat").read_text().splitlines())
        files = sum(int(value) for name, value in lines if name in _GIVES_WAY)
    except (OSError, ValueError):
        return math.inf
    return max(0, limit - max(0, used - files))
