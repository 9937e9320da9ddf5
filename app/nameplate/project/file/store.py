"""The file of a project: a SQLite database, written in one transaction per step.

Rollback journal, not write-ahead logging: that needs shared memory, which network drives do not
have, and a copy of the file alone is then whole at every moment between two steps
(docs/adr/0018-project.md).
"""

import logging
import os
import secrets
import sqlite3
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nameplate.domain.changes import SetFact
from nameplate.domain.labels import DecidedBy, LabelTable
from nameplate.imaging.scan import common_folder
from nameplate.project.file import backups
from nameplate.project.file.database import (
    JOURNALS,
    connected,
    delete,
    in_memory,
    set_up,
    transaction,
)
from nameplate.project.file.integrity import (
    APPLICATION_ID,
    LockedProjectError,
    ProjectError,
    copy_file,
    damaged,
    error_of,
    opened_to_read,
)
from nameplate.project.file.migrations import VERSION, make_tables, migrate
from nameplate.project.file.read import read_project
from nameplate.project.file.tables import ProjectTables
from nameplate.project.file.values import path_text
from nameplate.project.history import ReadContents, StepEvent
from nameplate.project.project import Project, ProjectEvent
from nameplate.storage.atomic import put_in_place
from nameplate.storage.caches.cache_file import TROUBLE, code_of
from nameplate.storage.folders import make_private_folder, projects_folder, restrict_file
from nameplate.storage.lock import locked

_LOG = logging.getLogger(__name__)

ENDING: Final = ".nameplate"
_FOLDERS_IN_USE: Final = """
SELECT path FROM folders WHERE id IN (SELECT folder FROM images WHERE is_removed = 0)
"""
_NO_PROJECT: Final = (
    *(sqlite3.Error, ArithmeticError, ValueError, LookupError, TypeError, AttributeError),
    *(RecursionError, MemoryError),
)
"""What reading something else than a project raises."""


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
        make_tables(db, VERSION)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        with transaction(db):
            ProjectTables(db, path, project.labels).put_project(project)
    except BaseException as error:
        db.close()
        delete(path)
        if isinstance(error, sqlite3.Error):
            why = TROUBLE.get(code_of(error), str(error))
            raise ProjectError("project-not-made", where=str(path), why=why) from error
        raise
    return db


def open_file(
    path: Path, *, read_only: bool = False, rolls_back: bool = False, is_light: bool = False
) -> sqlite3.Connection:
    """Return a connection to a project's file; older versions are migrated.

    Args:
        path: The file.
        read_only: Never write it: an older one is brought up to this version in memory.
        rolls_back: What a crash left half written is taken back in the file all the same: it is
            going to be written.
        is_light: Judge the schema alone; for a look that changes nothing.

    Raises:
        ProjectError: It is not there, no project, of a newer Nameplate or one before 1.0, or
            damaged; or there is no room for the copy that is made before an older file is changed.
    """
    db, version = opened_to_read(path, rolls_back=rolls_back or not read_only, is_light=is_light)
    try:
        is_old = version < VERSION
        if is_old and read_only:
            db = in_memory(db)
        elif is_old:
            _keep_copy(db, path)
        if not read_only:
            db.close()
            db = connected(path)
            set_up(db)
        if is_old or not read_only:
            with transaction(db):  # which tells, too, whether it can be written
                migrate(db, VERSION)
    except sqlite3.Error as error:
        close(db)
        raise error_of(path, error) from error
    except BaseException:
        close(db)
        raise
    return db


def _keep_copy(db: sqlite3.Connection, path: Path) -> None:
    """Keep a copy of a file that is about to be migrated."""
    try:
        is_kept = backups.replace(path, backups.copy(db, path))
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ProjectError("project-not-backed-up", where=str(path), why=why) from error
    if not is_kept:
        raise damaged(path, "its copy is not whole")


def copied(db: sqlite3.Connection, path: Path) -> sqlite3.Connection:
    """Copy a project to the file `path`, replacing it, and return a connection to it.

    Raises:
        ProjectError: It cannot be opened.
        sqlite3.Error, OSError: It cannot be written; what was there is as it was.
    """
    with _replacing(path) as temporary:
        # An address, since a path need not be UTF-8.
        db.execute("VACUUM INTO ?", (temporary.absolute().as_uri(),))
        temporary.chmod(0o600)
        with closing(open_file(temporary)) as copy, transaction(copy):
            ProjectTables(copy, path, LabelTable()).note_home()
    return open_file(path)


def create_anew(path: Path, project: Project) -> sqlite3.Connection:
    """Like `create`, but replace the file `path`."""
    try:
        with _replacing(path) as temporary:
            close(create(temporary, project))
    except OSError as error:
        raise _cannot_write(path, error) from error
    return open_file(path)


