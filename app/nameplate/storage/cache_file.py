"""The database file of the embedding cache: its tables, how it is opened, and what ails it."""

import contextlib
import errno
import sqlite3
import time
from collections.abc import Generator
from pathlib import Path
from typing import Final

from nameplate.storage.failures import FULL_DISK

VERSION: Final = 2
"""Of the tables; the first version is brought up to it, a file of another one is set aside."""

_SCHEMA: Final = (
    """CREATE TABLE files (
        path BLOB PRIMARY KEY, size INTEGER, mtime_ns INTEGER, content TEXT,
        ctime_ns INTEGER, inode INTEGER
    ) WITHOUT ROWID""",
    "CREATE INDEX files_by_size ON files (size)",
    """CREATE TABLE embeddings (
        id INTEGER PRIMARY KEY, content TEXT, model TEXT, used INTEGER, checksum BLOB, vector BLOB,
        UNIQUE (content, model)
    )""",
    "CREATE INDEX embeddings_by_use ON embeddings (used)",
)
_FROM_VERSION_1: Final = (
    # Empty in old rows: the file is hashed once, and its embedding found by its content.
    "ALTER TABLE files ADD COLUMN ctime_ns INTEGER",
    "ALTER TABLE files ADD COLUMN inode INTEGER",
)
_DROP_OLDEST: Final = """
DELETE FROM embeddings WHERE id IN (SELECT id FROM embeddings ORDER BY used, id LIMIT ?)
"""
_KEPT_SHARE: Final = 0.9

_WAIT: Final = 1.0
"""Seconds that a write waits for another program's; theirs take milliseconds."""

_OPENING: Final = 3.0
"""Seconds in which opening is tried again."""

_PAUSE: Final = 0.05

TROUBLE: Final = {
    sqlite3.SQLITE_BUSY: "another program holds it",
    sqlite3.SQLITE_LOCKED: "another program holds it",
    sqlite3.SQLITE_PERM: "no permission",
    sqlite3.SQLITE_READONLY: "no permission to write",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened or made",
    sqlite3.SQLITE_IOERR: "the disk or the connection failed",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_NOMEM: "too little memory is free",
    sqlite3.SQLITE_NOLFS: "the disk is full",
}
"""Errors of SQLite that a new file would not help; after any other one, the file is made anew."""

BUSY: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

_NO_FOLDER: Final = {
    errno.EEXIST: "a file stands where its folder should be",
    errno.ENOTDIR: "a file stands where its folder should be",
    errno.EROFS: "its disk is read-only",
    errno.EACCES: "no permission to write",
    errno.EPERM: "no permission to write",
    errno.ENAMETOOLONG: "its path is too long",
    **dict.fromkeys(FULL_DISK, "the disk is full"),
}


def code_of(error: sqlite3.Error) -> int:
    """Return the kind of an error as SQLite's number; errors of Python's own count as damage."""
    # The low byte is the kind; the others say more about it.
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF


def why_no_folder(error: OSError) -> str:
    """Return why the folder of the cache cannot be made, as a clause."""
    unknown = f"its folder cannot be made ({error.strerror or 'unknown reason'})"
    return _NO_FOLDER.get(error.errno or 0, unknown)


def open_file(file: Path) -> sqlite3.Connection:
    """Open the database in `file`, or make it and its folder.

    Several programs may do so at once: turning a new file to write-ahead logging does not wait for
    the others as a write does, so it is tried again for some seconds.

    Raises:
        OSError: The folder cannot be made.
        sqlite3.Error: The file is damaged, held, or no file that can be opened.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + _OPENING
    while True:
        try:
            return _opened(file)
        except sqlite3.Error as error:
            if code_of(error) not in BUSY or time.monotonic() > until:
                raise
        time.sleep(_PAUSE)


def _opened(file: Path) -> sqlite3.Connection:
    db = sqlite3.connect(file, timeout=_WAIT, isolation_level=None, check_same_thread=False)
    try:
        # Of a vector of 512 numbers only one would fit into a page of 4 KiB.
        db.execute("PRAGMA page_size = 16384")
        db.execute("PRAGMA journal_mode = WAL")
        # A crash may lose the last batches, never the file: they would be encoded again.
        db.execute("PRAGMA synchronous = NORMAL")
        if _version(db) != VERSION:  # so that a file that others write to can be read at once
            with transaction(db):
                _bring_up(db)
    except BaseException:
        db.close()
        raise
    return db


def _bring_up(db: sqlite3.Connection) -> None:
    version = _version(db)  # once more: another program may have done it
    if version == VERSION:
        return
    if version not in (0, 1):
        raise sqlite3.DatabaseError(f"version {version}")
    for statement in _SCHEMA if version == 0 else _FROM_VERSION_1:
        db.execute(statement)
    db.execute(f"PRAGMA user_version = {VERSION}")


def _version(db: sqlite3.Connection) -> int:
    return db.execute("PRAGMA user_version").fetchone()[0]


@contextlib.contextmanager
def transaction(db: sqlite3.Connection) -> Generator[sqlite3.Connection]:
    """Do all that is written inside, or on any failure nothing of it."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
        db.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):  # SQLite may have rolled back itself
            db.execute("ROLLBACK")
        raise


def prune(db: sqlite3.Connection, limit: int) -> None:
    """Drop what was unused for longest until the pages in use are well below `limit` bytes."""
    pages, free, page_bytes = (
        db.execute(f"PRAGMA {what}").fetchone()[0]
        for what in ("page_count", "freelist_count", "page_size")
    )
    size = (pages - free) * page_bytes
    if size <= limit:
        return
    (rows,) = db.execute("SELECT count(*) FROM embeddings").fetchone()
    surplus = int(rows * (1 - _KEPT_SHARE * limit / size)) + 1
    with transaction(db):
        db.execute(_DROP_OLDEST, (surplus,))
        db.execute("DELETE FROM files WHERE content NOT IN (SELECT content FROM embeddings)")
