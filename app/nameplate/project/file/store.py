"""The file of a project: a SQLite database, written in one transaction per step.

Rollback journal, not write-ahead logging: that needs shared memory, which network drives do not
have, and a copy of the file alone is then whole at every moment between two steps
(docs/adr/0018-project.md).
"""

import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nameplate.domain.errors import NameplateError
from nameplate.domain.filtering.views import Place
from nameplate.domain.labels import DecidedBy, LabelTable
from nameplate.imaging.scan import common_folder
from nameplate.project.file import backups
from nameplate.project.file.database import (
    connected,
    delete,
    has_journal,
    in_memory,
    put_in_place,
    reading,
    set_up,
    transaction,
)
from nameplate.project.file.marked_pages import pages_json
from nameplate.project.file.migrations import SCHEMA, VERSION, migrate
from nameplate.project.file.read import read_project
from nameplate.project.file.tables import ProjectTables
from nameplate.project.file.values import path_text, place_json
from nameplate.project.file.write import write_project, write_step
from nameplate.project.history import KeptPages, ReadContents, Taken
from nameplate.project.project import Kept, Project
from nameplate.storage.folders import make_private_folder, projects_folder, restrict_file
from nameplate.storage.lock import locked
from nameplate.system.opening import open_regular

ENDING: Final = ".nameplate"
APPLICATION_ID: Final = 0x4E616D65
"""`Name` in ASCII: the application id in the head of the file (sqlite.org/fileformat2.html)."""

_NO_TABLES: Final = "SELECT count(*) FROM sqlite_schema WHERE type IN ('view', 'trigger')"
_FOLDERS_IN_USE: Final = """
SELECT path FROM folders WHERE id IN (SELECT folder FROM images WHERE is_removed = 0)
"""
_NO_PROJECT: Final = (
    *(sqlite3.Error, ArithmeticError, ValueError, LookupError, TypeError, AttributeError),
    *(RecursionError, MemoryError),
)
"""What reading something else than a project raises."""


OPEN_ELSEWHERE: Final = "project-is-open"
"""The code of the error of a project that another process has open."""


class ProjectError(NameplateError):
    """A project's file cannot be used; it is unchanged."""


class DamagedProjectError(ProjectError):
    """A project's file is damaged."""


class LockedProjectError(ProjectError):
    """A project's file can be read but not written."""


def is_project(path: Path) -> bool:
    """Return whether a file is one of Nameplate's projects, damaged or not.

    Raises:
        OSError: It cannot be read.
    """
    if path.exists() and not path.is_file():  # opening a pipe would block forever
        return False
    with open_regular(path) as stream:
        head = stream.read(72)
    return head.startswith(b"SQLite format 3\0") and head[68:72] == APPLICATION_ID.to_bytes(4)


def refuse_existing(path: Path) -> None:
    """Raise a ProjectError if a file exists."""
    if os.path.lexists(path):
        raise ProjectError("project-is-there", where=str(path))


def create(path: Path, project: Project) -> sqlite3.Connection:
    """Write a project with its history to a new file, and return a connection to it.

    Raises:
        ProjectError: The file is there already, or cannot be made.
    """
    refuse_existing(path)
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise _cannot_write(path, error) from error
    db = connected(path)
    try:
        set_up(db)
        db.executescript(f"BEGIN; {SCHEMA} COMMIT;")
        db.execute(f"PRAGMA user_version = {VERSION}")
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        with transaction(db):
            write_project(ProjectTables(db, path, project.labels), project)
    except BaseException:
        db.close()
        path.unlink(missing_ok=True)
        raise
    return db


def refuse_foreign(path: Path) -> None:
    """Raise a ProjectError if a file does not exist or is not a project."""
    try:
        if not is_project(path):
            raise ProjectError("no-project", where=str(path))
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ProjectError("project-unreadable", where=str(path), why=why) from error


