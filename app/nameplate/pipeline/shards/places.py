"""Where pictures may be read: what was named, so that a list from a stranger leads nowhere else."""

import os
import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from nameplate.pipeline.shards.inputs import is_glob, start_of_glob
from nameplate.storage.remote import is_url
from nameplate.system.failures import printable


@dataclass(frozen=True, slots=True)
class Places:
    """What inputs name, all spelt in one way.

    Attributes:
        named: Files, tar files and folders.
        starts: What the names begin with that fit a glob.
    """

    named: frozenset[str] = frozenset()
    starts: tuple[str, ...] = ()

    def hold(self, file: str) -> bool:
        """Return whether a path or URL is one of these, or lies in one; links are not followed."""
        place = _place(file)
        if place.startswith(self.starts):
            return True
        while place not in self.named:
            folder_of = posixpath.dirname if is_url(file) else os.path.dirname
            above: str = folder_of(place)
            if above == place:
                return False
            place = above
        return True


NOWHERE: Final = Places()


def places_of(inputs: Sequence[str]) -> Places:
    """Return the places that inputs name."""
    globs = {one for one in inputs if is_glob(one) and "::" not in one}
    # With a letter more, since a place has no / at its end.
    starts = tuple(_place(f"{start_of_glob(one)}*")[:-1] for one in globs)
    return Places(frozenset(_place(one) for one in inputs if one not in globs), starts)


def is_elsewhere(given: str) -> bool:
    """Return whether an input is not on this machine, or is no place at all."""
    return is_url(given) or given.startswith(("//", "\\\\")) or not os.path.isabs(given)  # noqa: PTH117


def _place(file: str) -> str:
    """Return a path or URL as those of one place are all spelt, the scheme of a URL apart.

    fsspec returns `s3a://` as `s3://`; of a chain of URLs (`zip://a.jpg::https://...`) the whole.
    """
    if not is_url(file):
        return printable(os.path.normpath(file))
    if "::" in file:
        return f"chain:{printable(file).replace('/', '%2F')}"
    place = urlsplit(file)
    return "url:/" + posixpath.normpath(printable(f"{place.netloc}/{place.path}").strip("/"))
