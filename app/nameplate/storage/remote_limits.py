"""How much is taken from a server, and for how long; all of it is counted while it comes."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from nameplate.domain.errors import ImageError
from nameplate.domain.progress import CancelToken
from nameplate.system.elsewhere import Address


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
        seconds: For one file, all tries together.
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
            CancelledError: The token was set.
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
