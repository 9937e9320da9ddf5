"""The tables of the embedding cache: their columns, queries and checksums.

`models` and `contents` number models and file contents; `files` maps a path to its content;
`embeddings` and `vectors` hold a model's embedding of a content, keyed by one number made of both.
Integer keys join the tables, and vectors have a table of their own: that makes reading a hundred
thousand rows, and updating their last use, cheapest.
"""

import sqlite3
import zlib
from typing import Final

from nameplate.storage.caches.cache_file import CacheLayout
from nameplate.storage.preferences import preferences
from nameplate.system.file_status import Status

_SCHEMA: Final = (
    # AUTOINCREMENT: a number that was dropped must never come to mean another content.
    "CREATE TABLE models (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE)",
    """CREATE TABLE contents (
        id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, checksum INTEGER
    )""",
    """CREATE TABLE files (
        path BLOB PRIMARY KEY, size INTEGER, mtime_ns INTEGER, ctime_ns INTEGER, inode INTEGER,
        content INTEGER, checksum INTEGER
    ) WITHOUT ROWID""",
    "CREATE TABLE embeddings (id INTEGER PRIMARY KEY, used INTEGER, checksum INTEGER)",
    "CREATE TABLE vectors (id INTEGER PRIMARY KEY, vector BLOB)",
)
# Into a page of 4 KiB only one vector of 512 numbers would fit. A crash may lose the last batch,
# never the file. Reads wait long, since what is not found is encoded again. About 900,000
# embeddings of 512 numbers are kept by default.
LAYOUT: Final = CacheLayout(
    version=3,
    schema=_SCHEMA,
    page_bytes=16_384,
    synchronous="NORMAL",
    read_wait=5.0,
    limit=lambda: preferences().vectors_mb * 1_000_000,
    kept_share=0.9,
)

_CONTENTS: Final = 2**40
"""Numbers of contents are below it; an embedding's number is this times its model's, plus
its content's."""

_FIND: Final = """
SELECT f.path, f.size, f.mtime_ns, f.ctime_ns, f.inode, f.checksum, c.name, c.checksum,
       e.id, e.used, e.checksum, v.vector
FROM files f JOIN embeddings e ON e.id = f.content + ? JOIN vectors v ON v.id = e.id
     LEFT JOIN contents c ON c.id = f.content
WHERE f.path IN ({marks})
"""
_FIND_ONE: Final = """
SELECT e.id, e.used, e.checksum, v.vector FROM embeddings e JOIN vectors v ON v.id = e.id
WHERE e.id = ?
"""
_PUT_FILE: Final = "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)"

FileRow = tuple[bytes, int, int, int, int, int, object, object, int, object, object, object]
"""Path, the four of its status, the row's checksum, name and checksum of its content, and then an
`EmbeddingRow`."""

EmbeddingRow = tuple[int, object, object, object]
"""Number, day of last use in seconds since the epoch, checksum, little-endian vectors: an embedding
in float32, and then a descriptor in float16 where it is known."""


def find_files(db: sqlite3.Connection, model: str, names: set[bytes]) -> list[FileRow]:
    """Return the unchecked rows of the files `names`, 999 at most."""
    if (first := _first_number(db, model)) is None:
        return []
    query = _FIND.format(marks=",".join("?" * len(names)))
    return db.execute(query, (first, *names)).fetchall()


def find_content(db: sqlite3.Connection, model: str, name: str) -> EmbeddingRow | None:
    """Return the unchecked row of the content `name`; raises as `put_content`."""
    content, first = _content_number(db, name), _first_number(db, model)
    if content is None or first is None:
        return None
    return db.execute(_FIND_ONE, (first + content,)).fetchone()


def put_content(db: sqlite3.Connection, name: str) -> int:
    """Return the number of the content `name`, adding it if it is new.

    Raises:
        sqlite3.DatabaseError: Its row is damaged.
    """
    if (number := _content_number(db, name)) is not None:
        return number
    number = db.execute("INSERT INTO contents (name) VALUES (?)", (name,)).lastrowid or 0
    checksum = _content_checksum(number, name)
    db.execute("UPDATE contents SET checksum = ? WHERE id = ?", (checksum, number))
    return number


