"""File contents as values: the size and a hash of all bytes."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

CONTENT: Final = np.dtype([("size", "<i8"), ("digest", "V16")])
"""The content of one file: `size` in bytes, -1 where it is not known, and a BLAKE2b hash."""

UNKNOWN: Final = np.array((-1, bytes(16)), CONTENT)
"""The content of a file that was not read yet; an array of no dimension."""

Contents = NDArray[Any]
"""An array of CONTENT."""

_DIGEST: Final = CONTENT["digest"]
_LARGEST: Final = 2**63 - 1


def contents_of(keys: Sequence[str | None]) -> Contents:
    """Return the contents of files, from keys that `system.file_status.content_key` made.

    None, or a key of another form, gives an unknown content.
    """
    contents = np.full(len(keys), UNKNOWN, CONTENT)
    for place, key in enumerate(keys):
        digest, _, size = (key or "").partition("-")
        if len(digest) == 2 * _DIGEST.itemsize and size.isdecimal() and int(size) <= _LARGEST:
            contents[place] = int(size), bytes.fromhex(digest)
    return contents


def is_other_content(one: Contents, other: Contents) -> NDArray[np.bool_]:
    """Return for each pair whether both contents are known and differ."""
    return (one["size"] >= 0) & (other["size"] >= 0) & (one != other)


def same_contents(contents: Contents) -> NDArray[np.int64]:
    """Return the pairs of places, P x 2, the lower one first, that join all of the same content.

    Args:
        contents: n; those that are not known are the same as nothing.
    """
    places = np.flatnonzero(contents["size"] >= 0)
    known = contents[places]
    # By half of the digest, a third of the time: that halves are equal and digests are not does
    # not happen, and would leave files alone, no more.
    halves = np.ascontiguousarray(known["digest"]).view(np.uint64).reshape(len(known), 2)
    order = np.argsort(halves[:, 0], kind="stable")
    halves, sizes, places = halves[order], known["size"][order], places[order]
    is_same = (halves[:-1] == halves[1:]).all(axis=1) & (sizes[:-1] == sizes[1:])
    return np.stack([places[:-1][is_same], places[1:][is_same]], axis=1)