def open_file(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Return a connection to a project's file; older versions are migrated.

    Args:
        path: The file.
        read_only: Never write it: an older one is brought up to this version in memory.

    Raises:
        ProjectError: It is not there, no project, of a newer Nameplate, or damaged.
        OSError: There is no room for the copy that is made before an older file is changed.
    """
    refuse_foreign(path)
    try:
        # What a crash left half written is taken back, which cannot be done in a file that is read.
        db = connected(path, read_only=read_only and not has_journal(path))
    except sqlite3.Error as error:
        raise _damaged(path, error) from error
    try:
        is_old = _check(db, path) < VERSION
        if is_old and read_only:
            db = in_memory(db)
        elif is_old:
            _keep_copy(path)
        if not read_only:
            set_up(db)
        if is_old:
            with transaction(db):
                migrate(db)
    except sqlite3.Error as error:
        db.close()
        raise _damaged(path, error) from error
    except BaseException:
        db.close()
        raise
    return db


def _keep_copy(path: Path) -> None:
    """Keep a copy of a file that is about to be migrated."""
    if not backups.replace(path, backups.copy(path)):
        raise _damaged(path, "its copy is not whole")


def _check(db: sqlite3.Connection, path: Path) -> int:
    """Check a file, and return its version.

    Raises:
        ProjectError: It is of a newer Nameplate, or damaged.
    """
    try:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        (state,) = db.execute("PRAGMA quick_check(1)").fetchone()
        (others,) = db.execute(_NO_TABLES).fetchone()
    except sqlite3.Error as error:
        raise _damaged(path, error) from error
    if version > VERSION:
        raise ProjectError("project-is-newer", where=str(path), version=version)
    if state != "ok" or others or version < 1:
        raise _damaged(path, state if state != "ok" else "it holds something else")
    return version


def copied(db: sqlite3.Connection, path: Path) -> sqlite3.Connection:
    """Copy a project to the file `path`, replacing it, and return a connection to it.

    Raises:
        ProjectError: It cannot be opened.
        sqlite3.Error, OSError: It cannot be written; what was there is as it was.
    """
    temporary = path.with_name(f".{path.name}.new")
    delete(temporary)
    try:
        # An address, since a path need not be UTF-8.
        db.execute("VACUUM INTO ?", (temporary.absolute().as_uri(),))
        temporary.chmod(0o600)
        with closing(open_file(temporary)) as copy, transaction(copy):
            ProjectTables(copy, path, LabelTable()).note_home()
        put_in_place(temporary, path)
    finally:
        delete(temporary)
    return open_file(path)


def create_anew(path: Path, project: Project) -> sqlite3.Connection:
    """Like `create`, but replace the file `path`."""
    temporary = path.with_name(f".{path.name}.new")
    delete(temporary)
    try:
        close(create(temporary, project))
        put_in_place(temporary, path)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        delete(temporary)
    return open_file(path)


def close(db: sqlite3.Connection) -> None:
    """Close a file that was written; leaves nothing beside it."""
    try:
        db.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error:
        pass  # the empty journal stays, and is harmless
    finally:
        db.close()


def keep_replaced(path: Path) -> None:
    """Copy a project that is about to be replaced to the folder of unnamed projects.

    Raises:
        OSError: There is no room for it.
    """
    with suppress(ProjectError):  # takes back what a crash left half written
        close(open_file(path))
    make_private_folder(projects_folder())
    at = time.strftime("%Y-%m-%d %H.%M.%S")
    kept = projects_folder() / f"{path.stem} replaced {at} {secrets.token_hex(3)}{ENDING}"
    shutil.copyfile(path, kept)
    restrict_file(kept)


def hold(path: Path, stack: ExitStack) -> None:
    """Hold the lock of a project's file until `stack` ends.

    Raises:
        ProjectError: Another process holds it, or its folder cannot be written.
    """
    try:
        is_free = stack.enter_context(locked(path.with_name(f".{path.name}.lock")))
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise LockedProjectError("project-folder-not-writable", where=str(path), why=why) from error
    if not is_free:
        raise LockedProjectError("project-is-open", where=str(path))


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary of a project's file.

    Attributes:
        images: How many there are.
        decided: How many of them a person decided.
        folder: That holds all of them; empty where there is none.
        concepts: How many there are.
    """

    images: int
    decided: int
    folder: str
    concepts: int

    @property
    def is_empty(self) -> bool:
        """Whether it contains nothing that a person would miss."""
        return not self.images and not self.concepts


def summary(db: sqlite3.Connection, path: Path) -> Summary:
    """Return the summary of a project's file without loading it.

    Raises:
        ProjectError: It is damaged.
    """
    by_person = """SELECT count(*) FROM labels JOIN images ON images.id = labels.image
        WHERE decided_by = ? AND is_removed = 0"""
    try:
        with reading(db):
            (images,) = db.execute("SELECT count(*) FROM images WHERE is_removed = 0").fetchone()
            (decided,) = db.execute(by_person, (DecidedBy.PERSON.value,)).fetchone()
            (concepts,) = db.execute("SELECT count(*) FROM concepts").fetchone()
            folders = [path_text(path) for (path,) in db.execute(_FOLDERS_IN_USE)]
        return Summary(int(images), int(decided), common_folder(folders), int(concepts))
    except _NO_PROJECT as error:
        raise _damaged(path, error) from error


def decided_in(db: sqlite3.Connection, path: Path, folder: str) -> int:
    """Return how many pictures in a folder, or below it, a person decided about.

    Raises:
        ProjectError: The file is damaged.
    """
    by_folder = """SELECT folders.path, count(*) FROM labels
        JOIN images ON images.id = labels.image JOIN folders ON folders.id = images.folder
        WHERE decided_by = ? AND is_removed = 0 GROUP BY folders.id"""
    try:
        with reading(db):
            rows = db.execute(by_folder, (DecidedBy.PERSON.value,)).fetchall()
        around, start = os.path.normcase(folder), os.path.normcase(os.path.join(folder, ""))  # noqa: PTH118
        there = [(os.path.normcase(path_text(text)), count) for text, count in rows]
        return sum(int(n) for text, n in there if text == around or text.startswith(start))
    except _NO_PROJECT as error:
        raise _damaged(path, error) from error


def check_all(db: sqlite3.Connection, path: Path) -> None:
    """Check every page, index and reference of a file; takes longer than opening it.

    Raises:
        ProjectError: Something is wrong with it.
    """
    try:
        (state,) = db.execute("PRAGMA integrity_check(1)").fetchone()
        lost = db.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error as error:
        raise _damaged(path, error) from error
    if state != "ok" or lost:
        raise _damaged(path, state if state != "ok" else f"its table {lost[0]} lacks a reference")


def load(db: sqlite3.Connection, path: Path) -> Project:
    """Return the project in a file.

    Raises:
        ProjectError: What stands in it is no project.
    """
    try:
        with reading(db):
            return read_project(db, path)
    except _NO_PROJECT as error:
        raise _damaged(path, error) from error


def write(
    db: sqlite3.Connection,
    path: Path,
    items: Sequence[Kept],
    labels: LabelTable,
) -> None:
    """Write steps, and what else is kept, in one transaction.

    Args:
        db: Of `path`.
        path: The project's file.
        items: In the order in which they came.
        labels: Those of the project, which give codes their meaning; they may have gone on.

    Raises:
        sqlite3.Error: Nothing was written.
    """
    with transaction(db):
        tables = ProjectTables(db, path, labels)
        for item in items:
            match item:
                case Taken():
                    write_step(tables, item)
                case ReadContents():
                    tables.put_contents(item)
                case Place():
                    tables.put_fact("place", place_json(item))
                case KeptPages():
                    tables.put_fact("marked pages", pages_json(item.pages))


def _cannot_write(path: Path, error: OSError) -> ProjectError:
    why = error.strerror or type(error).__name__
    return ProjectError("project-not-made", where=str(path), why=why)


def _damaged(path: Path, error: object) -> ProjectError:
    return DamagedProjectError("project-is-damaged", where=str(path), why=str(error))
