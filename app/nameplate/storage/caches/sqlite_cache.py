"""A cache in a SQLite file; if the file cannot be used, the program works without it."""

import contextlib
import logging
import math
import sqlite3
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Final, Self, TypeVar

from nameplate.domain.messages import Message
from nameplate.storage.caches.cache_file import (
    BUSY,
    TROUBLE,
    Layout,
    code_of,
    delete_file,
    open_file,
    transaction,
    used_bytes,
    why_no_folder,
)

_BACK_OFF: Final = 30.0
"""Seconds without a write, or a try to open, after another program did not let one through."""

_LOG = logging.getLogger(__name__)

_T = TypeVar("_T")


class SqliteCache(ABC):
    """A cache file, opened when first needed; a thread-safe context manager.

    No error of SQLite or of the disk leaves it. While another program writes, and on a full disk,
    it is read and not written; a damaged file is deleted and recreated once; on other errors it
    is closed for good.

    Attributes:
        problem: What was wrong with the cache; None while all is well.
    """

    def __init__(
        self,
        file: Path,
        layout: Layout,
        *,
        limit_bytes: int,
        kept_share: float,
        is_quiet: bool = False,
    ) -> None:
        """Touch no file yet.

        Args:
            file: Made, with its folder, if need be.
            layout: Of the file.
            limit_bytes: Above it the entries that were unused for longest are dropped.
            kept_share: Of the limit, what is left after that.
            is_quiet: Whether `problem` leaves out what ends by itself: that another program held
                the file, and that it was damaged and has been recreated.
        """
        self.problem: Message | None = None
        self._file = file
        self._layout = layout
        self._limit = limit_bytes
        self._kept_share = kept_share
        self._is_quiet = is_quiet
        self._lock = threading.RLock()
        self._db: sqlite3.Connection | None = None
        self._is_usable = True
        self._was_damaged = False
        self._write_from = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file for good; nothing is found or stored afterwards."""
        with self._lock:
            self._is_usable = False
            self._disconnect()

    def _open(self) -> None:
        """Open the file now, instead of on first use."""
        with self._lock, self._guarded():
            self._opened()

    def _read(self, work: Callable[[sqlite3.Connection], _T], default: _T) -> _T:
        """Return the result of `work`; `default` if the file cannot be used."""
        with self._lock, self._guarded():
            if (db := self._opened()) is not None:
                return work(db)
        return default

    def _write(self, work: Callable[[sqlite3.Connection], object]) -> None:
        """Run `work` in a transaction, if the file can be written now."""
        with self._lock, self._guarded():
            if time.monotonic() < self._write_from or (db := self._opened()) is None:
                return
            with transaction(db):
                work(db)
            size = used_bytes(db)
            if size > self._limit:
                with transaction(db):
                    self._drop_oldest(db, 1 - self._kept_share * self._limit / size)

    @abstractmethod
    def _drop_oldest(self, db: sqlite3.Connection, share: float) -> None:
        """Drop a share of the entries, the least recently used; inside a transaction."""

    def _opened(self) -> sqlite3.Connection | None:
        if self._db is None and self._is_usable and time.monotonic() >= self._write_from:
            self._db = open_file(self._file, self._layout)
        return self._db

    @contextlib.contextmanager
    def _guarded(self) -> Generator[None]:
        """Handle every error of SQLite and the disk, and record the problem."""
        try:
            yield
        except sqlite3.Error as error:
            self._handle(code_of(error))
        except OSError as error:
            self._give_up(why_no_folder(error))

    def _handle(self, code: int) -> None:
        if code not in TROUBLE:
            self._start_anew()
        elif code in BUSY:
            # Each try waits for the other program, and every write would try.
            self._write_from = time.monotonic() + _BACK_OFF
            if not self._is_quiet:
                self._report(TROUBLE[code])
        elif code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_NOMEM):
            if code == sqlite3.SQLITE_FULL:
                self._write_from = math.inf
            self._report(TROUBLE[code])
        else:
            self._give_up(TROUBLE[code])

    def _start_anew(self) -> None:
        """Delete a damaged file, once; the next call creates a new one."""
        self._disconnect()
        if self._was_damaged:
            self._give_up(Message("damaged-again"))
            return
        self._was_damaged = True
        problem = Message("cache-emptied", {"folder": str(self._file.parent)})
        if self._is_quiet:
            _LOG.warning("%s", problem)
        else:
            self.problem = problem
        try:
            delete_file(self._file)
        except OSError:
            self._give_up(Message("damaged-for-good"))

    def _give_up(self, why: Message) -> None:
        self._is_usable = False
        self._disconnect()
        self._report(why)

    def _report(self, why: Message) -> None:
        folder = str(self._file.parent)
        if self._db is None:
            self.problem = Message("cache-not-used", {"folder": folder, "reason": why})
        else:
            self.problem = Message("cache-not-written", {"folder": folder, "reason": why})

    def _disconnect(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            with contextlib.suppress(sqlite3.Error):
                db.close()
