"""Remembers embeddings by the content of their files, so that no picture is encoded twice.

A cache is a convenience: whatever is wrong with it, the program goes on without, and nothing in it
is believed whose checksum disagrees.
"""

import contextlib
import hashlib
import math
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
import platformdirs
from numpy.typing import NDArray

from nameplate.storage.cache_file import (
    BUSY,
    TROUBLE,
    code_of,
    open_file,
    prune,
    transaction,
    why_no_folder,
)
from nameplate.storage.folders import own_folder

Vector = NDArray[np.float32]

FILE_NAME: Final = "embeddings.sqlite"
DEFAULT_LIMIT: Final = 2_000_000_000
"""Bytes; about 900,000 embeddings of 512 numbers."""

_FIND: Final = """
SELECT f.path, f.size, f.mtime_ns, f.ctime_ns, f.inode,
       e.id, e.content, e.used, e.checksum, e.vector
FROM files f JOIN embeddings e ON e.content = f.content AND e.model = ?
WHERE f.path IN ({marks})
"""
_FIND_CONTENT: Final = """
SELECT id, content, used, checksum, vector FROM embeddings WHERE content = ? AND model = ?
"""
_PUT: Final = """
INSERT OR REPLACE INTO embeddings (content, model, used, checksum, vector) VALUES (?, ?, ?, ?, ?)
"""
_PUT_FILE: Final = """
INSERT OR REPLACE INTO files (path, size, mtime_ns, ctime_ns, inode, content)
VALUES (?, ?, ?, ?, ?, ?)
"""
_MANY: Final = 500
"""Paths in a query; SQLite takes 999 parameters everywhere."""

_DAY: Final = 86_400
_BACK_OFF: Final = 30.0
"""Seconds without a write after another program did not let one through."""

_SQLITE_INTEGER: Final = 2**63 - 1

_Status = tuple[int, int, int, int]
"""Size in bytes, times of the last change of the content and of the entry in ns, number of the
file on its disk: a file with the same is taken to be the same. (On Windows the second time is that
of creation.) The content's time alone is kept by copies and can be set: two files that swap their
names would be taken for each other.
"""

_Row = tuple[bytes, _Status, str, bytes]
"""Name, status, content key and little-endian vector of a file to store."""


def default_folder() -> Path:
    """Return the folder of the cache on this system; a temporary one for who has no home."""
    return own_folder(platformdirs.user_cache_path)


