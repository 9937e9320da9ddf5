"""Vectors by the name of what they were made of, in a file that is never trusted blindly.

A cache is a convenience: whatever is wrong with it, the program goes on without, and nothing in it
is believed whose checksum disagrees.
"""

import contextlib
import math
import sqlite3
import threading
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
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
    Rows,
    drop_all,
    drop_oldest,
    embedding_checksum,
    model_seed,
    used_bytes,
)

Vector = NDArray[np.float32]

DEFAULT_LIMIT: Final = 2_000_000_000
"""Bytes; about 900,000 embeddings of 512 numbers."""

_KEPT_SHARE: Final = 0.9
_DAY: Final = 86_400
_BACK_OFF: Final = 30.0
"""Seconds without a write after another program did not let one through."""


class VectorStore:
    """The vectors of one model; a context manager. Calls may come from any thread.

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

    def recall(self, names: Iterable[str]) -> dict[str, Vector]:
        """Return the vectors that `keep` put under these names; those that are there."""
        rows = {name: row for name in names if (row := self._known_content(name)) is not None}
        is_sound, vectors = self._checked(list(rows.values()))
        sound = [name for name, is_good in zip(rows, is_sound, strict=True) if is_good]
        return dict(zip(sound, vectors, strict=True))

    def keep(self, vectors: Mapping[str, Vector]) -> None:
        """Keep vectors (float32, 1-D each, finite) under names, all in one transaction."""
        with self._lock, self._guarded():
            if not vectors or self._rows is None or not self._may_write():
                return
            now = int(self._clock())
            with transaction(self._rows.db):
                for name, vector in vectors.items():
                    blob = np.ascontiguousarray(vector, dtype="<f4").tobytes()
                    self._rows.put_embedding(self._rows.put_content(name), now, blob)
            self._prune(self._rows.db)

    def clear(self) -> None:
        """Drop everything, of all models; other programs may go on using the file."""
        with self._lock, self._guarded():
            if self._rows is not None:
                with transaction(self._rows.db):
                    drop_all(self._rows.db)
                with contextlib.suppress(sqlite3.OperationalError):  # others read: next time, then
                    self._rows.db.execute("VACUUM")

    def _known_content(self, content: str) -> EmbeddingRow | None:
        with self._lock, self._guarded():
            number = self._rows.content_of(content) if self._rows is not None else None
            if self._rows is not None and number is not None:
                return self._rows.find_content(number)
        return None

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
