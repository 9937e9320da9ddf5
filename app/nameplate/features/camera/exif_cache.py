"""A cache of the Exif data of pictures, so that each file is read once.

It is in the folder of the caches, never in a project file, which may be given to others.
"""

import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from nameplate.domain.progress import CancelToken
from nameplate.imaging.exif import Exif, read_exif
from nameplate.storage.caches.cache_file import CacheLayout, SqliteCache
from nameplate.system.file_status import Status, absolute_bytes, status_of

FILE_NAME: Final = "cameras.sqlite"

_SCHEMA: Final = (
    """CREATE TABLE pictures (
        path BLOB PRIMARY KEY, size INTEGER, mtime_ns INTEGER, ctime_ns INTEGER, inode INTEGER,
        taken INTEGER, camera TEXT
    )""",
)
# About 400,000 pictures.
_LAYOUT: Final = CacheLayout(
    version=3,  # earlier versions, which may contain places, are emptied
    schema=_SCHEMA,
    page_bytes=4096,
    synchronous="NORMAL",
    read_wait=1.0,
    limit=lambda: 100_000_000,
    kept_share=0.9,
    is_quiet=True,
)
_PUT: Final = "INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?, ?, ?, ?)"
_DROP_OLDEST: Final = """
DELETE FROM pictures WHERE rowid IN (SELECT rowid FROM pictures ORDER BY rowid LIMIT ?)
"""
_JUST_NOW_NS: Final = 2_000_000_000
"""A file may change again within this time and keep its `mtime`, which FAT counts in 2 s."""


class ExifCache(SqliteCache):
    """The Exif data of files by path and status, read on demand; see `SqliteCache`."""

    def __init__(self, folder: Path) -> None:
        """Create a cache in `folder`; its file is opened by the first call."""
        super().__init__(folder / FILE_NAME, _LAYOUT)

    def read(self, paths: Sequence[Path], cancel: CancelToken) -> list[Exif]:
        """Return the Exif data of files; see `read_exif`.

        A file whose status differs from the cached one is read again.

        Raises:
            CancelledError: The token was set; files read before that are cached.
        """
        names = [absolute_bytes(path) for path in paths]
        statuses = [status_of(name) for name in names]
        marks = ", ".join("?" * len(names))
        find = f"SELECT * FROM pictures WHERE path IN ({marks})"  # noqa: S608 - marks alone
        rows = self._read(lambda db: db.execute(find, names).fetchall(), [])
        cached = {row[0]: row for row in rows}
        found, new = list[Exif](), list[tuple[Any, ...]]()
        try:
            for path, name, status in zip(paths, names, statuses, strict=True):
                cancel.raise_if_cancelled()
                exif = _exif_in(cached.get(name), status)
                if exif is None:
                    exif = read_exif(path, cancel)
                    if status is not None and abs(time.time_ns() - status[1]) > _JUST_NOW_NS:
                        new.append((name, *status, exif.taken, exif.camera))
                found.append(exif)
        finally:
            if new:
                self._write(lambda db: db.executemany(_PUT, new))
        return found

    def _drop_oldest(self, db: sqlite3.Connection, share: float) -> None:
        (rows,) = db.execute("SELECT count(*) FROM pictures").fetchone()
        db.execute(_DROP_OLDEST, (int(rows * share) + 1,))


def _exif_in(row: tuple[Any, ...] | None, status: Status | None) -> Exif | None:
    """Return the Exif data in a row; None if the file had another status then."""
    match row:
        case [_, *of, int(taken), str(camera)] if tuple(of) == status:
            return Exif(taken, camera)
        case _:
            return None
