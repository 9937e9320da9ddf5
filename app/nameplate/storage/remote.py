"""Files at a URL: listed and read within limits, with retries; never written."""

import io
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, BinaryIO, Final

from nameplate.domain.errors import ImageError, NameplateError, UsageError
from nameplate.domain.progress import CancelToken
from nameplate.storage.remote_limits import (
    Answer,
    Asker,
    Clock,
    CutShortError,
    Limits,
    MayFollow,
    TooSlowError,
    failing_as,
    only_those_asked,
    status_of,
    with_retries,
)
from nameplate.system.elsewhere import Address, address_of

LIMITS = Limits()

MOST_BYTES: Final = LIMITS.bytes
"""Of one picture: a larger one is not fetched."""

_HEADER_BLOCK: Final = 1 << 16
"""Bytes read at once where only the headers of a tar file are wanted."""

_BEYOND_THE_END: Final = 416


def list_files(
    url: str, cancel: CancelToken, limits: Limits | None = None
) -> Iterator[str | NameplateError]:
    """Yield the URLs of the files that `url` stands for: itself, all below it, or those of a glob.

    Those of a web server folder by folder, those of a bucket as it has them; and as errors what is
    left out, since there is too much of it or it has no usable name.

    Raises:
        UsageError: It cannot be listed, or there is nothing; or what reads S3 is not installed.
    """
    address, limits = address_of(url), limits or LIMITS
    asker = Asker(replace(limits, bytes=limits.page), cancel)
    with failing_as(UsageError, url, limits):
        try:
            yield from _client(address).listed(url, address, asker)
        except TooSlowError as error:
            yield UsageError(error.reason, where=url)


def _client(address: Address) -> Any:
    """Return the module that asks for an address, which is imported when it is first needed."""
    if address.scheme == "s3":
        from nameplate.storage import remote_s3 as client  # noqa: PLC0415 - see above
    else:
        from nameplate.storage import remote_web as client  # noqa: PLC0415 - see above
    return client


def fetch(
    url: str,
    part: tuple[int, int] | None,
    target: BinaryIO,
    cancel: CancelToken,
    may_follow: MayFollow = only_those_asked,
    limits: Limits | None = None,
) -> None:
    """Write the content of a file at `url` to `target`, or a part of it.

    It is never held as a whole, and nothing that the server says of its size is believed.

    Args:
        url: Of the file.
        part: The first byte, and how many; None for the whole file.
        target: Empty; can be sought in.
        cancel: Stops it.
        may_follow: Says whether a URL of another server may be asked, to which this one leads.
        limits: Of bytes and time; LIMITS unless others are given.

    Raises:
        ImageError: It cannot be read, after some tries where these may help; is too large or too
            slow; or the URL is refused.
        UsageError: What reads S3 is not installed.
        OSError: The disk of `target` is full.
    """
    clock = Clock(limits := limits or LIMITS, cancel)
    start, length = part or (0, None)

    def read() -> None:
        target.seek(0)
        target.truncate()
        with _client(address).opened(address, start, length, clock, may_follow) as answer:
            target.writelines(_pieces(answer, start, length, limits))

    try:
        address = address_of(url)
    except UsageError as error:
        raise ImageError(error.reason, where=error.where) from error
    if length == 0:
        return
    with failing_as(ImageError, url, limits):
        with_retries(read, clock)


def _pieces(answer: Answer, start: int, length: int | None, limits: Limits) -> Iterator[bytes]:
    """Yield the wanted bytes of an answer, which may be of the whole file.

    Raises:
        ImageError: They are too many.
        CutShortError: They are fewer than were asked for, or than the server said.
    """
    said = answer.length if length is None else None
    if (said or 0) > limits.bytes:
        raise ImageError("remote-too-large", most=limits.bytes)
    place, done = answer.start, 0
    for chunk in answer.chunks:
        piece = chunk[max(0, start - place) :]
        place += len(chunk)
        piece = piece if length is None else piece[: length - done]
        done += len(piece)
        if done > limits.bytes:
            raise ImageError("remote-too-large", most=limits.bytes)
        if piece:
            yield piece
        if done == length:
            return
    if done < (length or said or 0):
        raise CutShortError


def opened_for_headers(url: str, cancel: CancelToken, limits: Limits | None = None) -> BinaryIO:
    """Open a file at `url` to read some bytes here and there, each read with retries.

    Raises:
        UsageError: It cannot be read, later; or the URL is refused, or what reads S3 is not
            installed.
    """
    asker = Asker(replace(limits or LIMITS, bytes=1 << 62, seconds=float("inf")), cancel)
    return io.BufferedReader(_Blocks(url, asker), _HEADER_BLOCK // 16)


class _Blocks(io.RawIOBase):
    """A file at a URL that is read a block at a time, wherever it is sought to.

    From a server that knows no ranges it is read on, up to where bytes are wanted.
    """

    def __init__(self, url: str, asker: Asker) -> None:
        super().__init__()
        self._url, self._address, self._asker = url, address_of(url), asker
        self._place = self._start = 0
        self._block = b""
        self._open = ExitStack()
        self._answer: Answer | None = None
        self._read_to = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        if whence == os.SEEK_END:  # which nobody knows
            raise io.UnsupportedOperation
        self._place = offset if whence == os.SEEK_SET else self._place + offset
        return self._place

    def tell(self) -> int:
        return self._place

    def readinto(self, buffer: Any, /) -> int:
        if not self._start <= self._place < self._start + len(self._block):
            self._fill()
        at = self._place - self._start
        content = self._block[at : at + len(buffer)]
        buffer[: len(content)] = content
        self._place += len(content)
        return len(content)

    def close(self) -> None:
        self._drop()
        super().close()

    def _fill(self) -> None:
        """Read the block that the place is in.

        Raises:
            UsageError: It cannot be read; that is no end of the file.
        """
        with failing_as(UsageError, self._url, self._asker.limits):
            self._block = self._asker.ask(self._read)
        self._start = self._place

    def _read(self, clock: Clock) -> bytes:
        if self._answer is None or self._read_to > self._place:
            self._drop()
            try:
                asked = _client(self._address).opened(
                    self._address, self._place, _HEADER_BLOCK, clock
                )
                self._answer = self._open.enter_context(asked)
            except Exception as error:
                if status_of(error) == _BEYOND_THE_END:
                    return b""
                raise
            self._read_to = self._answer.start
        is_part, content = self._answer.is_part, bytearray()
        try:
            for chunk in self._answer.chunks:
                content += chunk[max(0, self._place - self._read_to) :]
                self._read_to += len(chunk)
                if len(content) >= _HEADER_BLOCK:
                    break
        except BaseException:
            self._drop()
            raise
        if is_part:
            self._drop()
        return bytes(content)

    def _drop(self) -> None:
        self._open.close()
        self._answer = None
