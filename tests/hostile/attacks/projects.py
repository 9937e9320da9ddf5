"""Projects of strangers, and what other programs do to one: journals, schemas, holes, places."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from random import Random

import numpy as np

from hostile_projects import (
    MAGIC,
    add_empty_pages,
    execute,
    journal_of,
    leave_hot_journal,
    name_super_journal,
)
from nameplate.cli.main import run
from nameplate.domain.errors import NameplateError
from nameplate.project.file import backups, store
from nameplate.project.file.autosave import ProjectFile
from nameplate.project.file.integrity import ProjectError, is_whole
from nameplate.project.label_changes import label
from project_help import TEST, opened_project, state_of

_CANARY = MAGIC + b"precious" * 400


def _project(chance: Random, folder: Path) -> Path:
    """Make a project with some labels, and a file beside it that nothing may touch."""
    (folder / "canary").write_bytes(_CANARY)
    path = folder / "p.nameplate"
    opened = opened_project()
    rows = np.array(sorted(chance.sample(range(4), chance.randint(1, 4))))
    opened.do(label(opened.project, rows, chance.choice(opened.ids), opened.now))
    store.close(store.create(path, opened.project))
    return path


def _command(*words: object) -> int:
    """Run a command; whatever it says, it raises nothing."""
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        return run([*map(str, words)])


def _judge(chance: Random, path: Path) -> bool:
    """Check that opening and checking agree and touch nothing else; return whether it opens."""
    canary, before = path.with_name("canary"), _content(path)
    checked = _command("project", "check", path) == 0
    out = path.with_name(f"out{chance.random()}")
    other = [
        ["project", "info", path],
        ["project", "merge", path, path, "--out", f"{out}.nameplate"],
        ["export", path, "--format", "csv", "--out", f"{out}.csv"],
    ]
    _command(*chance.choice(other))
    assert _content(path) == before, "reading changed the file"
    try:
        file = ProjectFile.open(path)
    except NameplateError:
        assert not checked, "all is well, and it does not open"
        assert _content(path) == before, "a refused file was changed"
        assert canary.read_bytes() == _CANARY
        return False
    assert checked, "it opens, and is not well"
    project = file.project
    row = chance.randrange(len(project.images))
    key = chance.choice(project.concepts).key
    project.apply(label(project, np.array([row]), key, opened_project().now), TEST)
    state = state_of(project)
    assert file.close(5.0)
    assert file.rescued is None, "what opened could not be written"
    with closing(store.open_file(path, read_only=True)) as db:
        assert state_of(store.load(db, path)) == state, "what was decided is not there"
    assert canary.read_bytes() == _CANARY, "another file was changed"
    return True


def _content(path: Path) -> list[bytes]:
    """Return the beginnings of a file and its journal; of a file of holes that says enough."""
    files = [path, journal_of(path)]
    return [_beginning(one) for one in files if one.is_file() and not one.is_symlink()]


def _beginning(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(1 << 20)


def super_journal(chance: Random, folder: Path) -> None:
    """A journal names a file that SQLite would delete."""
    path = _project(chance, folder)
    leave_hot_journal(path)
    named = folder / "canary"
    if chance.random() < 0.3:
        named = Path(os.path.relpath(named))
    name_super_journal(path, named, chance if chance.random() < 0.3 else None)
    assert not _judge(chance, path)


def hot_journal(chance: Random, folder: Path) -> None:
    """A crash, or chance, left a journal."""
    path = _project(chance, folder)
    with closing(store.open_file(path, read_only=True)) as db:
        state = state_of(store.load(db, path))
    leave_hot_journal(path)
    if chance.random() < 0.5:
        content = bytearray(journal_of(path).read_bytes())
        for _ in range(chance.randint(1, 20)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        journal_of(path).write_bytes(content[: chance.choice([8, 512, 3000, len(content)])])
        _judge(chance, path)
    else:
        with closing(store.open_file(path, read_only=True)) as db:
            assert state_of(store.load(db, path)) == state
        assert _judge(chance, path)


def beside_it(chance: Random, folder: Path) -> None:
    """What is called as a journal, a log or a lock is a link, a pipe or a folder."""
    path = _project(chance, folder)
    name = chance.choice(["p.nameplate-journal", "p.nameplate-wal", "p.nameplate-shm"])
    is_lock = chance.random() < 0.25
    beside = folder / (".p.nameplate.lock" if is_lock else name)
    kind = chance.choice(["link", "nowhere", "pipe", "folder", "hard link"])
    match kind:
        case "link":
            beside.symlink_to("canary")
        case "nowhere":
            beside.symlink_to("made")
        case "pipe":
            os.mkfifo(beside)
        case "folder":
            beside.mkdir()
        case _:
            beside.hardlink_to(folder / "canary")
    if is_lock:
        try:
            ProjectFile.open(path).close()
        except ProjectError:
            pass
        else:
            assert kind == "hard link"
    else:
        assert not _judge(chance, path)
    assert not (folder / "made").exists()
    assert (folder / "canary").read_bytes() == _CANARY


_TABLES = ("facts", "folders", "images", "concepts", "labels", "steps")


def schema(chance: Random, folder: Path) -> None:
    """The tables are not those that Nameplate makes."""
    path = _project(chance, folder)
    table = chance.choice(_TABLES)
    with closing(sqlite3.connect(path)) as db:
        columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    column = chance.choice(columns)
    changes = [
        [f"CREATE VIEW more AS SELECT * FROM {table}"],
        [f"CREATE INDEX more ON {table} (abs({column}))"],
        [f"CREATE INDEX more ON {table} ({column}) WHERE {column} > 3"],
        [f"ALTER TABLE {table} ADD COLUMN more"],
        [f"ALTER TABLE {table} ADD COLUMN more AS ({column}) VIRTUAL"],
        [f"ALTER TABLE {table} RENAME COLUMN {column} TO {column}_"],
        [f"ALTER TABLE {table} RENAME TO {table}_"],
        [f"CREATE TABLE more AS SELECT * FROM {table}"],
        [f"DROP TABLE {table}", f"CREATE VIRTUAL TABLE {table} USING fts5({', '.join(columns)})"],
        [f"CREATE VIRTUAL TABLE more USING rtree({table}, a, b)"],
        [
            f"CREATE TEMP TABLE t AS SELECT * FROM {table}",
            f"DROP TABLE {table}",
            f"CREATE TABLE {table} ({', '.join(columns)})",
            f"INSERT INTO {table} SELECT * FROM t",
        ],
        [
            "PRAGMA writable_schema = ON",
            f"UPDATE sqlite_schema SET sql = replace(sql, ' NOT NULL', '') WHERE name = '{table}'",
        ],
        [f"CREATE TRIGGER more AFTER INSERT ON {table} BEGIN DELETE FROM labels; END"],
        ["PRAGMA user_version = 1"],
        [
            "ANALYZE",
            "PRAGMA writable_schema = ON",
            "UPDATE sqlite_schema SET sql = replace(sql, 'stat)', 'stat, more)')",
        ],
    ]
    before = _schema(path)
    execute(path, "PRAGMA foreign_keys = OFF", *chance.choice(changes))
    if _schema(path) != before:
        assert not _judge(chance, path)


def _schema(path: Path) -> list[object]:
    with closing(sqlite3.connect(path)) as db:
        version = db.execute("PRAGMA user_version").fetchall()
        return version + db.execute("SELECT * FROM sqlite_schema").fetchall()


def values(chance: Random, folder: Path) -> None:
    """Values are huge, of another type, or of nothing."""
    path = _project(chance, folder)
    table = chance.choice(_TABLES)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        column = chance.choice([row[1] for row in db.execute(f"PRAGMA table_info({table})")])
        value = chance.choice(
            ["9223372036854775807", "-1", "NULL", "'x'", "x'00ff'", "1e308", "9e999", "zeroblob(9)",
             "2147483648", "'[' || hex(zeroblob(90000))", "randomblob(3000)", "'\\\\evil\\x'"]
        )  # fmt: skip
        where = "rowid IN (SELECT rowid FROM {0} LIMIT 1)" if table != "facts" else "name > 'p'"
        try:
            db.execute(f"UPDATE {table} SET {column} = {value} WHERE {where.format(table)}")
        except sqlite3.Error:
            return  # SQLite itself refuses it
    _judge(chance, path)


def damage(chance: Random, folder: Path) -> None:
    """Bytes of the file are others, or the end is missing."""
    path = _project(chance, folder)
    content = bytearray(path.read_bytes())
    if chance.random() < 0.3:
        del content[chance.randrange(len(content)) :]
    for _ in range(chance.choice([0, 1, 3, 40])):
        at = chance.randrange(chance.choice([100, max(101, len(content))]))
        if at < len(content):
            content[at] = chance.randrange(256)
    path.write_bytes(content)
    _judge(chance, path)


def holes(chance: Random, folder: Path) -> None:
    """The file is huge, of nothing."""
    path = _project(chance, folder)
    if chance.random() < 0.5:
        add_empty_pages(path, chance.randint(1, 2) << 30)
    else:
        os.truncate(path, chance.randint(1, 60) << 30)
    _judge(chance, path)
    used = sum(one.stat().st_blocks * 512 for one in backups.backup_of(path).parent.glob("*"))
    assert used < 50 << 20, "a backup of holes fills the disk"
    path.unlink()


def spoiled_while_open(chance: Random, folder: Path) -> None:
    """Another program empties, overwrites or replaces the open file."""
    path = _project(chance, folder)
    old = Path(shutil.copyfile(path, folder / "old"))
    file = ProjectFile.open(path)
    project = file.project
    for row in chance.sample(range(4), 2):
        key = project.concepts[0].key
        project.apply(label(project, np.array([row]), key, opened_project().now), TEST)
    assert file.flush(5.0)
    match chance.choice(["cut", "overwritten", "replaced", "gone", "nothing"]):
        case "cut":
            os.truncate(path, chance.choice([0, 100, 4096]))
        case "overwritten":
            path.write_bytes(chance.randbytes(chance.randint(1, 9000)))
        case "replaced":
            old.replace(path)
        case "gone":
            path.unlink()
        case _:
            pass
    if chance.random() < 0.5:
        project.undo()
    state, decided = state_of(project), np.count_nonzero(project.labels.states)
    assert file.close(0.3)
    kept = file.rescued or path
    with closing(store.open_file(kept, read_only=True)) as db:
        assert state_of(store.load(db, kept)) == state, "decisions are lost"
    backup = backups.backup_of(path)
    assert not backup.exists() or is_whole(backup, 1), f"a bad backup, {decided} decided"
    if file.rescued:
        file.rescued.unlink()


def elsewhere(chance: Random, folder: Path) -> None:
    """A folder of pictures is on another machine, or a device."""
    path = _project(chance, folder)
    place = chance.choice(
        [r"\\evil\share", "//evil/share", r"/\evil\x", r"\??\UNC\evil\x", r"\\?\UNC\evil\x",
         r"\\.\pipe\evil", "http://evil/x", "simplecache::s3://evil/x", r"\/evil/x"]
    )  # fmt: skip
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        column = chance.choice(["path", "beside"])
        db.execute(f"UPDATE folders SET {column} = ?", (place.encode(),))
    assert not _judge(chance, path)


ATTACKS: dict[str, Callable[[Random, Path], None]] = {
    "a journal that names another file": super_journal,
    "a hot journal": hot_journal,
    "links and pipes beside it": beside_it,
    "another schema": schema,
    "values that cannot be": values,
    "damaged bytes": damage,
    "gigabytes of nothing": holes,
    "spoiled while open": spoiled_while_open,
    "pictures elsewhere": elsewhere,
}
