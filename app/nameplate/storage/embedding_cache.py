"""Remembers embeddings by the content of their files, so that no picture is encoded twice.

A cache is a convenience: whatever is wrong with it, the program goes on without, and nothing in it
is believed whose checksum disagrees.
"""

import contextlib
import math
import sqlite3
import threading
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
import platformdirs
from numpy.typing import NDArray

from nameplate.storage.cache_file import (
    BUSY,
    FILE_NAME,
    TROUBLE,
    code_of,
    delete_file,
    open_file,
    transaction,
    why_no_folder,
)
from nameplate.storage.cache_tables import (
    EmbeddingRow,
    FileRow,
    Rows,
    content_in,
    drop_oldest,
    embedding_checksum,
    file_checksum,
    model_seed,
    used_bytes,
)
from nameplate.storage.file_status import Status, content_key, name_of, status_of
from nameplate.storage.folders import own_folder

Vector = NDArray[np.float32]

DEFAULT_LIMIT: Final = 2_000_000_000
"""Bytes; about 900,000 embeddings of 512 numbers."""

_MANY: Final = 500
"""Paths in a query; SQLite takes 999 parameters everywhere."""

_KEPT_SHARE: Final = 0.9
_DAY: Final = 86_400
_BACK_OFF: Final = 30.0
"""Seconds without a write after another program did not let one through."""


@dataclass(frozen=True, slots=True)
class Hits:
    """What the cache knows of some files.

    Attributes:
        indices: n int64, ascending: which of the paths asked for.
        vectors: n x D float32, one for each; the caller's own.
    """

    indices: NDArray[np.int64]
    vectors: Vector


@dataclass(frozen=True, slots=True)
class _Item:
    """What is to be stored: the file, what lies in it, and what the model made of that."""

    name: bytes
    status: Status
    content: str
    vector: bytes


def default_folder() -> Path:
    """Return the folder of the cache on this system; a temporary one for who has no home."""
    return own_folder(platformdirs.user_cache_path)


