"""Files at a URL: listed and read within limits, with retries; never written."""

import io
import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from typing import Any, BinaryIO, Final
from urllib.parse import unquote

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
        CancelledError: `cancel` was set.
    """
    address, limits = address_of(url), limits or LIMITS
    asker = Asker(replace(limits, bytes=limits.page), cancel)
    found = _in_bucket if address.scheme == "s3" else _on_server
    with failing_as(UsageError, url, limits):
        try:
            yield from found(url, address, asker)
        except TooSlowError as error:
            yield UsageError(error.reason, where=url)


def _on_server(url: str, address: Address, asker: Asker) -> Iterator[str | NameplateError]:
    from nameplate.storage import remote_web as web  # noqa: PLC0415 - when a server is asked

    start, star, rest = address.path.partition("*")
    top = replace(address, path=start[: start.rindex("/") + 1], query="") if star else address
    limits = asker.limits
    deepest = rest.count("/") if star and "**" not in address.path else limits.depth + 1
    is_wanted = _fits(unquote(address.path) if star else "**")
    pages = 0

    def page_of(asked: Address) -> tuple[str, Address] | None:
        nonlocal pages
        page = asker.ask(lambda clock: web.page_at(asked, clock))
        pages += page is not None
        return page

    for found in web.listed(top, page_of, deepest, limits):
        if not isinstance(found, str) or is_wanted(unquote(address_of(found).path)):
            yield found
    if not (pages or star):
        yield url  # it is a file


def _in_bucket(url: str, address: Address, asker: Asker) -> Iterator[str | NameplateError]:
    from nameplate.storage import remote_s3 as s3  # noqa: PLC0415 - when a bucket is asked

    start, star, _ = address.path.partition("*")
    prefix = start if star else f"{address.path.rstrip('/')}/".lstrip("/")
    top, is_wanted = replace(address, path=prefix), _fits(address.path)
    count, names, more = 0, 0, ""
    while True:
        keys, following = asker.ask(lambda clock, after=more: s3.page_of_keys(top, after, clock))
        for key in keys:
            found = replace(address, path=key).url
            if key.endswith("/") or (star and not is_wanted(key)):
                continue  # what stands for a folder
            names += 1
            yield UsageError("remote-odd-name", where=found) if _is_odd(key) else found
        count += max(len(keys), s3.A_PAGE)
        if not following or following == more:
            break
        if count >= asker.limits.names:
            yield UsageError("remote-list-too-long", where=url, most=asker.limits.names)
            break
        more = following
    if not names and not star:
        if not (address.path and asker.ask(lambda clock: s3.is_there(address, clock))):
            raise UsageError("remote-not-there", where=url)
        yield url


def _is_odd(key: str) -> bool:
    """Return whether a key cannot be told from another one, or from no file at all."""
    try:
        address_of(f"s3://b/{key}")
    except UsageError:
        return True
    return not {".", ".."}.isdisjoint(key.split("/"))


def _fits(pattern: str) -> Callable[[str], bool]:
    """Return whether paths fit a pattern: `*` is anything but `/`, `**` anything."""
    parts = re.split(r"(\*\*/|\*\*|\*)", pattern)
    made = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}
    expression = re.compile("".join(made.get(one, re.escape(one)) for one in parts), re.DOTALL)
    return lambda path: expression.fullmatch(path) is not None


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
        CancelledError: `cancel` was set.
    """
    clock = Clock(limits := limits or LIMITS, cancel)
    start, length = part or (0, None)

    def read() -> None:
        target.seek(0)
        target.truncate()
        with _opened(address, start, length, clock, may_follow) as answer:
            target.writelines(_pieces(answer, start, length, limits))

    try:
        address = address_of(url)
    except UsageError as error:
        raise ImageError(error.reason, where=error.where) from error
    if length == 0:
        return
    with failing_as(ImageError, url, limits):
        with_retries(read, clock)


def _opened(
    address: Address,
    start: int,
    length: int | None,
    clock: Clock,
    may_follow: MayFollow = only_those_asked,
) -> AbstractContextManager[Answer]:
    if address.scheme == "s3":
        from nameplate.storage import remote_s3  # noqa: PLC0415 - when a bucket is asked

        return remote_s3.opened(address, start, length, clock)
    from nameplate.storage import remote_web  # noqa: PLC0415 - when a server is asked

    return remote_web.opened(address, start, length, clock, may_follow)


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
        CancelledError: `cancel` was set.
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
                asked = _opened(self._address, self._place, _HEADER_BLOCK, clock)
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
