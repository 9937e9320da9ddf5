"""Caches embeddings by file content, so that no picture is encoded twice."""

import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import platformdirs
from numpy.typing import NDArray

from nameplate.storage.caches.cache_tables import (
    EmbeddingRow,
    FileRow,
    content_in,
    file_checksum,
    sound_name,
)
from nameplate.storage.caches.vector_store import DEFAULT_LIMIT, Vector, VectorStore, blob_of
from nameplate.storage.folders import own_folder
from nameplate.system.file_status import Status, content_key, name_of, status_of

_MANY: Final = 500
"""Paths in a query, since SQLite takes 999 parameters everywhere; files that wait to be written."""


@dataclass(frozen=True, slots=True)
class Hits:
    """The result of a lookup of files.

    Attributes:
        indices: n int64, ascending: which of the paths asked for.
        vectors: n x D float32, one for each; the caller's own.
        contents: n `content_key`s; None where the cache's note of it is damaged.
        statuses: Of all the paths asked for; None for a file that is not there.
    """

    indices: NDArray[np.int64]
    vectors: Vector
    contents: list[str | None]
    statuses: list[Status | None]


@dataclass(frozen=True, slots=True)
class _Item:
    """An entry to store: file, content key and embedding.

    The vector is None where the cache has it already.
    """

    name: bytes
    status: Status
    content: str
    vector: bytes | None


def default_folder() -> Path:
    """Return the folder of the cache; a temporary one if the user has no home."""
    return own_folder(platformdirs.user_cache_path)


class EmbeddingCache(VectorStore):
    """The embeddings of one model's images, found by their files; see `VectorStore`."""

    def __init__(
        self,
        folder: Path,
        model: str,
        *,
        size: int | None = None,
        limit_bytes: int = DEFAULT_LIMIT,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Open the cache in `folder` as `VectorStore` does."""
        self._missed: dict[bytes, Status] = {}
        self._waiting: list[_Item] = []
        super().__init__(folder, model, size=size, limit_bytes=limit_bytes, clock=clock)

    def find(self, paths: Sequence[Path]) -> Hits:
        """Return the embeddings of unchanged files.

        A file costs a `stat`. Those that are not found are remembered as they are now, so that
        `store` can tell whether one was changed meanwhile.
        """
        indices, found, keys = list[int](), list[EmbeddingRow](), list[str | None]()
        seen = list[Status | None]()
        self._write_waiting()
        for start in range(0, len(paths), _MANY):
            names = [name_of(path) for path in paths[start : start + _MANY]]
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
        return Hits(np.array(indices, np.int64)[is_sound], vectors, contents, seen)

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
        with self._lock:
            self._waiting.append(_Item(name, status, content, None))
            if len(self._waiting) >= _MANY:  # each write waits for the disk
                self._write_waiting()
        return vectors[0]

    def store(
        self, items: Sequence[tuple[Path, Vector]], contents: Sequence[str | None] | None = None
    ) -> None:
        """Store embeddings (float32, 1-D each) in one transaction.

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
        with self._lock:
            self._waiting += to_store
            self._write_waiting()

    def close(self) -> None:
        """Close the file for good; nothing is found or stored afterwards."""
        self._write_waiting()
        super().close()

    def _write_waiting(self) -> None:
        with self._lock:
            items, self._waiting = self._waiting, []
            if items:
                self._write(lambda db: self._put(db, items))

    def _known(self, names: Iterable[bytes]) -> dict[bytes, FileRow]:
        rows = self._read(lambda db: self._rows(db).find_files(set(names)), [])
        return {row[0]: row for row in rows}

    def _item(self, path: Path, vector: Vector, content: str | None) -> _Item | None:
        """Return the entry to store; None if the file may have changed since it was read."""
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
        return _Item(name, status, content, blob_of(vector))

    def _put(self, db: sqlite3.Connection, items: Iterable[_Item]) -> None:
        rows, now = self._rows(db), int(self._clock())
        for item in items:
            content = rows.put_content(item.content)
            rows.put_file(item.name, item.status, content)
            if item.vector is not None:
                rows.put_embedding(content, now, item.vector)


def _is_as_it_was(row: FileRow, status: Status) -> bool:
    """Return whether a file's row is intact, and its status is unchanged."""
    return row[1:5] == status and row[5] == file_checksum(row[0], status, content_in(row[8]))
