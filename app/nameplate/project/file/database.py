"""The database of a project's file: connections, transactions and the journals beside it."""

import os
import secrets
import sqlite3
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

JOURNALS: Final = ("-journal", "-wal", "-shm")
"""Endings of the files that SQLite keeps beside a database."""

_WAIT: Final = 5.0
"""Seconds that a transaction waits for another program's."""


def real_path(path: Path) -> Path:
    """Return the file that links lead to; unlike `Path.resolve`, also for a loop of them."""
    return Path(os.path.realpath(path))


def connected(
    path: Path, *, read_only: bool = False, immutable: bool = False
) -> sqlite3.Connection:
    """Connect to the database in an existing file.

    Args:
        path: The file.
        read_only: Never write it, not even to roll back what a crash left half written.
        immutable: Take it for a file that nobody writes, and make no file beside it.

    Raises:
        sqlite3.Error: It cannot be opened.
    """
    mode = "ro" if read_only else "rw"
    db = _opened(f"{path.absolute().as_uri()}?mode={mode}&immutable={int(immutable)}")
    try:
        db.execute("PRAGMA trusted_schema = OFF")  # the file may come from anywhere
        db.execute("PRAGMA mmap_size = 0")
    except BaseException:
        db.close()
        raise
    return db


def _opened(address: str) -> sqlite3.Connection:
    return sqlite3.connect(
        address, uri=True, timeout=_WAIT, isolation_level=None, check_same_thread=False
    )


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


def journal_of(path: Path) -> Path:
    """Return the path of SQLite's rollback journal."""
    return path.with_name(f"{path.name}{JOURNALS[0]}")


def in_memory(db: sqlite3.Connection) -> sqlite3.Connection:
    """Copy a database into memory, without its empty pages, and close the original.

    Raises:
        sqlite3.Error: It is damaged, or larger than a gigabyte.
    """
    with closing(db):
        address = f"file:/{secrets.token_hex(16)}?vfs=memdb"
        copy = _opened(address)  # first: what nobody has open is forgotten
        try:
            db.execute("VACUUM INTO ?", (address,))
        except BaseException:
            copy.close()
            raise
    return copy


def delete(path: Path, endings: Sequence[str] = ("", *JOURNALS)) -> None:
    """Delete a database if it exists, and SQLite's files beside it."""
    for ending in endings:
        path.with_name(f"{path.name}{ending}").unlink(missing_ok=True)
