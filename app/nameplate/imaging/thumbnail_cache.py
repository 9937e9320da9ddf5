"""Keeps thumbnails on disk, so that a picture seen before is seen again at once.

A cache is a convenience: whatever is wrong with it, thumbnails are made without. One SQLite file,
since it is read in half the time of a folder of files, is bounded and pruned by one query, and can
be deleted by hand at any time.
"""

import contextlib
import hashlib
import io
import logging
import math
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from PIL import Image

from nameplate.domain.progress import CancelToken
from nameplate.imaging import pictures
from nameplate.imaging.decode_version import DECODE_VERSION
from nameplate.storage.cache_file import (
    BUSY,
    TROUBLE,
    code_of,
    connected,
    delete_file,
    transaction,
    why_no_folder,
)
from nameplate.storage.folders import make_private_folder

FILE_NAME: Final = "thumbnails.sqlite"
DEFAULT_LIMIT: Final = 500_000_000
"""Bytes; about 30,000 thumbnails of 256 pixels."""

_VERSION: Final = 1
_SCHEMA: Final = (
    """CREATE TABLE thumbnails (
        id INTEGER PRIMARY KEY, path BLOB, side INTEGER, stamp BLOB, used INTEGER, checksum BLOB,
        picture BLOB, UNIQUE (path, side)
    )""",
    "CREATE INDEX thumbnails_by_use ON thumbnails (used)",
)
_FIND: Final = """
SELECT id, used, checksum, picture FROM thumbnails
WHERE path = ? AND side = ? AND stamp = ? AND length(picture) <= ?
"""
_PUT: Final = """
INSERT OR REPLACE INTO thumbnails (path, side, stamp, used, checksum, picture)
VALUES (?, ?, ?, ?, ?, ?)
"""
_USE: Final = "UPDATE thumbnails SET used = ? WHERE id = ?"
_DROP_OLDEST: Final = """
DELETE FROM thumbnails WHERE id IN (SELECT id FROM thumbnails ORDER BY used, id LIMIT ?)
"""
_KEPT_SHARE: Final = 0.98
"""Of the limit, after dropping: little at a time, since the threads wait for it."""

_QUALITY: Final = 88
_MOST_BYTES: Final = 4_000_000
_FULL: Final = TROUBLE[sqlite3.SQLITE_FULL]
_BACK_OFF: Final = 30.0
"""Seconds without a write after another program did not let one through."""

_DAY: Final = 86_400
_JUST_NOW: Final = 2.0
"""Seconds within which a file may be changed again without another time (FAT counts in twos)."""

_LOG = logging.getLogger(__name__)


