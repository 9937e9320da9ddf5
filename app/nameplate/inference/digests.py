"""SHA-256 digests of a model's files, each computed once."""

import hashlib
import threading
from pathlib import Path

from nameplate.inference.lazy import Lazy
from nameplate.system.opening import open_regular


class Digests:
    """A thread-safe cache of the SHA-256 digests of files.

    A file is read again only if its size, its times or the file itself (device, inode) changed.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[Path, tuple[int, ...]], Lazy[str]] = {}

    def of(self, path: Path) -> str:
        """Return the SHA-256 of the file at `path`, as 64 hexadecimal digits.

        Raises:
            OSError: It cannot be read.
        """
        status = path.stat()
        times = (status.st_mtime_ns, status.st_ctime_ns)
        key = (path, (status.st_dev, status.st_ino, status.st_size, *times))
        with self._lock:
            digest = self._known.setdefault(key, Lazy(lambda: _sha256(path)))
        return digest.get()


def _sha256(path: Path) -> str:
    with open_regular(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
