"""Caches vectors, of pictures by their content and of prompts, so that none is encoded twice."""

import contextlib
import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import platformdirs
from numpy.typing import NDArray

from nameplate.domain.embeddings import Descriptors, ImageVectors
from nameplate.domain.messages import Message
from nameplate.storage.caches.cache_file import FILE_NAME, SqliteCache, transaction
from nameplate.storage.caches.cache_tables import (
    LAYOUT,
    EmbeddingRow,
    FileRow,
    content_in,
    drop_all,
    drop_oldest,
    drop_some,
    embedding_checksum,
    file_checksum,
    find_content,
    find_files,
    model_seed,
    note_use,
    put_content,
    put_embedding,
    put_file,
    sound_name,
)
from nameplate.storage.folders import own_folder
from nameplate.system.file_status import Status, absolute_bytes, content_key, status_of

Vector = NDArray[np.float32]
_NAN: Final = np.array(np.nan, "<f2").tobytes()

_DAY: Final = 86_400

_MANY: Final = 500
"""Paths in a query, since SQLite takes 999 parameters everywhere; files that wait to be written."""

_TEXT_VERSION: Final = 1
"""Increased when tokenization or pooling changes, so that old vectors are not used."""


@dataclass(frozen=True, slots=True)
class CacheHits:
    """The result of a lookup of files.

    Attributes:
        indices: n int64, ascending: which of the paths asked for.
        vectors: n x D float32, one for each; the caller's own.
        descriptors: n x E float16; NaN where the cache has none.
        contents: n `content_key`s; None where the cache's note of it is damaged.
        statuses: Of all the paths asked for; None for a file that is not there.
    """

    indices: NDArray[np.int64]
    vectors: Vector
    descriptors: Descriptors
    contents: list[str | None]
    statuses: list[Status | None]


_Item = tuple[bytes, Status, str, bytes | None]
"""What is to be stored: file, status, content key, and the vectors where the cache has none yet."""


def default_folder() -> Path:
    """Return the folder of the cache; a temporary one if the user has no home."""
    return own_folder(platformdirs.user_cache_path)