class ThumbnailCache:
    """Thumbnails of files; a context manager. Safe to call from several threads at once.

    Attributes:
        problem: Why the cache is not used, as a sentence; empty while it is.
    """

    def __init__(
        self,
        folder: Path,
        *,
        limit_bytes: int = DEFAULT_LIMIT,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Open the cache in `folder` at the first call of `thumbnail`; nothing is read before.

        Args:
            folder: Made if need be.
            limit_bytes: Above it the thumbnails that were unused for longest are dropped.
            clock: Seconds since the epoch.
        """
        self.problem = ""
        self._file = folder / FILE_NAME
        self._limit = limit_bytes
        self._clock = clock
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None
        self._is_usable = True
        self._was_damaged = False
        self._write_from = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; thumbnails are made without it afterwards."""
        with self._lock:
            self._is_usable = False
            self._close()

    def thumbnail(self, path: Path, side: int, cancel: CancelToken | None = None) -> Image.Image:
        """Return the picture in `path`, RGB and upright, so that it fits into `side` x `side`.

        It is kept, unless the file is hardly larger, or has changed just now. A file with another
        size, time or place on its disk than when its thumbnail was kept is read again.

        Raises:
            ImageError: The file cannot be read.
            CancelledError: `cancel` was set.
        """
        stamp = self._stamp(path)
        if stamp is not None and (found := self._find(path, side, stamp)) is not None:
            return found
        made = pictures.thumbnail(path, side, cancel)
        is_smaller = made.image.width < made.width
        if stamp is not None and is_smaller and self._stamp(path) == stamp:
            self._keep(path, side, stamp, made.image)
        return made.image

    def _stamp(self, path: Path) -> bytes | None:
        """Return what stands for the content of a file, None where that cannot be relied on."""
        try:
            status = path.stat()
        except (OSError, ValueError):
            return None  # decoding will say why
        if abs(self._clock() - status.st_mtime) < _JUST_NOW:
            return None
        times = (status.st_mtime_ns, status.st_ctime_ns)
        what = (DECODE_VERSION, status.st_size, *times, status.st_ino)
        return hashlib.blake2b(repr(what).encode(), digest_size=16).digest()

    def _find(self, path: Path, side: int, stamp: bytes) -> Image.Image | None:
        name, row = _name(path), None
        with self._lock, self._guarded():
            if db := self._opened():
                row = db.execute(_FIND, (name, side, stamp, _MOST_BYTES)).fetchone()
        if row is None:
            return None
        key, used, checksum, picture = row
        if not isinstance(picture, bytes) or checksum != _checksum(name, side, stamp, picture):
            return None  # what is made instead will replace it
        # A write per hit would cost more than the hit.
        if not isinstance(used, int) or used < self._clock() - _DAY:
            self._write(_USE, (int(self._clock()), key))
        return _decoded(picture, side)

    def _keep(self, path: Path, side: int, stamp: bytes, image: Image.Image) -> None:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=_QUALITY)
        name, picture = _name(path), buffer.getvalue()
        checksum = _checksum(name, side, stamp, picture)
        self._write(_PUT, (name, side, stamp, int(self._clock()), checksum, picture))

    def _write(self, statement: str, values: tuple[object, ...]) -> None:
        with self._lock, self._guarded():
            if time.monotonic() < self._write_from or (db := self._opened()) is None:
                return
            db.execute(statement, values)
            _prune(db, self._limit)

    def _opened(self) -> sqlite3.Connection | None:
        if self._db is None and self._is_usable and time.monotonic() >= self._write_from:
            make_private_folder(self._file.parent)
            self._db = _open(self._file)
        return self._db

    @contextlib.contextmanager
    def _guarded(self) -> Generator[None]:
        """End quietly on any error of SQLite or the disk, and go on with less."""
        try:
            yield
        except sqlite3.Error as error:
            self._cope(code_of(error))
        except OSError as error:
            self._give_up(why_no_folder(error))

    def _cope(self, code: int) -> None:
        if code in BUSY:
            # Each try waits for the other program, and every thumbnail would try.
            self._write_from = time.monotonic() + _BACK_OFF
        elif code == sqlite3.SQLITE_FULL:
            self._write_from = math.inf
            self.problem = f"The cache in {self._file.parent} is read but not written: {_FULL}."
        elif code in TROUBLE:
            self._give_up(TROUBLE[code])
        else:
            self._start_anew()

    def _give_up(self, why: str) -> None:
        self._close()
        self._is_usable = False
        self.problem = f"The cache in {self._file.parent} is not used: {why}."

    def _start_anew(self) -> None:
        """Delete a damaged file, once; the next call makes a new one."""
        self._close()
        if self._was_damaged:
            self._give_up("it is damaged again and again")
            return
        self._was_damaged = True
        _LOG.warning("%s was damaged; it is made anew", self._file)
        try:
            delete_file(self._file)
        except OSError:
            self._give_up("it is damaged and cannot be deleted")

    def _close(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            with contextlib.suppress(sqlite3.Error):
                db.close()


def _open(file: Path) -> sqlite3.Connection:
    db = connected(file, 4096)
    try:
        # To wait for the disk would cost more than many a thumbnail takes. A crash of the program
        # loses nothing; after one of the computer, checksums find out what is not whole.
        db.execute("PRAGMA synchronous = OFF")
        if _version(db) != _VERSION:  # so that a file that others write to can be read at once
            with transaction(db):
                _fill(db)
    except BaseException:
        db.close()
        raise
    return db


def _fill(db: sqlite3.Connection) -> None:
    version = _version(db)  # once more: another program may have done it
    if version == _VERSION:
        return
    if version:
        raise sqlite3.DatabaseError(f"version {version}")
    for statement in _SCHEMA:
        db.execute(statement)
    db.execute(f"PRAGMA user_version = {_VERSION}")


def _version(db: sqlite3.Connection) -> int:
    return db.execute("PRAGMA user_version").fetchone()[0]


def _prune(db: sqlite3.Connection, limit: int) -> None:
    """Drop what was unused for longest until the pages in use are a little below `limit` bytes."""
    pages, free, page_bytes = (
        db.execute(f"PRAGMA {what}").fetchone()[0]
        for what in ("page_count", "freelist_count", "page_size")
    )
    size = (pages - free) * page_bytes
    if size <= limit:
        return
    (rows,) = db.execute("SELECT count(*) FROM thumbnails").fetchone()
    surplus = int(rows * (1 - _KEPT_SHARE * limit / size)) + 1
    with transaction(db):
        db.execute(_DROP_OLDEST, (surplus,))


def _decoded(picture: bytes, side: int) -> Image.Image | None:
    try:
        with Image.open(io.BytesIO(picture), formats=("JPEG",)) as image:
            if max(image.size) > side or image.mode != "RGB":
                return None
            image.load()
            return image.copy()
    except (OSError, ValueError, SyntaxError):
        return None


def _checksum(name: bytes, side: int, stamp: bytes, picture: bytes) -> bytes:
    # With the key in it, so that a picture that got into another's row is found out too.
    digest = hashlib.blake2b(b"%d\0%b\0%b\0" % (side, stamp, name), digest_size=8)
    digest.update(picture)
    return digest.digest()


def _name(path: Path) -> bytes:
    return os.fsencode(path.absolute())
