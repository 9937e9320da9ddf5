"""Checks and hashes the files of a model folder, which is untrusted input."""

import hashlib
import threading
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Final

from nameplate.domain.errors import ModelError
from nameplate.domain.messages import Message
from nameplate.inference.lazy import Lazy
from nameplate.system.opening import open_regular

GET_AGAIN: Final = Message("get-model-again")
"""A remedy for a file that is damaged or missing."""


def size_of(path: Path, remedy: Message) -> int:
    """Return the size in bytes of a regular file; a pipe is refused, as opening it would block.

    Raises:
        ModelError: It is a folder, a pipe or a device.
        OSError: It is missing or not accessible.
    """
    status = path.stat()
    if not S_ISREG(status.st_mode):
        is_folder = S_ISDIR(status.st_mode)
        raise ModelError(
            "model-file-is-folder" if is_folder else "no-model-file", where=str(path), remedy=remedy
        )
    return status.st_size


@contextmanager
def reading(path: Path, remedy: Message) -> Generator[None]:
    """Convert errors of reading the file at `path` to ModelError with `remedy`."""
    try:
        yield
    except FileNotFoundError as error:
        raise ModelError("model-file-missing", where=str(path), remedy=remedy) from error
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise ModelError(
            "model-file-unreadable", where=str(path), why=why, remedy=remedy
        ) from error


def inside(folder: Path, name: str) -> Path:
    """Return the path of `name` in `folder`, whether or not it exists.

    Raises:
        ModelError: It, or a link on the way, leads out of the folder.
    """
    path = folder / name
    try:
        is_inside = path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError) as error:  # a link to itself, a NUL
        raise ModelError("broken-link-in-model", where=str(path)) from error
    if not is_inside:
        raise ModelError("leads-out-of-model", where=str(path))
    return path


def tokenizer_files(path: Path) -> tuple[Path, ...]:
    """Return all files of the tokenizer with the main file `path`, which comes first."""
    return (path, path.with_name("merges.txt")) if path.name == "vocab.json" else (path,)


class Digests:
    """A thread-safe cache of the SHA-256 digests of files.

    A file is read again only if its size, its times or the file itself (device, inode) changed.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[Path, tuple[int, ...]], Lazy[str]] = {}

    def of(self, path: Path) -> str:
        """Return the SHA-256 of the file at `path`, as 64 hexadecimal digits."""
        status = path.stat()
        times = (status.st_mtime_ns, status.st_ctime_ns)
        key = (path, (status.st_dev, status.st_ino, status.st_size, *times))
        with self._lock:
            digest = self._known.setdefault(key, Lazy(lambda: _sha256(path)))
        return digest.get()


def _sha256(path: Path) -> str:
    with open_regular(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
