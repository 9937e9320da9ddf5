"""The database of a project's file: connections, transactions and the journals beside it."""

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

_JOURNALS: Final = ("-journal", "-wal", "-shm")
"""Endings of the files that SQLite keeps beside a database."""

_WAIT: Final = 5.0
"""Seconds that a transaction waits for another program's."""


def connected(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Connect to the database in an existing file.

    Raises:
        sqlite3.Error: It cannot be opened.
    """
    address = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}"
    db = sqlite3.connect(
        address, uri=True, timeout=_WAIT, isolation_level=None, check_same_thread=False
    )
    try:
        db.execute("PRAGMA trusted_schema = OFF")  # the file may come from anywhere
        db.execute("PRAGMA mmap_size = 0")
    except BaseException:
        db.close()
        raise
    return db


def set_up(db: sqlite3.Connection) -> None:
    """Prepare a connection for writing."""
    db.execute("PRAGMA journal_mode = TRUNCATE")
    db.execute("PRAGMA synchronous = FULL")


@contextmanager
def transaction(db: sqlite3.Connection) -> Generator[None]:
    """Commit everything written inside; on any failure, nothing."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # SQLite may have rolled back itself
            db.execute("ROLLBACK")
        raise


@contextmanager
def reading(db: sqlite3.Connection) -> Generator[None]:
    """Read a consistent state inside, although another process may write."""
    db.execute("BEGIN")
    try:
        yield
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


def has_journal(path: Path) -> bool:
    """Return whether a crash left a journal, that is, an incomplete step."""
    try:
        return path.with_name(f"{path.name}-journal").stat().st_size > 0
    except OSError:
        return False


def in_memory(db: sqlite3.Connection) -> sqlite3.Connection:
    """Return a copy of a database in memory, and close the original."""
    copy = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    with closing(db):
        db.backup(copy)
    return copy


def put_in_place(temporary: Path, path: Path) -> None:
    """Replace a file by another, and delete leftovers of a crash beside it.

    SQLite would play the journal of the file before back into this one.
    """
    for ending in _JOURNALS:
        path.with_name(f"{path.name}{ending}").unlink(missing_ok=True)
    temporary.replace(path)


def delete(path: Path) -> None:
    """Delete a database if it exists, and SQLite's files beside it."""
    for ending in ("", *_JOURNALS):
        path.with_name(f"{path.name}{ending}").unlink(missing_ok=True)
