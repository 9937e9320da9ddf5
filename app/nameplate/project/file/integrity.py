"""Judges the file of a project, which may come from a stranger: opening and checking alike.

A journal beside it is judged before SQLite sees it: rolling one back deletes the file that the
journal names as super-journal, and writes into what the journal is a link to.
"""

import errno
import os
import shutil
import sqlite3
import stat
import struct
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from nameplate.domain.errors import NameplateError
from nameplate.domain.labels import ReviewState
from nameplate.domain.messages import Message
from nameplate.project.file.database import JOURNALS, connected, in_memory, journal_of
from nameplate.project.file.migrations import FIRST, VERSION, schema_of, schema_of_version
from nameplate.storage.caches.cache_file import BUSY, TROUBLE, code_of
from nameplate.storage.folders import backups_folder, make_private_folder
from nameplate.system.failures import FULL_DISK
from nameplate.system.opening import NotRegularFileError, open_regular

APPLICATION_ID: Final = 0x4E616D65
"""`Name` in ASCII: the application id in the head of the file (sqlite.org/fileformat2.html)."""

OPEN_ELSEWHERE: Final = "project-is-open"
"""The code of the error of a project that another process has open."""

_HEAD: Final = 72
_FORMATS: Final = range(1, 3)
"""Of reading and writing: bytes 18 and 19 of the head. Files of any other may not be written."""

_LOGGED: Final = 2
"""The format of write-ahead logging: even who only reads leaves files beside such a file."""

_MAGIC: Final = bytes.fromhex("d9d505f920a163d7")
"""Begins a journal, and ends one that names a super-journal (sqlite.org/fileformat2.html)."""

_JOURNAL_HEAD: Final = struct.Struct(">8s8xI4xI")
"""Magic, pages that the file had, bytes of a page."""

_BLOCK: Final = 1 << 20
_NOTHING: Final = bytes(_BLOCK)


class ProjectError(NameplateError):
    """A project's file cannot be used; it is unchanged."""


class DamagedProjectError(ProjectError):
    """A project's file is damaged."""


class LockedProjectError(ProjectError):
    """A project's file can be read but not written."""


def damaged(path: Path, error: object) -> DamagedProjectError:
    """Return the error of a damaged file."""
    return DamagedProjectError("project-is-damaged", where=str(path), why=str(error))


def error_of(path: Path, error: sqlite3.Error) -> ProjectError:
    """Convert an SQLite error; a fault of the drive or of another program is not called damage."""
    code = code_of(error)
    if code in BUSY:
        return LockedProjectError(OPEN_ELSEWHERE, where=str(path))
    if code == sqlite3.SQLITE_READONLY:
        return LockedProjectError(TROUBLE[code], where=str(path))
    return ProjectError(TROUBLE[code], where=str(path)) if code in TROUBLE else damaged(path, error)


def why_not_written(error: Exception) -> Message:
    """Return why a step cannot be written."""
    why = str(error) or type(error).__name__
    if isinstance(error, sqlite3.Error) and code_of(error) in TROUBLE:
        return TROUBLE[code_of(error)]
    if isinstance(error, OSError):
        why = f"{error.strerror or type(error).__name__}: {error.filename}"
    return Message("step-not-written", {"why": why})


def is_project(path: Path) -> bool:
    """Return whether a file is one of Nameplate's projects, damaged or not.

    Raises:
        OSError: It cannot be read.
    """
    try:
        head = _head(path)
    except (IsADirectoryError, NotRegularFileError):
        return False
    return head.startswith(b"SQLite format 3\0") and head[68:72] == APPLICATION_ID.to_bytes(4)


def refuse_foreign(path: Path) -> None:
    """Raise a ProjectError if a file does not exist or is not a project."""
    try:
        if not is_project(path):
            raise ProjectError("no-project", where=str(path))
    except OSError as error:
        raise _unreadable(path, error) from error


def opened_to_read(
    path: Path, *, rolls_back: bool = False, is_light: bool = False
) -> tuple[sqlite3.Connection, int]:
    """Judge a project's file; return a connection that only reads it, and its version.

    Args:
        path: The file.
        rolls_back: Whether what a crash left half written is rolled back in the file itself, as
            by who writes it. That is tried in a private copy first, where there is room for one.
        is_light: Whether its schema alone is judged, which takes no longer for a large one.

    Raises:
        ProjectError: It is not there, no project, of a newer Nameplate, or damaged.
    """
    refuse_foreign(path)
    _refuse_strange_journals(path)
    try:
        formats = _head(path)[18:20]
        if any(number not in _FORMATS for number in formats):
            raise damaged(path, "its format is unknown")
        db = connected(path, read_only=True, immutable=_LOGGED in formats)
        try:
            return db, _check(db, path, is_light=is_light)
        except BaseException as error:
            db.close()
            code = getattr(error, "sqlite_errorcode", 0)
            if code != sqlite3.SQLITE_READONLY_ROLLBACK:
                raise
        if not rolls_back:
            return _rolled_back(path)
        _roll_back(path)
        return opened_to_read(path)
    except sqlite3.Error as error:
        raise error_of(path, error) from error
    except UnicodeDecodeError as error:  # SQLite quotes names that are no text
        raise damaged(path, error) from error
    except OSError as error:
        raise _unreadable(path, error) from error


