"""Where pictures may be read: what was named, so that a list from a stranger leads nowhere else."""

import hashlib
import os
import posixpath
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from nameplate.domain.errors import UsageError
from nameplate.features.runs.inputs import is_glob, start_of_glob
from nameplate.system.elsewhere import address_of, is_url
from nameplate.system.failures import printable


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """What inputs name, all spelt in one way.

    Attributes:
        named: uint64, sorted: a hash of each file, tar file and folder. The names of ten million
            files would take gigabytes, in each process.
        starts: What the names begin with that fit a glob.
        secret: Of the hashes, so that nobody can find another name with the same one.
    """

    named: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))
    starts: tuple[str, ...] = ()
    secret: bytes = b""

    def hold(self, file: str) -> bool:
        """Return whether a path or URL is one of these, or lies in one; links are not followed."""
        place = _place(file)
        if not place:
            return False
        if place.startswith(self.starts):
            return True
        while not self._names(place):
            folder_of = posixpath.dirname if is_url(file) else os.path.dirname
            above: str = folder_of(place)
            if above == place:
                return False
            place = above
        return True

    def _names(self, place: str) -> bool:
        wanted = np.uint64(_hash(place, self.secret))
        at = int(np.searchsorted(self.named, wanted))
        return at < len(self.named) and bool(self.named[at] == wanted)


NOWHERE: Final = Places()


def places_of(inputs: Iterable[str]) -> Places:
    """Return the places that inputs name."""
    secret, starts = secrets.token_bytes(16), set[str]()

    def hashes() -> Iterator[int]:
        for one in inputs:
            # A start has a letter more, since a place has no / at its end.
            is_start = is_glob(one)
            if not (place := _place(f"{start_of_glob(one)}*" if is_start else one)):
                continue  # a URL that is refused
            if is_start:
                starts.add(place[:-1])
            else:
                yield _hash(place, secret)

    named = np.unique(np.fromiter(hashes(), np.uint64))
    return Places(named, tuple(starts), secret)


def _hash(place: str, secret: bytes) -> int:
    digest = hashlib.blake2b(place.encode(), digest_size=8, key=secret).digest()
    return int.from_bytes(digest, "little")


def _place(file: str) -> str:
    """Return a path or URL as those of one place are all spelt; empty for a URL that is refused.

    Who is asked comes first and is no part of the path, so that no path leads to anybody else.
    """
    if not is_url(file):
        return printable(os.path.normpath(file))
    try:
        address = address_of(file)
    except UsageError:
        return ""
    is_web = address.scheme != "s3"
    path = unquote(address.path).replace("\\", "/") if is_web else address.path
    path = posixpath.normpath("/" + printable(path).lstrip("/")).rstrip("/")
    return f"url:/{address.scheme}:{address.host}:{address.port}{path}"