class EmbeddingCache(SqliteCache):
    """The embeddings of one model: of images, by file, and of texts, by name."""

    def __init__(
        self,
        folder: Path,
        model: str,
        *,
        size: int | None = None,
        descriptor_size: int = 0,
        describes: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Open the cache in `folder`, or create it; problems are recorded, not raised.

        Args:
            folder: Made if need be.
            model: Fingerprint of weights and preprocessing; other models' vectors are not seen.
            size: Numbers in an embedding; those of another length are dropped. None: as many as in
                the first that is found or stored.
            descriptor_size: Numbers in a descriptor, which follows the embedding in the file.
            describes: Whether to find only what has a descriptor, where there are any.
            clock: Seconds since the epoch.
        """
        super().__init__(folder / FILE_NAME, LAYOUT)
        self._model = model
        self._seed = model_seed(model)
        self._size, self._descriptor_size, self._describes = size, descriptor_size, describes
        self._clock = clock
        self._used: list[int] = []
        self._missed: dict[bytes, Status] = {}
        self._waiting: list[_Item] = []
        self._open()  # so that `problem` says at once what is wrong

    def find(self, paths: Sequence[Path]) -> CacheHits:
        """Return the vectors of unchanged files.

        A file costs a `stat`. Those that are not found are remembered as they are now, so that
        `store` can tell whether one was changed meanwhile.
        """
        indices, found, keys = list[int](), list[EmbeddingRow](), list[str | None]()
        seen = list[Status | None]()
        self._write_waiting()
        for start in range(0, len(paths), _MANY):
            names = [absolute_bytes(path) for path in paths[start : start + _MANY]]
            # Outside the lock: on a network drive each may take long.
            statuses = [status_of(name) for name in names]
            seen += statuses
            known = self._known(names)
            for index, (name, status) in enumerate(zip(names, statuses, strict=True), start):
                row = known.get(name)
                if row is not None and status is not None and _is_as_it_was(row, status):
                    indices.append(index)
                    keys.append(sound_name(content_in(row[8]), row[6], row[7]))
                    found.append(row[8:])
                elif status is not None:
                    self._missed[name] = status
        is_sound, vectors = self._checked(found)
        contents = [key for key, is_good in zip(keys, is_sound, strict=True) if is_good]
        return CacheHits(np.array(indices, np.int64)[is_sound], *vectors, contents, seen)

    def find_content(self, path: Path, content: str) -> ImageVectors | None:
        """Return the vectors (of one image) of a file that was moved, renamed or copied.

        Args:
            path: From now on its embedding is found at the cost of a `stat`.
            content: Its `content_key`, made since `find` missed the file.
        """
        name = absolute_bytes(path)
        status = self._missed.get(name) or status_of(name)
        row = self._known_content(content)
        _, vectors = self._checked([row] if row else [])
        is_as_it_was = status is not None and status_of(name) == status
        if row is None or status is None or not is_as_it_was or not len(vectors.embeddings):
            return None
        self._missed.pop(name, None)
        with self._lock:
            self._waiting.append((name, status, content, None))
            if len(self._waiting) >= _MANY:  # each write waits for the disk
                self._write_waiting()
        return vectors

    def store(
        self,
        items: Sequence[tuple[Path, Vector]],
        contents: Sequence[str | None] | None = None,
        descriptors: Descriptors | None = None,
    ) -> None:
        """Store embeddings (float32, 1-D each) in one transaction.

        Left out are embeddings with numbers that are not finite, and files that cannot be read any
        more or were changed since `find` missed them.

        Args:
            items: Files and what the model made of them.
            contents: The `content_key` of each where it is known, made since `find` missed the
                file; the others are hashed here.
            descriptors: One for each where the model has any.
        """
        keys = contents or [None] * len(items)
        more = [b""] * len(items)
        if descriptors is not None and self._descriptor_size:
            more = [
                descriptor.astype("<f2").tobytes() if np.isfinite(descriptor).all() else b""
                for descriptor in descriptors
            ]
        made = (
            self._item(path, vector, key, after)
            for (path, vector), key, after in zip(items, keys, more, strict=True)
        )
        to_store = [item for item in made if item is not None]
        with self._lock:
            self._waiting += to_store
            self._write_waiting()

    def recall(self, names: Iterable[str]) -> dict[str, Vector]:
        """Return the vectors stored under these names."""
        rows = {name: row for name in names if (row := self._known_content(name)) is not None}
        is_sound, vectors = self._checked(list(rows.values()))
        sound = [name for name, is_good in zip(rows, is_sound, strict=True) if is_good]
        return dict(zip(sound, vectors.embeddings, strict=True))

    def keep(self, vectors: Mapping[str, Vector]) -> None:
        """Store vectors (float32, 1-D each, finite) under names, in one transaction."""

        def put(db: sqlite3.Connection) -> None:
            now = int(self._clock())
            for name, vector in vectors.items():
                put_embedding(db, self._model, put_content(db, name), now, _blob(vector))

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

    def close(self) -> None:
        """Close the file for good; nothing is found or stored afterwards."""
        self._write_waiting()
        with self._lock:
            if self._used:
                self._write(self._note_use)
            super().close()

    def _write_waiting(self) -> None:
        with self._lock:
            items, self._waiting = self._waiting, []
            if items:
                self._write(lambda db: self._put(db, items))

    def _known(self, names: Iterable[bytes]) -> dict[bytes, FileRow]:
        rows = self._read(lambda db: find_files(db, self._model, set(names)), [])
        return {row[0]: row for row in rows}

    def _item(
        self, path: Path, vector: Vector, content: str | None, descriptor: bytes
    ) -> _Item | None:
        """Return the entry to store; None if the file may have changed since it was read."""
        name = absolute_bytes(path)
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
        return name, status, content, _blob(vector) + descriptor

    def _put(self, db: sqlite3.Connection, items: Iterable[_Item]) -> None:
        now = int(self._clock())
        for name, status, key, vector in items:
            content = put_content(db, key)
            put_file(db, name, status, content)
            if vector is not None:
                put_embedding(db, self._model, content, now, vector)

    def _known_content(self, content: str) -> EmbeddingRow | None:
        return self._read(lambda db: find_content(db, self._model, content), None)

    def _checked(self, found: Sequence[EmbeddingRow]) -> tuple[NDArray[np.bool_], ImageVectors]:
        """Return which rows are sound, and their vectors; the others are dropped from the cache."""
        blobs = [self._sound_vector(row) for row in found]
        is_sound = np.array([blob is not None for blob in blobs], dtype=bool)
        vectors = self._vectors([blob for blob in blobs if blob is not None])
        is_finite = np.asarray(np.isfinite(vectors.embeddings).all(axis=1))
        if self._describes:
            is_finite &= np.isfinite(vectors.descriptors).all(axis=1)
        if not is_finite.all():
            is_sound[np.flatnonzero(is_sound)[~is_finite]] = False
            vectors = vectors.take(is_finite)
        bad = [row[0] for row, blob in zip(found, blobs, strict=True) if blob is None]
        with self._lock:
            self._used += self._worth_noting(found)
            if bad:
                self._write(lambda db: drop_some(db, bad))
        return is_sound, vectors

    def _vectors(self, blobs: Sequence[bytes]) -> ImageVectors:
        """Return the vectors in sound blobs; without a descriptor there it is NaN."""
        size, more = self._size or 0, self._descriptor_size
        narrow, wide = 4 * size, 4 * size + 2 * more
        filled = (blob if len(blob) == wide else blob + _NAN * more for blob in blobs)
        joined = np.frombuffer(bytearray().join(filled), np.uint8).reshape(len(blobs), wide)
        embeddings = np.ascontiguousarray(joined[:, :narrow]).view("<f4")
        descriptors = np.ascontiguousarray(joined[:, narrow:]).view("<f2")
        return ImageVectors(
            embeddings.astype(np.float32, copy=False), descriptors.astype(np.float16, copy=False)
        )

    def _sound_vector(self, row: EmbeddingRow) -> bytes | None:
        number, _, checksum, vector = row
        if not isinstance(vector, bytes) or not vector:
            return None
        if checksum != embedding_checksum(self._seed, number, vector):
            return None
        narrow, more = 4 * (self._size or 0), 2 * self._descriptor_size
        if narrow and more and len(vector) >= narrow:
            # Other numbers after the embedding are of another descriptor.
            return vector if len(vector) == narrow + more else vector[:narrow]
        return None if len(vector) % 4 or not self._is_as_long(len(vector) // 4) else vector

    def _is_as_long(self, size: int) -> bool:
        if self._size is None:
            self._size = size
        return self._size == size

    def _worth_noting(self, rows: Iterable[EmbeddingRow]) -> list[int]:
        """Return the ids of rows whose recorded last use is more than a day from now.

        In both directions: a clock may have been wrong.
        """
        since, until = self._clock() - _DAY, self._clock() + _DAY
        return [n for n, used, *_ in rows if not (isinstance(used, int) and since < used < until)]

    def _note_use(self, db: sqlite3.Connection) -> None:
        note_use(db, self._used, int(self._clock()))
        self._used = []

    def _drop_oldest(self, db: sqlite3.Connection, share: float) -> None:
        self._note_use(db)
        drop_oldest(db, share)


class TextCache:
    """The vectors of one model's prompts, in the file of the embedding cache.

    The file is opened for each call: there are few, and nothing has to be closed.

    Attributes:
        problem: What was wrong with the file; None while all is well.
    """

    def __init__(self, folder: Path, fingerprint: str, size: int) -> None:
        """Touch no file yet; `size` is that of a vector."""
        self.problem: Message | None = None
        self._folder = folder
        self._model = f"text-{_TEXT_VERSION}-{fingerprint}"
        self._size = size

    def find(self, prompts: Iterable[str]) -> dict[str, Vector]:
        """Return the cached vectors (float32, D) of `prompts`."""
        names = {_name(prompt): prompt for prompt in prompts}
        with self._open() as store:
            found = store.recall(names)
            self.problem = self.problem or store.problem
        return {names[name]: vector for name, vector in found.items()}

    def store(self, vectors: Mapping[str, Vector]) -> None:
        """Store the vectors (float32, D, finite) of prompts."""
        with self._open() as store:
            store.keep({_name(prompt): vector for prompt, vector in vectors.items()})
            self.problem = self.problem or store.problem

    def _open(self) -> EmbeddingCache:
        return EmbeddingCache(self._folder, self._model, size=self._size)


def _name(prompt: str) -> str:
    """Return a prompt's key: of fixed length, and different from all keys of files."""
    digest = hashlib.blake2b(prompt.encode("utf-8", "surrogatepass"), digest_size=16)
    return f"prompt-{digest.hexdigest()}"


def _is_as_it_was(row: FileRow, status: Status) -> bool:
    """Return whether a file's row is intact, and its status is unchanged."""
    return row[1:5] == status and row[5] == file_checksum(row[0], status, content_in(row[8]))


def _blob(vector: Vector) -> bytes:
    """Return a vector as the file has it: little-endian float32."""
    return np.ascontiguousarray(vector, dtype="<f4").tobytes()
