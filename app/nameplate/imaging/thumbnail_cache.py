"""Caches thumbnails on disk, so that known pictures are shown at once.

One SQLite file, since it is read in half the time of a folder of files, is bounded and pruned by
one query, and can be deleted by hand at any time.
"""

import hashlib
import io
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from PIL import Image

from nameplate.domain.progress import CancelToken
from nameplate.imaging import DECODE_VERSION, pictures
from nameplate.storage.caches.cache_file import CacheLayout, SqliteCache
from nameplate.storage.preferences import preferences
from nameplate.system.file_status import absolute_bytes

FILE_NAME: Final = "thumbnails.sqlite"

_SCHEMA: Final = (
    """CREATE TABLE thumbnails (
        id INTEGER PRIMARY KEY, path BLOB, side INTEGER, stamp BLOB, used INTEGER, checksum BLOB,
        picture BLOB, UNIQUE (path, side)
    )""",
    "CREATE INDEX thumbnails_by_use ON thumbnails (used)",
)
# Waiting for the disk would take longer than making most thumbnails. A crash of the program loses
# nothing; after one of the computer, checksums reveal damaged rows.
# By default about 30,000 thumbnails of 256 pixels are kept; little is dropped at a time, since the
# threads wait for it.
LAYOUT: Final = CacheLayout(
    version=1,
    schema=_SCHEMA,
    page_bytes=4096,
    synchronous="OFF",
    read_wait=1.0,
    limit=lambda: preferences().thumbnails_mb * 1_000_000,
    kept_share=0.98,
    is_quiet=True,
)
_FIND: Final = """
SELECT id, side, used, checksum, picture FROM thumbnails
WHERE path = ? AND side BETWEEN ? AND ? AND stamp = ? AND length(picture) <= ?
ORDER BY side LIMIT 1
"""
_PUT: Final = """
INSERT OR REPLACE INTO thumbnails (path, side, stamp, used, checksum, picture)
VALUES (?, ?, ?, ?, ?, ?)
"""
_USE: Final = "UPDATE thumbnails SET used = ? WHERE id = ?"
_DROP_OLDEST: Final = """
DELETE FROM thumbnails WHERE id IN (SELECT id FROM thumbnails ORDER BY used, id LIMIT ?)
"""
_MOST_BYTES: Final = 4_000_000
_ANY_SIDE: Final = 1 << 31
_DAY: Final = 86_400
_JUST_NOW: Final = 2.0
"""Seconds within which a file may be changed again without another time (FAT counts in twos)."""


class ThumbnailCache(SqliteCache):
    """Thumbnails of files, from the disk or made; see `SqliteCache`."""

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time) -> None:
        """Open the cache in `folder` at the first call of `thumbnail`; nothing is read before."""
        super().__init__(folder / FILE_NAME, LAYOUT)
        self._clock = clock

    def thumbnail(self, path: Path, side: int, cancel: CancelToken | None = None) -> Image.Image:
        """Return the picture in `path`, RGB and upright, so that it fits into `side` x `side`.

        It is kept, unless the file is hardly larger, or has changed just now. A file with another
        size, time or place on its disk than when its thumbnail was kept is read again.
        """
        stamp = self._stamp(path)
        if stamp is not None and (found := self._find(path, side, side, stamp)) is not None:
            return found
        made = pictures.thumbnail(path, side, cancel)
        is_smaller = made.image.width < made.width
        if stamp is not None and is_smaller and self._stamp(path) == stamp:
            self._keep(path, side, stamp, made.image)
        return made.image

    def kept(self, path: Path, least: int) -> Image.Image | None:
        """Return the smallest thumbnail that is kept of a file, of `least` pixels or more."""
        stamp = self._stamp(path)
        return None if stamp is None else self._find(path, least, _ANY_SIDE, stamp)

    def _stamp(self, path: Path) -> bytes | None:
        """Return a digest of a file's status; None if it may miss the next change."""
        try:
            status = path.stat()
        except (OSError, ValueError):
            return None  # decoding will say why
        if abs(self._clock() - status.st_mtime) < _JUST_NOW:
            return None
        times = (status.st_mtime_ns, status.st_ctime_ns)
        what = (DECODE_VERSION, status.st_size, *times, status.st_ino)
        return hashlib.blake2b(repr(what).encode(), digest_size=16).digest()

    def _find(self, path: Path, least: int, most: int, stamp: bytes) -> Image.Image | None:
        name = absolute_bytes(path)
        values = (name, least, most, stamp, _MOST_BYTES)
        row: Any = self._read(lambda db: db.execute(_FIND, values).fetchone(), None)
        if row is None:
            return None
        key, side, used, checksum, picture = row
        if not isinstance(picture, bytes) or checksum != _checksum(name, side, stamp, picture):
            return None  # what is made instead will replace it
        # A write per hit would cost more than the hit.
        if not isinstance(used, int) or used < self._clock() - _DAY:
            now = int(self._clock())
            self._write(lambda db: db.execute(_USE, (now, key)))
        return _decoded(picture, side)

    def _keep(self, path: Path, side: int, stamp: bytes, image: Image.Image) -> None:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=88)
        name, picture = absolute_bytes(path), buffer.getvalue()
        checksum = _checksum(name, side, stamp, picture)
        values = (name, side, stamp, int(self._clock()), checksum, picture)
        self._write(lambda db: db.execute(_PUT, values))

    def _drop_oldest(self, db: sqlite3.Connection, share: float) -> None:
        (rows,) = db.execute("SELECT count(*) FROM thumbnails").fetchone()
        db.execute(_DROP_OLDEST, (int(rows * share) + 1,))


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
    # With the key in it, so that a picture in another file's row is detected too.
    digest = hashlib.blake2b(b"%d\0%b\0%b\0" % (side, stamp, name), digest_size=8)
    digest.update(picture)
    return digest.digest()