@contextmanager
def _replacing(path: Path) -> Generator[Path]:
    """Yield a file to make, which takes the place of another unless that fails."""
    temporary = path.with_name(f".{path.name}.new")
    delete(temporary)
    try:
        yield temporary
        delete(path, JOURNALS)  # which SQLite would play back into this one
        put_in_place(temporary, path)
    finally:
        delete(temporary)


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
    make_private_folder(projects_folder())
    at = time.strftime("%Y-%m-%d %H.%M.%S")
    kept = projects_folder() / f"{path.stem} replaced {at} {secrets.token_hex(3)}{ENDING}"
    try:
        try:
            with closing(open_file(path, read_only=True)) as db:
                backups.copy_used(db, kept)
        except ProjectError:
            copy_file(path, kept)  # damaged or newer: as it is
    except BaseException:
        kept.unlink(missing_ok=True)
        raise
    restrict_file(kept)


def rescue(path: Path, project: Project) -> Path | None:
    """Write a project to the data folder since its file `path` cannot be written; return the copy.

    That may be on another drive. None if nothing can be written there, either.
    """
    rescued = rescue_path(path)
    try:
        make_private_folder(rescued.parent)
        close(create(rescued, project))
    except Exception:  # noqa: BLE001 - nothing more can be done
        _LOG.exception("the project cannot be written into the data folder either")
        return None
    return rescued


def rescue_path(path: Path) -> Path:
    """Return an unused path in the data folder for a copy of the project at `path`."""
    named = f"{path.stem} {time.strftime('%Y-%m-%d %H.%M.%S')}"
    rescued = projects_folder() / f"{named}{ENDING}"
    is_taken = os.path.lexists(rescued)
    return rescued.with_stem(f"{named} {secrets.token_hex(3)}") if is_taken else rescued


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


_FIRST_IMAGE: Final = """SELECT folders.path, images.path FROM images
    JOIN folders ON folders.id = images.folder WHERE is_removed = 0 ORDER BY images.id LIMIT 1"""
_FIRST_NAMES: Final = """SELECT json_extract(value, '$.name') FROM concepts
    ORDER BY place LIMIT 2"""


@dataclass(frozen=True, slots=True)
class Summary:
    """How much there is in a project's file: images, those a person decided, and concepts.

    Attributes:
        folder: That holds all images; empty where there is none.
        names: The first names of concepts, of which there are `concepts`.
        first: The path of the first image; empty where there is none.
    """

    images: int
    decided: int
    folder: str
    concepts: int
    names: tuple[str, ...]
    first: str


def summary(db: sqlite3.Connection, path: Path) -> Summary:
    """Return the summary of a project's file without loading it.

    Raises:
        ProjectError: It is damaged.
    """
    by_person = """SELECT count(*) FROM labels JOIN images ON images.id = labels.image
        WHERE decided_by = ? AND is_removed = 0"""
    with _reading(db, path):
        (images,) = db.execute("SELECT count(*) FROM images WHERE is_removed = 0").fetchone()
        (decided,) = db.execute(by_person, (DecidedBy.PERSON.value,)).fetchone()
        (concepts,) = db.execute("SELECT count(*) FROM concepts").fetchone()
        folders = [path_text(path) for (path,) in db.execute(_FOLDERS_IN_USE)]
        names = tuple(str(name) for (name,) in db.execute(_FIRST_NAMES))
        first = [os.path.join(*map(path_text, row)) for row in db.execute(_FIRST_IMAGE)]  # noqa: PTH118
        folder = common_folder(folders)
        return Summary(int(images), int(decided), folder, int(concepts), names, "".join(first))


def decided_in(db: sqlite3.Connection, path: Path, folder: str) -> int:
    """Return how many pictures in a folder, or below it, a person decided about.

    Raises:
        ProjectError: The file is damaged.
    """
    by_folder = """SELECT folders.path, count(*) FROM labels
        JOIN images ON images.id = labels.image JOIN folders ON folders.id = images.folder
        WHERE decided_by = ? AND is_removed = 0 GROUP BY folders.id"""
    with _reading(db, path):
        rows = db.execute(by_folder, (DecidedBy.PERSON.value,)).fetchall()
        around, start = os.path.normcase(folder), os.path.normcase(os.path.join(folder, ""))  # noqa: PTH118
        there = [(os.path.normcase(path_text(text)), count) for text, count in rows]
        return sum(int(n) for text, n in there if text == around or text.startswith(start))


def load(db: sqlite3.Connection, path: Path) -> Project:
    """Return the project in a file.

    Raises:
        ProjectError: What stands in it is no project.
    """
    with _reading(db, path):
        return read_project(db, path)


@contextmanager
def _reading(db: sqlite3.Connection, path: Path) -> Generator[None]:
    """Read a consistent state inside, although another process may write.

    Raises:
        ProjectError: What stands in the file `path` is no project.
    """
    try:
        db.execute("BEGIN")
        try:
            yield
        finally:
            if db.in_transaction:
                db.execute("ROLLBACK")
    except _NO_PROJECT as error:
        raise damaged(path, error) from error


def write(
    db: sqlite3.Connection, path: Path, items: Sequence[ProjectEvent], labels: LabelTable
) -> None:
    """Write steps and notes in one transaction.

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
                case StepEvent():
                    tables.put_step(item)
                case ReadContents():
                    tables.put_contents(item)
                case SetFact(fact, value):
                    tables.put_fact(fact, value)


def _cannot_write(path: Path, error: OSError) -> ProjectError:
    why = error.strerror or type(error).__name__
    return ProjectError("project-not-made", where=str(path), why=why)
