"""Projects as a stranger could make them: journals and schemas that Nameplate never writes."""

import os
import random
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

MAGIC = bytes.fromhex("d9d505f920a163d7")
"""Begins a rollback journal, and ends one that names a super-journal."""


def execute(path, *statements):
    """Change the database in a file as another program might; values may stand with a statement."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statement in statements:
            db.execute(*((statement,) if isinstance(statement, str) else statement))


def leave_hot_journal(path: Path, *statements: str) -> bytes:
    """Leave a file and its journal as a crash amid a transaction does; return its content before.

    SQLite writes pages of a large transaction into the file before it is committed.
    """
    before = path.read_bytes()
    journal = journal_of(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = DELETE")
        db.execute("PRAGMA cache_size = 1")
        db.execute("PRAGMA cache_spill = 1")
        db.execute("BEGIN IMMEDIATE")
        for statement in statements or ("UPDATE labels SET state = 3", *_FILLING):
            db.execute(statement)
        half, hot = path.read_bytes(), journal.read_bytes()
        db.execute("ROLLBACK")
    path.write_bytes(half)
    journal.write_bytes(hot)
    return before


_FILLING = tuple(
    f"INSERT INTO steps VALUES ({number}, '', randomblob(9000), 0)" for number in range(900, 912)
)


def journal_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-journal")


def name_super_journal(path: Path, named: Path, chance: random.Random | None = None) -> None:
    """Let the journal of a project name a file, which SQLite deletes once it rolled that back.

    The end of a journal (https://sqlite.org/fileformat2.html): the page that is locked, the name,
    its length, the sum of its bytes, eight bytes that never change.
    """
    name = os.fsencode(named)
    with journal_of(path).open("ab") as stream:
        if chance is not None:
            stream.write(bytes(chance.randrange(40)))
        stream.write(struct.pack(">I", (1 << 30) // 4096 + 1) + name)
        stream.write(struct.pack(">II", len(name), sum(name)) + MAGIC)


def add_empty_pages(path: Path, size: int) -> None:
    """Let a file be `size` bytes long, of pages that SQLite calls unused and that are holes.

    Trunk pages of the list of unused pages (https://sqlite.org/fileformat2.html) name the others.
    """
    with path.open("r+b") as stream:
        head = bytearray(stream.read(100))
        page = struct.unpack(">H", head[16:18])[0]
        before, last = os.fstat(stream.fileno()).st_size // page, size // page
        free = [one for one in range(before + 1, last + 1) if one != (1 << 30) // page + 1]
        leaves = page // 4 - 8
        lists = [free[at : at + leaves + 1] for at in range(0, len(free), leaves + 1)]
        first, count = struct.unpack(">II", head[32:40])  # of pages that are unused already
        for (trunk, *inner), following in zip(lists, [*lists[1:], [first]], strict=True):
            stream.seek((trunk - 1) * page)
            stream.write(struct.pack(f">{2 + len(inner)}I", following[0], len(inner), *inner))
        stream.truncate(last * page)
        head[28:40] = struct.pack(">III", last, free[0], len(free) + count)
        head[92:96] = head[24:28]
        stream.seek(0)
        stream.write(head)
