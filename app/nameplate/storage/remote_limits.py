"""How much is taken from a server, for how long and how often; all is counted while it comes."""

import random
import re
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from nameplate.domain.errors import ImageError, NameplateError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.system.elsewhere import Address
from nameplate.system.failures import FULL_DISK

_FINAL: Final = frozenset((400, 401, 403, 404, 405, 410, 411, 414, 416, 451))
"""HTTP statuses that do not change by trying again."""

_OURS: Final = (NameplateError, CancelledError, NotImplementedError, TypeError, AttributeError)
"""Errors that are not of the other side."""

T = TypeVar("T")

MayFollow = Callable[[str], bool]
"""Says whether a server that was not asked may be, where one leads to it."""


def only_those_asked(_url: str) -> bool:
    """Follow no redirect to another server."""
    return False


@dataclass(frozen=True, slots=True)
class Limits:
    """What a server may cost.

    Attributes:
        bytes: Of one picture.
        page: Bytes of one page of a list.
        names: Files of all that is listed below one URL.
        folders: Folders of it, which a list may lead round in.
        depth: Folders within each other.
        silence: Seconds without a byte.
        rate: Bytes a second that have to come, over all of a file.
        grace: Seconds before the rate counts.
        seconds: For one file, or one page of a list, all tries together.
        listing: Seconds for all pages below one URL, or all headers of one tar file.
        tries: Of one request; with the pauses between them, 8 to 16 seconds.
        pause: Seconds before the second try; doubled for each further one, and up to half of it
            more by chance, so that many processes do not try at the same moment.
    """

    bytes: int = 512_000_000
    page: int = 64_000_000
    names: int = 10_000_000
    folders: int = 200_000
    depth: int = 64
    silence: float = 30.0
    rate: float = 10_000.0
    grace: float = 30.0
    seconds: float = 1800.0
    listing: float = 21_600.0
    tries: int = 6
    pause: float = 0.25


@dataclass(slots=True)
class Clock:
    """The time that a file or a page has left, by what came of it."""

    limits: Limits
    cancel: CancelToken
    begun: float = field(default_factory=time.monotonic)
    tried: float = field(default_factory=time.monotonic)
    received: int = 0

    def try_again(self) -> None:
        """Count anew what comes, but not the seconds of all tries."""
        self.tried, self.received = time.monotonic(), 0

    def wait(self) -> float:
        """Return how many seconds to wait for the next bytes, at most.

        Raises:
            ImageError: Too little came for the time it took.
        """
        self.cancel.raise_if_cancelled()
        limits, now = self.limits, time.monotonic()
        by_rate = self.tried + limits.grace + self.received / limits.rate
        left = min(by_rate, self.begun + limits.seconds) - now
        if left <= 0:
            raise ImageError(
                "remote-too-slow", bytes=self.received, seconds=round(now - self.tried)
            )
        return max(0.05, min(left, limits.silence))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answers with.

    Attributes:
        address: Where it came from, after redirects.
        chunks: The bytes, as they come.
        start: Which byte of the file is the first; 0 from a server that knows no ranges.
        length: How many bytes it says will come; None where it does not.
        is_part: Whether it is the bytes that were asked for, and not the whole file.
        kind: The type of its content; empty where it says none.
    """

    address: Address
    chunks: Iterator[bytes]
    start: int
    length: int | None
    is_part: bool = False
    kind: str = ""


class CutShortError(Exception):
    """A server sent less than it said, or other bytes than were asked for."""


class StatusError(Exception):
    """A server answered with an error."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


class TooSlowError(ImageError):
    """All requests for one URL took too long together."""


class Asker:
    """Asks for the pages of one list, or the headers of one tar file, with retries."""

    def __init__(self, limits: Limits, cancel: CancelToken) -> None:
        self.limits = limits
        self._cancel = cancel
        self._left = limits.listing

    def ask(self, call: Callable[[Clock], T]) -> T:
        """Return what `call` does within the time that is left.

        Raises:
            TooSlowError: None is left.
        """
        begun, left = time.monotonic(), self._left
        clock = Clock(replace(self.limits, seconds=min(self.limits.seconds, left)), self._cancel)
        try:
            return with_retries(lambda: call(clock), clock)
        except ImageError as error:
            if time.monotonic() - begun < left:
                raise
            raise TooSlowError("remote-list-too-slow", most=self.limits.listing) from error
        finally:  # what is done with the answers meanwhile does not count
            self._left -= time.monotonic() - begun


@contextmanager
def failing_as(kind: type[NameplateError], url: str, limits: Limits) -> Generator[None]:
    """Raise what fails on the other side as an error of a kind, with the URL."""
    try:
        yield
    except Exception as error:
        reason = error.reason if isinstance(error, ImageError) else _reason(error, limits)
        if reason is None:
            raise
        raise kind(reason, where=url) from error


def fitting(pattern: str) -> Callable[[str], bool]:
    """Return a test whether paths fit a pattern: `*` is anything but `/`, `**` anything."""
    parts = re.split(r"(\*\*/|\*\*|\*)", pattern)
    made = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}
    expression = re.compile("".join(made.get(one, re.escape(one)) for one in parts), re.DOTALL)
    return lambda path: expression.fullmatch(path) is not None


def with_retries(call: Callable[[], T], clock: Clock) -> T:
    """Return what `call` does; after an error that may pass, try again."""
    limits = clock.limits
    for attempt in range(1, limits.tries + 1):
        clock.try_again()
        clock.wait()
        try:
            return call()
        except Exception as error:
            if attempt == limits.tries or not _may_pass(error):
                raise
        pause = limits.pause * 2 ** (attempt - 1)
        until = time.monotonic() + pause * (1 + random.random() / 2)  # noqa: S311 - no secret
        while time.monotonic() < until and not clock.cancel.is_cancelled:
            time.sleep(min(0.05, pause))
    raise AssertionError


def _may_pass(error: Exception) -> bool:
    """Return whether trying again may help: not with what is missing or forbidden."""
    final = (*_OURS, FileNotFoundError, PermissionError, IsADirectoryError)
    if isinstance(error, final) or _is_full(error):
        return False
    return status_of(error) not in _FINAL


def _is_full(error: Exception) -> bool:
    """Return whether it is the disk here that takes no more."""
    return isinstance(error, OSError) and error.errno in FULL_DISK


def status_of(error: Exception) -> int | None:
    """Return the HTTP status that an error comes from; None where there is none."""
    if isinstance(error, StatusError):
        return error.status
    for one in (error, error.__cause__):  # s3fs makes a system's error of what botocore raises
        match getattr(one, "response", None):
            case {"ResponseMetadata": {"HTTPStatusCode": int(status)}}:
                return status
            case _:
                pass
    return None


def _reason(error: Exception, limits: Limits) -> Message | None:
    """Return why a request failed; None for an error that is not of the other side."""
    if isinstance(error, (*_OURS, AssertionError)) or _is_full(error):
        return None
    if isinstance(error, FileNotFoundError) or status_of(error) in {404, 410}:
        return Message("remote-not-there")
    if isinstance(error, PermissionError) or status_of(error) in {401, 403}:
        return Message("remote-forbidden")
    if isinstance(error, CutShortError):
        return Message("remote-cut-short")
    why = str(error).strip() or type(error).__name__
    return Message("remote-failed", {"why": why[:200], "tries": limits.tries})
