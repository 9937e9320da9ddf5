"""Brings the embeddings of an earlier version's cache over, since making them may take hours."""

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from nameplate.storage.cache_tables import Rows

OLD_NAME: Final = "embeddings.sqlite"
"""The file of versions 1 and 2."""

_EMBEDDINGS: Final = "SELECT content, model, used, checksum, vector FROM embeddings ORDER BY id"
_FILES: Final = {
    # The first version's files are hashed once more, and their embeddings found by content.
    1: "SELECT path, size, -1, -1, -1, content FROM files",
    2: "SELECT path, size, mtime_ns, ctime_ns, inode, content FROM files",
}


def bring_over(db: sqlite3.Connection, old_file: Path) -> None:
    """Copy what is sound in `old_file` into the new tables of `db`; inside a transaction.

    What is damaged, or of an unknown version, is left out: it would be made anew as well.

    Raises:
        sqlite3.Error: `db` cannot be written.
    """
    if not old_file.is_file():
        return
    of_model: dict[str, Rows] = {}
    with contextlib.closing(sqlite3.connect(old_file)) as old:
        old.execute("PRAGMA locking_mode = EXCLUSIVE")  # as in cache_file: no `-shm` is mapped
        for content, model, used, vector in _old_embeddings(old):
            rows = of_model.setdefault(model, Rows(db, model))
            rows.put_embedding(rows.put_content(content), used, vector)
        for name, size, mtime, ctime, inode, content in _old_files(old):
            rows = Rows(db, "")
            known = rows.content_of(content)
            if known is not None:
                rows.put_file(name, (size, mtime, ctime, inode), known)


def _old_embeddings(old: sqlite3.Connection) -> Iterator[tuple[str, str, int, bytes]]:
    with contextlib.suppress(sqlite3.Error):
        for content, model, used, checksum, vector in old.execute(_EMBEDDINGS):
            sound = isinstance(content, str) and isinstance(model, str) and isinstance(used, int)
            if not (sound and isinstance(vector, bytes)):
                continue
            key = f"{model}\0{content}\0".encode("utf-8", "surrogatepass")
            if checksum == hashlib.blake2b(key + vector, digest_size=8).digest():
                yield content, model, used, vector


def _old_files(old: sqlite3.Connection) -> Iterator[tuple[bytes, int, int, int, int, str]]:
    with contextlib.suppress(sqlite3.Error, KeyError):
        (version,) = old.execute("PRAGMA user_version").fetchone()
        for name, *numbers, content in old.execute(_FILES[version]):
            sound = isinstance(name, bytes) and isinstance(content, str)
            if sound and all(isinstance(number, int) for number in numbers):
                size, mtime, ctime, inode = numbers
                yield name, size, mtime, ctime, inode, content
