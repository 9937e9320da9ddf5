"""Where pictures of a run lie on this machine that were fetched from a URL or a tar file."""

import hashlib
import re
from pathlib import Path
from typing import Final

import platformdirs

from nameplate.storage.folders import own_folder

_SAFE: Final = re.compile(r"[\w()+=@, -][\w()+=@,. -]{0,99}(?<![. ])")
_DEEPEST: Final = 12


def fetched_folder() -> Path:
    """Return the folder of all fetched pictures, which need not exist; it may be deleted."""
    return own_folder(platformdirs.user_cache_path) / "fetched"


def fetched_path(run: str, name: str) -> Path:
    """Return where a picture of a run lies once it is fetched.

    Args:
        run: The digest of the run's list, hexadecimal.
        name: Of the picture, `/`-separated, from anywhere: one that a path here could not hold, or
            that would lead out of the folder, is replaced by a hash, in which its last part stays.
    """
    parts = name.split("/")
    if len(parts) > _DEEPEST or not all(map(_SAFE.fullmatch, parts)):
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        last = parts[-1].partition("?")[0]
        parts = ["other", digest, last] if _SAFE.fullmatch(last) else ["other", digest]
    return fetched_folder().joinpath(run[:16], *parts)
