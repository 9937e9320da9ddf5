"""The tables of a project's file, and the migrations of older versions."""

import functools
import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from typing import Final

FIRST: Final = 4
"""The first version that was released, with 1.0.0, and the oldest that opens."""

_TABLES: Final = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE folders (id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, beside BLOB);
CREATE TABLE images (
    id INTEGER PRIMARY KEY, folder INTEGER NOT NULL REFERENCES folders, path BLOB NOT NULL,
    is_removed INTEGER NOT NULL DEFAULT 0, size INTEGER NOT NULL DEFAULT -1, digest BLOB
);
CREATE TABLE concepts (id INTEGER PRIMARY KEY, place INTEGER NOT NULL, value TEXT NOT NULL);
CREATE TABLE labels (
    image INTEGER PRIMARY KEY REFERENCES images, concepts TEXT NOT NULL,
    decided_by INTEGER NOT NULL, state INTEGER NOT NULL, decided_at INTEGER NOT NULL,
    probability REAL, model TEXT NOT NULL
);
CREATE TABLE steps (
    number INTEGER PRIMARY KEY, title TEXT NOT NULL, change BLOB NOT NULL,
    is_undone INTEGER NOT NULL
);
CREATE TABLE image_facts (
    name TEXT, image INTEGER, value TEXT NOT NULL, PRIMARY KEY (name, image)
) WITHOUT ROWID;
"""
"""Those of the first version, from which the steps lead to those of now."""

STEPS: Final[Mapping[int, tuple[str, ...]]] = {}
"""Version -> the statements that make it of the version before."""

VERSION: Final = max(STEPS, default=FIRST)
"""The version of files that this Nameplate writes (`user_version` in the head of the file)."""

Schema = frozenset[tuple[str, ...]]
"""Kind, name, table and SQL of each object in a file; white space in SQL does not count."""

_MOST_OBJECTS: Final = 100
_MOST_SQL: Final = 10_000
"""Of a schema that are looked at: more is none of ours."""

_SPACE: Final = re.compile(r"\s*([(),])\s*|\s+")

_STATISTICS: Final = frozenset(
    ("table", name, name, f"CREATE TABLE {name}({columns})")
    for name, columns in (
        ("sqlite_stat1", "tbl,idx,stat"),
        ("sqlite_stat4", "tbl,idx,neq,nlt,ndlt,sample"),
    )
)
"""What ANALYZE, and programs that show databases, leave there: it only helps to plan queries."""


def make_tables(db: sqlite3.Connection, version: int) -> None:
    """Make the tables of a version in an empty file, in a transaction."""
    db.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {FIRST};")
    migrate(db, version)
    db.execute("COMMIT")


@functools.cache
def schema_of_version(version: int) -> Schema:
    """Return the schema of a file of a version."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        make_tables(db, version)
        return schema_of(db)


def schema_of(db: sqlite3.Connection) -> Schema:
    """Return the schema of a file, without the statistics tables of SQLite's ANALYZE.

    Raises:
        sqlite3.Error: It cannot be read.
    """
    query = "SELECT type, name, tbl_name, substr(sql, 1, ?) FROM sqlite_schema LIMIT ?"
    rows = db.execute(query, (_MOST_SQL, _MOST_OBJECTS))
    found = frozenset((str(a), str(b), str(c), _plain(str(sql))) for a, b, c, sql in rows)
    return found - _STATISTICS


def _plain(sql: str) -> str:
    return _SPACE.sub(lambda found: found[1] or " ", sql).strip()


def migrate(db: sqlite3.Connection, to: int) -> None:
    """Migrate a file to a later version; the caller begins and ends the transaction.

    Raises:
        sqlite3.Error: A step failed; nothing may be committed.
    """
    (version,) = db.execute("PRAGMA user_version").fetchone()
    for number in range(version + 1, to + 1):
        for statement in STEPS[number]:
            db.execute(statement)
    db.execute(f"PRAGMA user_version = {to}")