def content_key(path: Path) -> str:
    """Return a name for the content of a file: its size and a 128-bit hash of all of its bytes.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=16))
        return f"{digest.hexdigest()}-{stream.tell()}"


class EmbeddingCache:
    """The embeddings of one model; a context manager. Calls may come from any thread, one by one.

    Attributes:
        problem: What was wrong with the cache, as a sentence; empty while all is well.
    """

    def __init__(
        self,
        folder: Path,
        model: str,
        *,
        size: int | None = None,
        limit_bytes: int = DEFAULT_LIMIT,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Open the cache in `folder`, or make it; never raises for what is wrong there.

        Args:
            folder: Made if need be.
            model: Fingerprint of weights and preprocessing; other models' vectors are not seen.
            size: Numbers in an embedding; those of another length are dropped. None: not checked.
            limit_bytes: Above it the embeddings that were unused for longest are dropped.
            clock: Seconds since the epoch.
        """
        self.problem = ""
        self._file = folder / FILE_NAME
        self._model = model
        self._size = size
        self._limit = limit_bytes
        self._clock = clock
        self._lock = threading.Lock()
        self._missed: dict[Path, _Status] = {}
        self._db: sqlite3.Connection | None = None
        self._write_from = 0.0
        with self._lock, self._guarded():
            self._db = open_file(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; afterwards nothing is found and nothing stored."""
        with self._lock:
            self._close()

    def lookup(self, paths: Sequence[Path]) -> dict[int, Vector]:
        """Return the embeddings of files that are as they were, by their index in `paths`.

        A file costs a `stat`. Those that are not found are remembered as they are now, so that
        `store` can tell whether one was changed meanwhile.
        """
        found: dict[int, Vector] = {}
        with self._lock, self._guarded():
            for start in range(0, len(paths), _MANY):
                self._lookup_some(paths[start : start + _MANY], start, found)
        return found

    def lookup_content(self, paths: Sequence[Path]) -> dict[int, Vector]:
        """Return the embeddings of files that were moved, renamed or copied, likewise.

        A file is read whole only if one of its size is known.
        """
        found: dict[int, Vector] = {}
        with self._lock, self._guarded():
            for index, path in enumerate(paths):
                vector = self._by_content(path)
                if vector is not None:
                    found[index] = vector
        return found

    def store(self, items: Sequence[tuple[Path, Vector]]) -> None:
        """Keep embeddings (float32, 1-D each), all in one transaction.

        Left out are vectors with numbers that are not finite, and files that cannot be read any
        more or were changed since `lookup` missed them.
        """
        rows = [row for path, vector in items if (row := self._row(path, vector)) is not None]
        with self._lock, self._guarded():
            if not rows or self._db is None or not self._may_write():
                return
            now = int(self._clock())
            with transaction(self._db) as db:
                for name, status, content, blob in rows:
                    db.execute(_PUT_FILE, (name, *status, content))
                    checksum = self._checksum(content, blob)
                    db.execute(_PUT, (content, self._model, now, checksum, blob))
            prune(self._db, self._limit)

    def _lookup_some(self, paths: Sequence[Path], start: int, found: dict[int, Vector]) -> None:
        if self._db is None:
            return
        statuses = {path: status for path in paths if (status := _status(path)) is not None}
        by_name = {_name(path): path for path in statuses}
        query = _FIND.format(marks=",".join("?" * len(by_name)))
        vectors: dict[Path, Vector] = {}
        bad, used = list[int](), list[int]()
        for name, size, mtime, ctime, inode, *row in self._db.execute(
            query, (self._model, *by_name)
        ):
            path = by_name[name]
            if (size, mtime, ctime, inode) != statuses[path]:
                continue
            vector = self._checked(row, bad, used)
            if vector is not None:
                vectors[path] = vector
        self._missed.update((p, status) for p, status in statuses.items() if p not in vectors)
        found.update((start + i, vectors[p]) for i, p in enumerate(paths) if p in vectors)
        self._note_use(self._db, bad, used)

    def _by_content(self, path: Path) -> Vector | None:
        status = _status(path)
        if self._db is None or status is None:
            return None
        known = "SELECT 1 FROM files WHERE size = ? LIMIT 1"
        if self._db.execute(known, status[:1]).fetchone() is None:
            return None
        try:
            content = content_key(path)
        except OSError:
            return None
        row = self._db.execute(_FIND_CONTENT, (content, self._model)).fetchone()
        if row is None or _status(path) != status:
            return None
        bad, used = list[int](), list[int]()
        vector = self._checked(row, bad, used)
        self._note_use(self._db, bad, used)
        if vector is not None:
            self._missed.pop(path, None)
            self._note_place(_name(path), status, content)
        return vector

    def _row(self, path: Path, vector: Vector) -> _Row | None:
        """Return what to store, or None if the vector may not be that of the file as it is."""
        missed = self._missed.pop(path, None)
        status = _status(path)
        if status is None or (missed is not None and missed != status):
            return None
        if not self._is_sound(vector):
            return None
        try:
            content = content_key(path)
        except OSError:
            return None
        # Read once more: the file may have been changed while it was hashed.
        blob = np.ascontiguousarray(vector, dtype="<f4").tobytes()
        return (_name(path), status, content, blob) if _status(path) == status else None

    def _checked(self, row: Sequence[object], bad: list[int], used: list[int]) -> Vector | None:
        """Return the vector of a row (id, content, used, checksum, vector) if it is sound.

        Its id goes to `bad` if it is not, and to `used` if the last use is worth noting.
        """
        key, content, last_use, checksum, blob = row
        assert isinstance(key, int)  # noqa: S101 - SQLite's primary key
        vector = None
        if isinstance(blob, bytes) and checksum == self._checksum(str(content), blob):
            vector = np.frombuffer(blob, "<f4").astype(np.float32)
        if vector is None or not self._is_sound(vector):
            bad.append(key)
            return None
        # A write per hit would cost more than the hit.
        if not isinstance(last_use, int) or last_use < self._clock() - _DAY:
            used.append(key)
        return vector

    def _is_sound(self, vector: Vector) -> bool:
        return self._size in (None, len(vector)) and bool(np.isfinite(vector).all())

    def _checksum(self, content: str, blob: bytes) -> bytes:
        # With the key in it, so that a vector that got into another's row is found out too.
        key = f"{self._model}\0{content}\0".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(key + blob, digest_size=8).digest()

    def _note_use(self, db: sqlite3.Connection, bad: list[int], used: list[int]) -> None:
        """Drop rows that are unsound and note the use of others; what was found stays found."""
        if not (bad or used) or not self._may_write():
            return
        now = int(self._clock())
        with self._guarded(), transaction(db):
            db.executemany("DELETE FROM embeddings WHERE id = ?", [(key,) for key in bad])
            update = "UPDATE embeddings SET used = ? WHERE id = ?"
            db.executemany(update, [(now, key) for key in used])

    def _note_place(self, name: bytes, status: _Status, content: str) -> None:
        """Note where a content lies; what was found stays found."""
        if self._db is not None and self._may_write():
            with self._guarded():
                self._db.execute(_PUT_FILE, (name, *status, content))

    def _may_write(self) -> bool:
        return time.monotonic() >= self._write_from

    @contextlib.contextmanager
    def _guarded(self) -> Generator[None]:
        """End quietly on any error of SQLite or the disk: note it, and go on with less."""
        try:
            yield
        except sqlite3.Error as error:
            code = code_of(error)
            if code in TROUBLE:
                self._give_up(TROUBLE[code], code)
            else:
                self._start_anew()
        except OSError as error:
            self._give_up(why_no_folder(error), None)

    def _give_up(self, why: str, code: int | None) -> None:
        if code in BUSY:
            # Each try waits for the other program, and every batch would try.
            self._write_from = time.monotonic() + _BACK_OFF
        elif code == sqlite3.SQLITE_FULL:
            self._write_from = math.inf
        elif code != sqlite3.SQLITE_NOMEM:
            self._close()
        state = "is not used" if self._db is None else "is read but not written"
        self.problem = f"The cache in {self._file.parent} {state}: {why}."

    def _start_anew(self) -> None:
        """Delete a damaged file; all in it can be computed again."""
        self._close()
        self.problem = f"The cache in {self._file.parent} was damaged and has been emptied."
        try:
            for suffix in ("", "-wal", "-shm"):
                self._file.with_name(FILE_NAME + suffix).unlink(missing_ok=True)
            self._db = open_file(self._file)
        except (sqlite3.Error, OSError):
            self._give_up("it is damaged and cannot be made anew", None)

    def _close(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            with contextlib.suppress(sqlite3.Error):
                db.close()


def _status(path: Path) -> _Status | None:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    # SQLite's integers have 63 bits and a sign; a file can be dated after 2262.
    numbers = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
    size, mtime, ctime, inode = (number & _SQLITE_INTEGER for number in numbers)
    return size, mtime, ctime, inode


def _name(path: Path) -> bytes:
    return os.fsencode(path.absolute())
