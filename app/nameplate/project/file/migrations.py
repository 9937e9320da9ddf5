"""The tables of a project's file, and the migrations of older versions."""

import functools
import hashlib
import json
import re
import secrets
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from typing import Any, Final

from nameplate.domain.labels import DecidedBy, ReviewState

_FIRST: Final = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE folders (id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, beside BLOB);
CREATE TABLE images (
    id INTEGER PRIMARY KEY, folder INTEGER NOT NULL REFERENCES folders, path BLOB NOT NULL,
    is_removed INTEGER NOT NULL DEFAULT 0
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
"""
"""The tables of version 1, from which the steps lead to those of now."""

Schema = frozenset[tuple[str, ...]]
"""Kind, name, table and SQL of each object in a file; white space in SQL does not count."""

STEPS: Final[Mapping[int, tuple[str, ...]]] = {
    2: (  # what the files of images hold, so that they are found after they were moved
        "ALTER TABLE images ADD COLUMN size INTEGER NOT NULL DEFAULT -1",
        "ALTER TABLE images ADD COLUMN digest BLOB",
        # and the titles of steps as all messages are
        """UPDATE steps SET title = json_object(
            'code', json_extract(title, '$.code'), 'parameters', json_remove(title, '$.code'))""",
    ),
    3: (  # what images are not, each by itself: as one value, it was written whole with each page
        "CREATE TABLE rejected (image INTEGER PRIMARY KEY, concepts TEXT NOT NULL)",
        """INSERT INTO rejected SELECT CAST(key AS INTEGER), replace(trim(value, '[]'), ',', ' ')
            FROM json_each((SELECT value FROM facts WHERE name = 'rejected'))""",
        "DELETE FROM facts WHERE name = 'rejected'",
        # and the tries of promises count for life: those so far, and (`_identify`) which life it is
        """INSERT OR REPLACE INTO facts
            SELECT 'tries', json_array(json_array(0, json(value)))
            FROM facts WHERE name = 'checked promises' AND json_valid(value) AND value <> '0'""",
        "DELETE FROM facts WHERE name = 'checked promises'",
    ),
    4: (  # all that is known of single images in one table, whatever it is
        """CREATE TABLE image_facts (name TEXT, image INTEGER, value TEXT NOT NULL,
            PRIMARY KEY (name, image)) WITHOUT ROWID""",
        """INSERT INTO image_facts
            SELECT 'rejected', image, '[' || replace(concepts, ' ', ', ') || ']' FROM rejected""",
        "DROP TABLE rejected",
        """INSERT OR REPLACE INTO image_facts SELECT 'called right', CAST(key AS INTEGER), value
            FROM json_each((SELECT value FROM facts WHERE name = 'called right'))""",
        "DELETE FROM facts WHERE name = 'called right'",
        # and the promise of now counts among all that were begun, also one that did not before
        """INSERT OR IGNORE INTO facts SELECT 'tries', '[]' FROM facts
            WHERE name = 'promise' AND json_valid(value) AND value <> 'null'""",
        """UPDATE facts SET value = json_insert(facts.value, '$[#]', json_array(p.value ->> 'seed',
                max(ifnull(p.value ->> 'tries', 0), ifnull(p.value ->> 'number', 0))
                - (p.value ->> 'number' IS NOT NULL
                    AND p.value ->> 'population' > p.value ->> 'count')))
            FROM facts AS p WHERE facts.name = 'tries' AND json_valid(facts.value)
            AND p.name = 'promise' AND json_valid(p.value) AND p.value <> 'null'""",
    ),
}
"""Version -> the statements that make it of the version before."""

VERSION: Final = max(STEPS)
"""The version of files that this Nameplate writes (`user_version` in the head of the file)."""


_SKIPPED: Final = -2
"""The mark of a picture that gets no label, in older files."""

_TELLING: Final = (
    "SELECT id, folder, path, size, digest FROM images ORDER BY id",
    "SELECT id, path FROM folders ORDER BY id",
    "SELECT id, value FROM concepts ORDER BY id",
)
"""What tells a file from those of other projects."""

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


def make_tables(db: sqlite3.Connection, version: int = VERSION) -> None:
    """Make the tables of a version in an empty file, in a transaction."""
    db.executescript(f"BEGIN; {_FIRST} PRAGMA user_version = 1;")
    migrate(db, version)
    db.execute("COMMIT")


@functools.cache
def schema_of_version(version: int) -> Schema:
    """Return the schema of a file of a version."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        make_tables(db, version)
        return schema_of(db)


def schema_of(db: sqlite3.Connection) -> Schema:
    """Return the schema of a file, without what ANALYZE adds, which is SQLite's own.

    Raises:
        sqlite3.Error: It cannot be read.
    """
    query = "SELECT type, name, tbl_name, substr(sql, 1, ?) FROM sqlite_schema LIMIT ?"
    rows = db.execute(query, (_MOST_SQL, _MOST_OBJECTS))
    found = frozenset((str(a), str(b), str(c), _plain(str(sql))) for a, b, c, sql in rows)
    return found - _STATISTICS


def _plain(sql: str) -> str:
    return _SPACE.sub(lambda found: found[1] or " ", sql).strip()


def migrate(db: sqlite3.Connection, to: int = VERSION) -> None:
    """Migrate a file to a later version; the caller begins and ends the transaction.

    Raises:
        sqlite3.Error: A step failed; nothing may be committed.
    """
    (version,) = db.execute("PRAGMA user_version").fetchone()
    for number in range(version + 1, to + 1):
        for statement in STEPS[number]:
            db.execute(statement)
        if number in _FINISHED_BY:
            _FINISHED_BY[number](db)
    db.execute(f"PRAGMA user_version = {to}")


def _settle_marks(db: sqlite3.Connection) -> None:
    """Decide what was marked on pages, which waited there until they were turned in older files."""
    query = "SELECT value FROM facts WHERE name = 'marked pages'"
    for (value,) in db.execute(query).fetchall():
        settings = db.execute("SELECT value FROM facts WHERE name = 'settings'").fetchone()
        pages, is_multi = list[Any](), False
        with suppress(LookupError, TypeError, ValueError):
            is_multi, pages = json.loads(settings[0])["is_multi"], list(json.loads(value))
        for page in pages:
            with suppress(ArithmeticError, LookupError, TypeError, ValueError):  # no page then
                _settle_page(db, page, is_multi=is_multi)
    db.execute("DELETE FROM facts WHERE name = 'marked pages'")


def _settle_page(db: sqlite3.Connection, page: dict[str, Any], *, is_multi: bool) -> None:
    marks = {int(image): int(mark) for image, mark in page["marks"]}
    if page["promise"]:
        kept = json.dumps([int(page["promise"]), bool(page["blind"]), list(marks.items())])
        db.execute("INSERT OR REPLACE INTO facts VALUES ('marks', ?)", (kept,))
        return
    said = dict(zip(page["images"], page["suggested"], strict=True))
    for top, rest in page["behind"]:
        said |= dict.fromkeys(rest, said[top])
        marks |= {image: marks[top] for image in rest if top in marks}
    rejects = {
        int(key): bool(is_reject)
        for key, is_reject in db.execute(
            "SELECT id, json_extract(value, '$.is_reject') FROM concepts"
        )
    }
    suggested = {image: int(said.get(image, page["concept"])) for image in marks}
    for image, mark in marks.items():  # all or none of a page
        _settle_mark(db, image, suggested[image], mark, rejects, is_multi=is_multi)


def _settle_mark(
    db: sqlite3.Connection,
    image: int,
    suggested: int,
    mark: int,
    rejects: Mapping[int, bool],
    *,
    is_multi: bool,
) -> None:
    """Decide an image as turning its page would have, unless it was decided since.

    An automatic label of an image that is only wrong stays until auto-labelling is asked for again.
    """
    by_person = DecidedBy.PERSON.value
    found = db.execute("SELECT concepts, decided_by FROM labels WHERE image = ?", (image,))
    before, decided_by = found.fetchone() or ("", DecidedBy.NOBODY.value)
    is_there = db.execute("SELECT 1 FROM images WHERE id = ?", (image,)).fetchone()
    if decided_by == by_person or not is_there:
        return
    label, state = "", ReviewState.SKIPPED
    if mark in rejects:
        left = [key for key in before.split() if is_multi and key != str(suggested)]
        label = "" if rejects[mark] else " ".join(sorted({*left, str(mark)}, key=int))
        state = ReviewState.CORRECTED
    if mark in rejects or mark == _SKIPPED:
        row = (image, label, by_person, state.value, time.time_ns() // 10**6, None, "")
        db.execute("INSERT OR REPLACE INTO labels VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    if mark != _SKIPPED and suggested in rejects:
        query = "SELECT value FROM image_facts WHERE name = 'rejected' AND image = ?"
        known = json.loads((db.execute(query, (image,)).fetchone() or ("[]",))[0])
        row = (image, json.dumps(sorted({*known, suggested})))
        db.execute("INSERT OR REPLACE INTO image_facts VALUES ('rejected', ?, ?)", row)


def _identify(db: sqlite3.Connection) -> None:
    """Give a file an identity that all copies of it get, so that their tries count together."""
    digest = hashlib.blake2b(digest_size=16)
    for query in _TELLING:
        for row in db.execute(query):
            digest.update(repr(row).encode(errors="surrogateescape"))
    is_empty = db.execute("SELECT 1 FROM images LIMIT 1").fetchone() is None
    identity = secrets.token_hex(16) if is_empty else digest.hexdigest()
    db.execute("INSERT OR REPLACE INTO facts VALUES ('identity', json_quote(?))", (identity,))


_FINISHED_BY: Final = {3: _identify, 4: _settle_marks}
"""Version -> what completes the step to it: files have an identity, marks are steps like others."""