def is_whole(path: Path, decided: int = 0) -> bool:
    """Return whether a file that nobody writes is a project with at least `decided` decisions."""
    try:
        db, _ = opened_to_read(path)
    except ProjectError:
        return False
    with closing(db):
        return has_decisions(db, decided)


def has_decisions(db: sqlite3.Connection, count: int) -> bool:
    """Return whether at least `count` images have a label."""
    query = "SELECT count(*) FROM labels WHERE state <> ?"
    with suppress(sqlite3.Error):
        return db.execute(query, (ReviewState.UNLABELLED.value,)).fetchone()[0] >= count
    return False


def copy_file(source: Path, copy: Path) -> None:
    """Copy a file to a new one, with holes for its empty blocks where the system supports them.

    Raises:
        OSError: It cannot be read, or there is no room: half of what is free has to stay so.
    """
    with open_regular(source) as old, copy.open("xb") as new:
        size = os.fstat(old.fileno()).st_size
        refuse_without_room(copy.parent, size)
        while block := old.read(_BLOCK):
            if block == _NOTHING[: len(block)]:
                new.seek(len(block), os.SEEK_CUR)
            else:
                new.write(block)
        new.truncate(size)


def refuse_without_room(folder: Path, size: int) -> None:
    """Raise an OSError if `size` bytes would take more than half of the free space."""
    if 2 * size > shutil.disk_usage(folder).free:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))


def _head(path: Path) -> bytes:
    with open_regular(path) as stream:
        return stream.read(_HEAD)


def _unreadable(path: Path, error: OSError) -> ProjectError:
    why = error.strerror or type(error).__name__
    return ProjectError("project-unreadable", where=str(path), why=why)


def _refuse_strange_journals(path: Path) -> None:
    """Raise a DamagedProjectError if there is a journal beside a file that Nameplate never made."""
    for ending in JOURNALS:
        beside = path.with_name(f"{path.name}{ending}")
        try:
            status = beside.lstat()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise _unreadable(beside, error) from error
        is_own = stat.S_ISREG(status.st_mode) and status.st_nlink <= 1
        if ending != "-journal" or not is_own or _is_strange(beside, path):
            raise DamagedProjectError("project-journal-strange", where=str(path), name=beside.name)


def _is_strange(journal: Path, path: Path) -> bool:
    """Return whether a journal names a super-journal, or more pages than there can be.

    Nameplate attaches no second database, so that its journals name none.
    """
    try:
        with open_regular(journal, follow_links=False) as stream:
            size = os.fstat(stream.fileno()).st_size
            head = stream.read(_JOURNAL_HEAD.size)
            stream.seek(max(0, size - len(_MAGIC)))
            tail = stream.read()
        if len(head) < _JOURNAL_HEAD.size:
            return False
        magic, pages, page_size = _JOURNAL_HEAD.unpack(head)
        most = size + path.stat().st_size
        return tail == _MAGIC or (magic == _MAGIC and pages * page_size > most)
    except FileNotFoundError:  # who writes the project has just finished
        return False
    except OSError:
        return True


def _roll_back(path: Path) -> None:
    """Roll back an unfinished write after trying the same on a copy.

    A stranger's journal may make anything of a file. Where there is no room for a copy, the file
    itself has to do.
    """
    try:
        _rolled_back(path)[0].close()
    except OSError as error:
        if error.errno not in FULL_DISK:
            raise
    except sqlite3.Error as error:
        if code_of(error) not in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_NOMEM):
            raise
    with closing(connected(path)) as db:  # the first look rolls back
        _check(db, path)


def _rolled_back(path: Path) -> tuple[sqlite3.Connection, int]:
    """Return a rolled back copy of a file in memory, and its schema version."""
    backups = backups_folder()  # the system's folder for such files may be small, or in memory
    make_private_folder(backups)
    with tempfile.TemporaryDirectory(prefix="nameplate-", dir=backups) as folder:
        copy = Path(folder) / path.name
        copy_file(path, copy)
        copy_file(journal_of(path), journal_of(copy))
        db = connected(copy)
        try:
            version = _check(db, path)
        except BaseException:
            db.close()
            raise
        return in_memory(db), version


def _check(db: sqlite3.Connection, path: Path, *, is_light: bool = False) -> int:
    """Judge a project's file, and return its version.

    Its schema comes first: what else is looked at may run what stands there.

    Raises:
        ProjectError: It is of a newer or an older Nameplate, or damaged.
        sqlite3.Error: It cannot be read.
    """
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise ProjectError("project-is-newer", where=str(path), version=version)
    if 0 < version < FIRST:
        raise ProjectError("project-is-older", where=str(path), version=version)
    if version < FIRST or schema_of(db) != schema_of_version(version):
        raise damaged(path, "it holds something else")
    if is_light:
        return version
    (state,) = db.execute("PRAGMA integrity_check(1)").fetchone()
    if state != "ok":
        raise damaged(path, state)
    if lost := db.execute("PRAGMA foreign_key_check").fetchone():
        raise damaged(path, f"its table {lost[0]} lacks a reference")
    return version
