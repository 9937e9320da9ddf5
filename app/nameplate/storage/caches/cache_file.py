"""Opens, creates and deletes the database files of the caches, and explains their errors.

They use a rollback journal, not write-ahead logging (WAL): for WAL, SQLite maps a file of shared
memory, `-shm`, into the process, and if anything cuts that file short, the process is ended by
SIGBUS and not by an error that could be handled (docs/adr/0009-embedding-cache.md).
"""

import contextlib
import errno
import sqlite3
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from nameplate.domain.messages import Message
from nameplate.storage.folders import make_private_file, make_private_folder, restrict_file
from nameplate.system.failures import FULL_DISK, words_of

FILE_NAME: Final = "embeddings-3.sqlite"
"""Of the embedding cache, with the version of its tables: programs of two versions must not empty
each other's file."""

_WAIT: Final = 1.0
"""Seconds that a write waits for another program's; theirs take milliseconds."""

_SPILL: Final = 2000
"""Pages (32 MB of 16 KiB) that a transaction may change before it keeps others from reading."""

_OPENING: Final = 3.0
"""Seconds in which opening is tried again."""

_PAUSE: Final = 0.05
"""Seconds between two tries."""

SUFFIXES: Final = ("", "-journal", "-wal", "-shm")
"""Of the files that SQLite may keep for one database; the last two only in WAL mode."""

TROUBLE: Final = {
    sqlite3.SQLITE_BUSY: Message("held-by-another"),
    sqlite3.SQLITE_LOCKED: Message("held-by-another"),
    sqlite3.SQLITE_PERM: Message("no-permission"),
    sqlite3.SQLITE_READONLY: Message("may-not-write"),
    sqlite3.SQLITE_CANTOPEN: Message("cannot-open-or-make"),
    sqlite3.SQLITE_IOERR: Message("drive-failed"),
    sqlite3.SQLITE_FULL: Message("disk-is-full"),
    sqlite3.SQLITE_NOMEM: Message("little-memory"),
    sqlite3.SQLITE_NOLFS: Message("disk-is-full"),
}
"""Errors of SQLite that a new file would not help; any other one means that the file is damaged."""

BUSY: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

_NO_FOLDER: Final = {
    errno.EEXIST: Message("file-in-the-way"),
    errno.ENOTDIR: Message("file-in-the-way"),
    errno.EROFS: Message("disk-is-read-only"),
    errno.EACCES: Message("may-not-write"),
    errno.EPERM: Message("may-not-write"),
    errno.ENAMETOOLONG: Message("its-path-is-too-long"),
    **dict.fromkeys(FULL_DISK, Message("disk-is-full")),
}


@dataclass(frozen=True, slots=True)
class Layout:
    """The schema and settings of a cache file.

    Attributes:
        version: Of the tables; a file with another one counts as damaged.
        schema: Statements that make the tables.
        page_bytes: Size of a page, where the file is new.
        synchronous: SQLite's setting: whether a commit waits for the disk.
        read_wait: Seconds that a read waits for another program's write.
    """

    version: int
    schema: tuple[str, ...]
    page_bytes: int
    synchronous: Literal["NORMAL", "OFF"]
    read_wait: float


def code_of(error: sqlite3.Error) -> int:
    """Return SQLite's code of an error; Python's own errors count as damage."""
    # The low byte is the kind; the others say more about it.
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF


def why_no_folder(error: OSError) -> Message:
    """Return why the folder of the cache cannot be made."""
    unknown = Message("folder-cannot-be-made", {"why": words_of(error)})
    return _NO_FOLDER.get(error.errno or 0, unknown)


def open_file(file: Path, layout: Layout) -> sqlite3.Connection:
    """Open the database in `file`, or create it and its folder, for this user only.

    Several programs may do so at once: setting the journal mode does not wait for the others as a
    write does, so opening is tried again for some seconds.

    Raises:
        OSError: The folder cannot be made.
        sqlite3.Error: The file is damaged, held, or no file that can be opened.
    """
    make_private_folder(file.parent)
    until = time.monotonic() + _OPENING
    while True:
        try:
            return _opened(file, layout)
        except sqlite3.Error as error:
            if code_of(error) not in BUSY or time.monotonic() > until:
                raise
        time.sleep(_PAUSE)


def delete_file(file: Path) -> None:
    """Delete the database in `file` if it exists, and SQLite's files beside it.

    Raises:
        OSError: It cannot be deleted.
    """
    for suffix in SUFFIXES:
        file.with_name(file.name + suffix).unlink(missing_ok=True)


def _opened(file: Path, layout: Layout) -> sqlite3.Connection:
    make_private_file(file)  # SQLite gives its journal the mode of the file
    for suffix in SUFFIXES[1:]:
        restrict_file(file.with_name(file.name + suffix))
    db = sqlite3.connect(file, timeout=_WAIT, isolation_level=None, check_same_thread=False)
    try:
        db.execute("PRAGMA mmap_size = 0")
        # Before the first read: then SQLite reads a file in WAL mode without mapping the `-shm`
        # beside it. https://sqlite.org/wal.html#noshm
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute(f"PRAGMA page_size = {layout.page_bytes}")
        # TRUNCATE keeps no copy of what was cleared, and costs what the others do.
        db.execute("PRAGMA journal_mode = TRUNCATE")
        with contextlib.suppress(OSError):  # nobody can be using it while this lock is held
            file.with_name(file.name + "-shm").unlink(missing_ok=True)
        db.execute("PRAGMA locking_mode = NORMAL")
        db.execute(f"PRAGMA cache_spill = {_SPILL}")
        db.execute(f"PRAGMA synchronous = {layout.synchronous}")
        if _version(db) != layout.version:  # so that a file that others write to is read at once
            with transaction(db):
                _make_tables(db, layout)
        _wait_for(db, layout.read_wait)
    except BaseException:
        db.close()
        raise
    return db


def _make_tables(db: sqlite3.Connection, layout: Layout) -> None:
    version = _version(db)  # once more: another program may have done it
    if version == layout.version:
        return
    if version != 0:
        raise sqlite3.DatabaseError(f"version {version}")
    for statement in layout.schema:
        db.execute(statement)
    db.execute(f"PRAGMA user_version = {layout.version}")


def _version(db: sqlite3.Connection) -> int:
    return db.execute("PRAGMA user_version").fetchone()[0]


def used_bytes(db: sqlite3.Connection) -> int:
    """Return the number of bytes in use in the file."""
    pages, free, page_bytes = (
        db.execute(f"PRAGMA {what}").fetchone()[0]
        for what in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * page_bytes


@contextlib.contextmanager
def transaction(db: sqlite3.Connection) -> Generator[sqlite3.Connection]:
    """Commit everything written inside; on any failure, nothing."""
    (before,) = db.execute("PRAGMA busy_timeout").fetchone()
    _wait_for(db, _WAIT)
    try:
        db.execute("BEGIN IMMEDIATE")
        yield db
        db.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):  # SQLite may have rolled back itself
            db.execute("ROLLBACK")
        raise
    finally:
        with contextlib.suppress(sqlite3.Error):
            _wait_for(db, before / 1000)


def _wait_for(db: sqlite3.Connection, seconds: float) -> None:
    db.execute(f"PRAGMA busy_timeout = {round(1000 * seconds)}")