def put_file(db: sqlite3.Connection, name: bytes, status: Status, content: int) -> None:
    """Store that the file `name` has `content`."""
    checksum = file_checksum(name, status, content)
    db.execute(_PUT_FILE, (name, *status, content, checksum))


def put_embedding(
    db: sqlite3.Connection, model: str, content: int, used: int, vector: bytes
) -> None:
    """Store a model's embedding of `content`, used at a time in seconds since the epoch."""
    if (first := _first_number(db, model)) is None:
        db.execute("INSERT INTO models (name) VALUES (?)", (model,))
        first = _first_number(db, model) or 0
    number = first + content
    row = (number, used, embedding_checksum(model_seed(model), number, vector))
    db.execute("INSERT OR REPLACE INTO embeddings VALUES (?, ?, ?)", row)
    db.execute("INSERT OR REPLACE INTO vectors VALUES (?, ?)", (number, vector))


def note_use(db: sqlite3.Connection, numbers: list[int], now: int) -> None:
    """Store when embeddings were last used, in seconds since the epoch."""
    note = "UPDATE embeddings SET used = ? WHERE id = ?"
    db.executemany(note, [(now, number) for number in numbers])


def drop_some(db: sqlite3.Connection, numbers: list[int]) -> None:
    """Drop embeddings by their numbers."""
    for table in ("embeddings", "vectors"):
        drop = f"DELETE FROM {table} WHERE id = ?"  # noqa: S608 - one of two names
        db.executemany(drop, [(number,) for number in numbers])


def _content_number(db: sqlite3.Connection, name: str) -> int | None:
    query = "SELECT id, checksum FROM contents WHERE name = ?"
    row = db.execute(query, (name,)).fetchone()
    if row is not None and row[1] != _content_checksum(row[0], name):
        raise sqlite3.DatabaseError("a content has another's number")
    return row and row[0]


def _first_number(db: sqlite3.Connection, model: str) -> int | None:
    """Return the first number of a model's embeddings; None if it has none."""
    row = db.execute("SELECT id FROM models WHERE name = ?", (model,)).fetchone()
    return row and row[0] * _CONTENTS


def content_in(number: int) -> int:
    """Return the number of the content with the embedding `number`."""
    return number % _CONTENTS


def model_seed(model: str) -> int:
    """Return the initial value of the checksums of a model's embeddings."""
    return zlib.crc32(model.encode("utf-8", "surrogatepass"))


def embedding_checksum(seed: int, number: int, vector: bytes) -> int:
    """Return the checksum of `vector` with its number and model."""
    return zlib.crc32(vector, zlib.crc32(number.to_bytes(8, "little", signed=True), seed))


def file_checksum(name: bytes, status: Status, content: int) -> int:
    """Return the checksum of the row of a file."""
    return zlib.crc32(b"%d %d %d %d %d " % (*status, content), zlib.crc32(name))


def sound_name(number: int, name: object, checksum: object) -> str | None:
    """Return the name of the content `number` from its row; None if that is damaged."""
    return name if isinstance(name, str) and checksum == _content_checksum(number, name) else None


def _content_checksum(number: int, name: str) -> int:
    return zlib.crc32(b"%d " % number + name.encode("utf-8", "surrogatepass"))


def drop_oldest(db: sqlite3.Connection, share: float) -> None:
    """Drop a share of the embeddings, the least recently used; inside a transaction."""
    (rows,) = db.execute("SELECT count(*) FROM embeddings").fetchone()
    oldest = "SELECT id FROM embeddings ORDER BY used, id LIMIT ?"
    drop = f"DELETE FROM vectors WHERE id IN ({oldest})"  # noqa: S608 - all of it is ours
    db.execute(drop, (int(rows * share) + 1,))
    db.execute("DELETE FROM embeddings WHERE id NOT IN (SELECT id FROM vectors)")
    db.execute("DELETE FROM contents WHERE id NOT IN (SELECT id % ? FROM embeddings)", (_CONTENTS,))
    db.execute("DELETE FROM files WHERE content NOT IN (SELECT id FROM contents)")


def drop_all(db: sqlite3.Connection) -> None:
    """Drop everything but the models' numbers, which other processes may have read."""
    for table in ("files", "contents", "embeddings", "vectors"):
        db.execute(f"DELETE FROM {table}")  # noqa: S608 - one of four names
