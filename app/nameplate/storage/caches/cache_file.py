"""Caches in SQLite files; where a file cannot be used, the program works without it.

They use a rollback journal, not write-ahead logging (WAL): for WAL, SQLite maps a file of shared
memory, `-shm`, into the process, and if anything cuts that file short, the process is ended by
SIGBUS and not by an error that could be handled (docs/adr/0009-embedding-cache.md).
"""

import contextlib
import errno
import logging
import math
import sqlite3
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Self, TypeVar

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

_BACK_OFF: Final = 30.0
"""Seconds without a write, or a try to open, after another program did not let one through."""

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


_LOG = logging.getLogger(__name__)

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class CacheLayout:
    """The schema and settings of a cache file.

    Attributes:
        version: Of the tables; a file with another one counts as damaged.
        schema: Statements that make the tables.
        page_bytes: Size of a page, where the file is new.
        synchronous: SQLite's setting: whether a commit waits for the disk.
        read_wait: Seconds that a read waits for another program's write.
        limit: Returns the bytes above which the entries that were unused for longest are dropped.
        kept_share: Of the limit, what is left after that.
        is_quiet: Whether `problem` leaves out what ends by itself: that another program held the
            file, and that it was damaged and has been recreated.
    """

    version: int
    schema: tuple[str, ...]
    page_bytes: int
    synchronous: Literal["NORMAL", "OFF"]
    read_wait: float
    limit: Callable[[], int]
    kept_share: float
    is_quiet: bool = False


def code_of(error: sqlite3.Error) -> int:
    """Return SQLite's code of an error; Python's own errors count as damage."""
    # The low byte is the kind; the others say more about it.
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF


def why_no_folder(error: OSError) -> Message:
    """Return why the folder of the cache cannot be made."""
    unknown = Message("folder-cannot-be-made", {"why": words_of(error)})
    return _NO_FOLDER.get(error.errno or 0, unknown)


def open_file(file: Path, layout: CacheLayout) -> sqlite3.Connection:
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
    """Delete the database in `file` if it exists, and SQLite's files beside it."""
    for suffix in SUFFIXES:
        file.with_name(file.name + suffix).unlink(missing_ok=True)


def _opened(file: Path, layout: CacheLayout) -> sqlite3.Connection:
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


def _make_tables(db: sqlite3.Connection, layout: CacheLayout) -> None:
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


class SqliteCache(ABC):
    """A cache file, opened when first needed; a thread-safe context manager.

    No error of SQLite or of the disk leaves it. While another program writes, and on a full disk,
    it is read and not written; a damaged file is deleted and recreated once; on other errors it
    is closed for good.

    Attributes:
        problem: What was wrong with the cache; None while all is well.
    """

    def __init__(self, file: Path, layout: CacheLayout) -> None:
        """Touch no file yet; it is made, with its folder, if need be."""
        self.problem: Message | None = None
        self._file = file
        self._layout = layout
        self._lock = threading.RLock()
        self._db: sqlite3.Connection | None = None
        self._is_usable = True
        self._was_damaged = False
        self._write_from = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file for good; nothing is found or stored afterwards."""
        with self._lock:
            self._is_usable = False
            self._disconnect()

    def _open(self) -> None:
        """Open the file now, instead of on first use."""
        with self._lock, self._guarded():
            self._opened()

    def _read(self, work: Callable[[sqlite3.Connection], _T], default: _T) -> _T:
        """Return the result of `work`; `default` if the file cannot be used."""
        with self._lock, self._guarded():
            if (db := self._opened()) is not None:
                return work(db)
        return default

    def _write(self, work: Callable[[sqlite3.Connection], object]) -> None:
        """Run `work` in a transaction, if the file can be written now."""
        with self._lock, self._guarded():
            if time.monotonic() < self._write_from or (db := self._opened()) is None:
                return
            with transaction(db):
                work(db)
            size, limit = used_bytes(db), self._layout.limit()
            if size > limit:
                with transaction(db):
                    self._drop_oldest(db, 1 - self._layout.kept_share * limit / size)

    @abstractmethod
    def _drop_oldest(self, db: sqlite3.Connection, share: float) -> None:
        """Drop a share of the entries, the least recently used; inside a transaction."""

    def _opened(self) -> sqlite3.Connection | None:
        if self._db is None and self._is_usable and time.monotonic() >= self._write_from:
            self._db = open_file(self._file, self._layout)
        return self._db

    @contextlib.contextmanager
    def _guarded(self) -> Generator[None]:
        """Handle every error of SQLite and the disk, and record the problem."""
        try:
            yield
        except sqlite3.Error as error:
            self._handle(code_of(error))
        except OSError as error:
            self._give_up(why_no_folder(error))

    def _handle(self, code: int) -> None:
        if code not in TROUBLE:
            self._start_anew()
        elif code in BUSY:
            # Each try waits for the other program, and every write would try.
            self._write_from = time.monotonic() + _BACK_OFF
            if not self._layout.is_quiet:
                self._report(TROUBLE[code])
        elif code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_NOMEM):
            if code == sqlite3.SQLITE_FULL:
                self._write_from = math.inf
            self._report(TROUBLE[code])
        else:
            self._give_up(TROUBLE[code])

    def _start_anew(self) -> None:
        """Delete a damaged file, once; the next call creates a new one."""
        self._disconnect()
        if self._was_damaged:
            self._give_up(Message("damaged-again"))
            return
        self._was_damaged = True
        problem = Message("cache-emptied", {"folder": str(self._file.parent)})
        if self._layout.is_quiet:
            _LOG.warning("%s", problem)
        else:
            self.problem = problem
        try:
            delete_file(self._file)
        except OSError:
            self._give_up(Message("damaged-for-good"))

    def _give_up(self, why: Message) -> None:
        self._is_usable = False
        self._disconnect()
        self._report(why)

    def _report(self, why: Message) -> None:
        folder = str(self._file.parent)
        if self._db is None:
            self.problem = Message("cache-not-used", {"folder": folder, "reason": why})
        else:
            self.problem = Message("cache-not-written", {"folder": folder, "reason": why})

    def _disconnect(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            with contextlib.suppress(sqlite3.Error):
                db.close()