class EmbeddingCache:
    """The embeddings of one model; a context manager. Calls may come from any thread.

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
            size: Numbers in an embedding; those of another length are dropped. None: as many as in
                the first that is found or stored.
            limit_bytes: Above it the embeddings that were unused for longest are dropped.
            clock: Seconds since the epoch.
        """
        self.problem = ""
        self._file = folder / FILE_NAME
        self._model = model
        self._seed = model_seed(model)
        self._size = size
        self._limit = limit_bytes
        self._clock = clock
        self._lock = threading.Lock()
        self._missed: dict[bytes, Status] = {}
        self._used: list[int] = []
        self._rows: Rows | None = None
        self._write_from = 0.0
        with self._lock, self._guarded():
            self._rows = Rows(open_file(self._file), model)

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
            self._note_use()
            self._close()

    def find(self, paths: Sequence[Path]) -> Hits:
        """Return the embeddings of files that are as they were.

        A file costs a `stat`. Those that are not found are remembered as they are now, so that
        `store` can tell whether one was changed meanwhile.
        """
        indices, found = list[int](), list[EmbeddingRow]()
        for start in range(0, len(paths), _MANY):
            names = [name_of(path) for path in paths[start : start + _MANY]]
            # Outside the lock: on a network drive each may take long.
            statuses = [status_of(name) for name in names]
            known = self._known(names)
            for index, (name, status) in enumerate(zip(names, statuses, strict=True), start):
                row = known.get(name)
                if row is not None and status is not None and _is_as_it_was(row, status):
                    indices.append(index)
                    found.append(row[6:])
                elif status is not None:
                    self._missed[name] = status
        is_sound, vectors = self._checked(found)
        return Hits(np.array(indices, np.int64)[is_sound], vectors)

    def lookup(self, paths: Sequence[Path]) -> dict[int, Vector]:
        """Return what `find` does, as vectors by their index in `paths`."""
        hits = self.find(paths)
        return dict(zip(hits.indices.tolist(), hits.vectors, strict=True))

    def knows_size(self, size: int) -> bool:
        """Return whether a file of `size` bytes is known: else none of its content can be."""
        with self._lock, self._guarded():
            return self._rows is not None and self._rows.knows_size(size)
        return False

    def find_content(self, path: Path, content: str) -> Vector | None:
        """Return the embedding of a file that was moved, renamed or copied.

        Args:
            path: From now on its embedding is found at the cost of a `stat`.
            content: Its `content_key`, made since `find` missed the file.
        """
        name = name_of(path)
        status = self._missed.get(name) or status_of(name)
        row = self._known_content(content)
        _, vectors = self._checked([row] if row else [])
        if row is None or not len(vectors) or status is None or status_of(name) != status:
            return None
        self._missed.pop(name, None)
        with self._lock, self._guarded():
            if self._rows is not None and self._may_write():
                self._rows.put_file(name, status, content_in(row[0]))
        return vectors[0]

    def lookup_content(self, paths: Sequence[Path]) -> dict[int, Vector]:
        """Return what `find_content` does for many files, as vectors by their index in `paths`.

        A file is read whole only if one of its size is known.
        """
        found: dict[int, Vector] = {}
        for index, path in enumerate(paths):
            status = status_of(name_of(path))
            if status is None or not self.knows_size(status[0]):
                continue
            with contextlib.suppress(OSError):
                vector = self.find_content(path, content_key(path))
                if vector is not None:
                    found[index] = vector
        return found

    def store(
        self, items: Sequence[tuple[Path, Vector]], contents: Sequence[str | None] | None = None
    ) -> None:
        """Keep embeddings (float32, 1-D each), all in one transaction.

        Left out are vectors with numbers that are not finite, and files that cannot be read any
        more or were changed since `find` missed them.

        Args:
            items: Files and what the model made of them.
            contents: The `content_key` of each where it is known, made since `find` missed the
                file; the others are hashed here.
        """
        keys = contents or [None] * len(items)
        made = (
            self._item(path, vector, key) for (path, vector), key in zip(items, keys, strict=True)
        )
        to_store = [item for item in made if item is not None]
        with self._lock, self._guarded():
            if not to_store or self._rows is None or not self._may_write():
                return
            with transaction(self._rows.db):
                self._put(self._rows, to_store)
            self._prune(self._rows.db)

    def _known(self, names: Iterable[bytes]) -> dict[bytes, FileRow]:
        with self._lock, self._guarded():
            if self._rows is not None:
                return {row[0]: row for row in self._rows.find_files(set(names))}
        return {}

    def _known_content(self, content: str) -> EmbeddingRow | None:
        with self._lock, self._guarded():
            number = self._rows.content_of(content) if self._rows is not None else None
            if self._rows is not None and number is not None:
                return self._rows.find_content(number)
        return None

    def _item(self, path: Path, vector: Vector, content: str | None) -> _Item | None:
        """Return what to store, or None if the vector may not be that of the file as it is."""
        name = name_of(path)
        missed = self._missed.pop(name, None)
        status = status_of(name)
        if status is None or (missed is not None and missed != status):
            return None
        if not self._is_as_long(len(vector)) or not np.isfinite(vector).all():
            return None
        if content is None:
            try:
                content = content_key(path)
            except OSError:
                return None
            # The file may have been changed while it was hashed.
            if status_of(name) != status:
                return None
        return _Item(name, status, content, np.ascontiguousarray(vector, dtype="<f4").tobytes())

    def _put(self, rows: Rows, items: Iterable[_Item]) -> None:
        now = int(self._clock())
        for item in items:
            content = rows.put_content(item.content)
            rows.put_file(item.name, item.status, content)
            rows.put_embedding(content, now, item.vector)

    def _checked(self, found: Sequence[EmbeddingRow]) -> tuple[NDArray[np.bool_], Vector]:
        """Return which rows are sound, and their vectors; the others are dropped from the cache."""
        blobs = [self._sound_vector(row) for row in found]
        is_sound = np.array([blob is not None for blob in blobs], dtype=bool)
        joined = bytearray().join(blob for blob in blobs if blob is not None)  # can be written to
        vectors = np.frombuffer(joined, "<f4").reshape(is_sound.sum(), self._size or 0)
        is_finite = np.isfinite(vectors).all(axis=1)
        if not is_finite.all():
            is_sound[np.flatnonzero(is_sound)[~is_finite]] = False
            vectors = vectors[is_finite]
        with self._lock, self._guarded():
            self._used += self._worth_noting(found)
            bad = [row[0] for row, blob in zip(found, blobs, strict=True) if blob is None]
            if bad and self._rows is not None and self._may_write():
                with transaction(self._rows.db):
                    self._rows.drop(bad)
        return is_sound, vectors.astype(np.float32, copy=False)

    def _sound_vector(self, row: EmbeddingRow) -> bytes | None:
        number, _, checksum, vector = row
        if not isinstance(vector, bytes) or len(vector) % 4 or not vector:
            return None
        if checksum != embedding_checksum(self._seed, number, vector):
            return None
        return vector if self._is_as_long(len(vector) // 4) else None

    def _is_as_long(self, size: int) -> bool:
        if self._size is None:
            self._size = size
        return self._size == size

    def _worth_noting(self, rows: Iterable[EmbeddingRow]) -> list[int]:
        """Return the numbers of those whose noted last use is more than a day away from now.

        In both directions: a clock may have been wrong.
        """
        since, until = self._clock() - _DAY, self._clock() + _DAY
        return [n for n, used, *_ in rows if not (isinstance(used, int) and since < used < until)]

    def _note_use(self) -> None:
        with self._guarded():
            if self._used and self._rows is not None and self._may_write():
                with transaction(self._rows.db):
                    self._rows.note_use(self._used, int(self._clock()))
        self._used = []

    def _prune(self, db: sqlite3.Connection) -> None:
        size = used_bytes(db)
        if size > self._limit:
            self._note_use()
            with transaction(db):
                drop_oldest(db, 1 - _KEPT_SHARE * self._limit / size)

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
        state = "is not used" if self._rows is None else "is read but not written"
        self.problem = f"The cache in {self._file.parent} {state}: {why}."

    def _start_anew(self) -> None:
        """Delete a damaged file; all in it can be computed again."""
        self._close()
        self.problem = f"The cache in {self._file.parent} was damaged and has been emptied."
        try:
            delete_file(self._file)
            self._rows = Rows(open_file(self._file), self._model)
        except (sqlite3.Error, OSError):
            self._give_up("it is damaged and cannot be made anew", None)

    def _close(self) -> None:
        rows, self._rows = self._rows, None
        if rows is not None:
            with contextlib.suppress(sqlite3.Error):
                rows.db.close()


def _is_as_it_was(row: FileRow, status: Status) -> bool:
    """Return whether the row of a file is sound, and the file has still its status."""
    return row[1:5] == status and row[5] == file_checksum(row[0], status, content_in(row[6]))
