"""Keeps on disk what cameras wrote into pictures, so that each file is read once.

It is beside the project, in the folder of the caches, never in a file that is handed on.
"""

import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from nameplate.domain.progress import CancelToken
from nameplate.imaging.exif import Exif, read_exif
from nameplate.storage.caches.cache_file import Layout, SqliteCache
from nameplate.system.file_status import Status, name_of, status_of

FILE_NAME: Final = "cameras.sqlite"

_SCHEMA: Final = (
    """CREATE TABLE pictures (
        path BLOB PRIMARY KEY, size INTEGER, mtime_ns INTEGER, ctime_ns INTEGER, inode INTEGER,
        taken INTEGER, camera TEXT, has_place INTEGER, north REAL, east REAL
    )""",
)
# About 400,000 pictures.
_LAYOUT: Final = Layout(
    version=2,
    schema=_SCHEMA,
    page_bytes=4096,
    synchronous="NORMAL",
    read_wait=1.0,
    limit=lambda: 100_000_000,
    kept_share=0.9,
    is_quiet=True,
)
_PUT: Final = "INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_FORGET_PLACES: Final = """
UPDATE pictures SET has_place = 0, north = NULL, east = NULL WHERE has_place
"""
_DROP_OLDEST: Final = """
DELETE FROM pictures WHERE rowid IN (SELECT rowid FROM pictures ORDER BY rowid LIMIT ?)
"""
_JUST_NOW_NS: Final = 2_000_000_000
"""Within which a file may be changed again without another time (FAT counts in twos)."""


class KeptExif(SqliteCache):
    """What cameras wrote into files, from the disk or read; see `SqliteCache`."""

    def __init__(self, folder: Path, keeps_places: Callable[[], bool] = lambda: True) -> None:
        """Open the file in `folder` at the first call; nothing is read before.

        `keeps_places` is asked, on any thread, whenever something is kept: a person may have
        changed their mind since it was read.
        """
        super().__init__(folder / FILE_NAME, _LAYOUT)
        self._keeps_places = keeps_places

    def read(
        self, paths: Sequence[Path], cancel: CancelToken, *, with_place: bool = False
    ) -> list[Exif]:
        """Return what a camera wrote into each of some files; see `read_exif`.

        A file with another size, time or place on its disk than when it was kept is read again.

        Raises:
            CancelledError: The token was set; what was read by then is kept.
        """
        names = [name_of(path) for path in paths]
        statuses = [status_of(name) for name in names]
        marks = ", ".join("?" * len(names))
        find = f"SELECT * FROM pictures WHERE path IN ({marks})"  # noqa: S608 - marks alone
        rows = self._read(lambda db: db.execute(find, names).fetchall(), [])
        kept = {row[0]: row for row in rows}
        found, new = list[Exif](), list[tuple[Any, ...]]()
        try:
            for path, name, status in zip(paths, names, statuses, strict=True):
                cancel.raise_if_cancelled()
                exif = _kept(kept.get(name), status, with_place=with_place)
                if exif is None:
                    exif = read_exif(path, cancel, with_place=with_place)
                    if status is not None and abs(time.time_ns() - status[1]) > _JUST_NOW_NS:
                        place = exif.place or (None, None)
                        new.append((name, *status, exif.taken, exif.camera, with_place, *place))
                found.append(exif)
        finally:
            if new:
                self._write(lambda db: self._put(db, new))
        return found

    def _put(self, db: sqlite3.Connection, rows: list[tuple[Any, ...]]) -> None:
        # Asked inside the transaction: what is kept before places are forgotten is forgotten, too.
        if not self._keeps_places():
            rows = [(*row[:-3], False, None, None) for row in rows]
        db.executemany(_PUT, rows)

    def forget_places(self) -> None:
        """Forget where pictures were taken."""
        self._write(lambda db: db.execute(_FORGET_PLACES))

    def _drop_oldest(self, db: sqlite3.Connection, share: float) -> None:
        (rows,) = db.execute("SELECT count(*) FROM pictures").fetchone()
        db.execute(_DROP_OLDEST, (int(rows * share) + 1,))


def _kept(row: tuple[Any, ...] | None, status: Status | None, *, with_place: bool) -> Exif | None:
    """Return what is kept of a file; None where that is of another one, or is not all."""
    match row:
        case [_, *of, int(taken), str(camera), has_place, north, east] if tuple(of) == status:
            if not with_place:
                return Exif(taken, camera)
            if has_place:
                is_place = isinstance(north, float) and isinstance(east, float)
                return Exif(taken, camera, (north, east) if is_place else None)
        case _:
            pass
    return None
