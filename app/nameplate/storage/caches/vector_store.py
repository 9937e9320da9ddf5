"""Stores vectors under names, each with a checksum."""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nameplate.storage.caches.cache_file import FILE_NAME, transaction
from nameplate.storage.caches.cache_tables import (
    LAYOUT,
    EmbeddingRow,
    Rows,
    drop_all,
    drop_oldest,
    embedding_checksum,
    model_seed,
)
from nameplate.storage.caches.sqlite_cache import SqliteCache

Vector = NDArray[np.float32]

DEFAULT_LIMIT: Final = 2_000_000_000
"""Bytes; about 900,000 embeddings of 512 numbers."""

_KEPT_SHARE: Final = 0.9
_DAY: Final = 86_400


class VectorStore(SqliteCache):
    """The vectors of one model, in the file of the embedding cache."""

    def __init__(
        self,
        folder: Path,
        model: str,
        *,
        size: int | None = None,
        limit_bytes: int = DEFAULT_LIMIT,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Open the cache in `folder`, or create it; problems are recorded, not raised.

        Args:
            folder: Made if need be.
            model: Fingerprint of weights and preprocessing; other models' vectors are not seen.
            size: Numbers in an embedding; those of another length are dropped. None: as many as in
                the first that is found or stored.
            limit_bytes: Above it the embeddings that were unused for longest are dropped.
            clock: Seconds since the epoch.
        """
        file = folder / FILE_NAME
        super().__init__(file, LAYOUT, limit_bytes=limit_bytes, kept_share=_KEPT_SHARE)
        self._model = model
        self._seed = model_seed(model)
        self._size = size
        self._clock = clock
        self._used: list[int] = []
        self._open()  # so that `problem` says at once what is wrong

    def close(self) -> None:
        """Close the file for good; nothing is found or stored afterwards."""
        with self._lock:
            if self._used:
                self._write(self._note_use)
            super().close()

    def recall(self, names: Iterable[str]) -> dict[str, Vector]:
        """Return the vectors stored under these names."""
        rows = {name: row for name in names if (row := self._known_content(name)) is not None}
        is_sound, vectors = self._checked(list(rows.values()))
        sound = [name for name, is_good in zip(rows, is_sound, strict=True) if is_good]
        return dict(zip(sound, vectors, strict=True))

    def keep(self, vectors: Mapping[str, Vector]) -> None:
        """Store vectors (float32, 1-D each, finite) under names, in one transaction."""

        def put(db: sqlite3.Connection) -> None:
            rows, now = self._rows(db), int(self._clock())
            for name, vector in vectors.items():
                rows.put_embedding(rows.put_content(name), now, blob_of(vector))

        if vectors:
            self._write(put)

    def clear(self) -> None:
        """Drop everything, of all models; other programs may go on using the file."""

        def drop(db: sqlite3.Connection) -> None:
            with transaction(db):
                drop_all(db)
            with contextlib.suppress(sqlite3.OperationalError):  # others read: next time, then
                db.execute("VACUUM")

        self._read(drop, None)

    def _rows(self, db: sqlite3.Connection) -> Rows:
        return Rows(db, self._model)

    def _known_content(self, content: str) -> EmbeddingRow | None:
        def find(db: sqlite3.Connection) -> EmbeddingRow | None:
            rows = self._rows(db)
            number = rows.content_of(content)
            return None if number is None else rows.find_content(number)

        return self._read(find, None)

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
        bad = [row[0] for row, blob in zip(found, blobs, strict=True) if blob is None]
        with self._lock:
            self._used += self._worth_noting(found)
            if bad:
                self._write(lambda db: self._rows(db).drop(bad))
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

    def _note_use(self, db: sqlite3.Connection) -> None:
        self._rows(db).note_use(self._used, int(self._clock()))
        self._used = []

    def _drop_oldest(self, db: sqlite3.Connection, share: float) -> None:
        self._note_use(db)
        drop_oldest(db, share)


def blob_of(vector: Vector) -> bytes:
    """Return a vector as the file has it: little-endian float32."""
    return np.ascontiguousarray(vector, dtype="<f4").tobytes()
