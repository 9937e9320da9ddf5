"""A log of unexpected failures in the data folder, without names of pictures.

Everything that is logged by the program goes there, each failure once a minute at most. Nothing is
written and no file is made before something fails.
"""

import faulthandler
import logging
import os
import platform
import re
import sys
import sysconfig
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Final

import platformdirs

from nameplate import __version__
from nameplate.domain.errors import NameplateError
from nameplate.plug_ins.failures import tell_of_plug_in
from nameplate.storage.folders import make_private_file, make_private_folder, own_folder

DEBUG: Final = "NAMEPLATE_DEBUG"
"""The environment variable that, set to 1, shows tracebacks, and lets paths into the log."""

MOST_BYTES: Final = 1_000_000
FILES: Final = 3
BETWEEN_S: Final = 60.0
"""Seconds in which the same failure is told once."""

_MOST_KNOWN: Final = 100
_MOST_FRAMES: Final = 40
_LARGEST_CRASH: Final = 100_000
_LONGEST: Final = 1000

_LOG: Final = logging.getLogger("nameplate")
_PACKAGE: Final = Path(__file__).parents[2]
_QUOTED: Final = re.compile(r"""(["'])(.*?)\1""", re.DOTALL)
_PATH: Final = re.compile(r"(?:[A-Za-z]:)?\S*[/\\].*|\S+\.[A-Za-z][A-Za-z0-9]{1,9}\b", re.DOTALL)
_FRAME: Final = re.compile(r'File "([^"]+)"')


def log_file() -> Path:
    """Return the newest file of the log, which need not be there."""
    return own_folder(platformdirs.user_data_path) / "log" / "nameplate.log"


def _crash_file() -> Path:
    return log_file().with_name("crash.log")


def is_debugging() -> bool:
    """Return whether the person asked for tracebacks, and for paths in the log."""
    return os.environ.get(DEBUG, "") == "1"


class FailureLog(RotatingFileHandler):
    """Writes log records to a file, and reports each exception.

    Attributes:
        tell: Called with the report of an exception, on the thread that it happened on.
    """

    def __init__(self) -> None:
        super().__init__(
            log_file(), maxBytes=MOST_BYTES, backupCount=FILES - 1, encoding="utf-8", delay=True
        )
        self.tell: Callable[[str], object] = lambda _report: None
        self._known: dict[object, tuple[float, int]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, unless the same was written within a minute; tell of an exception."""
        if (again := self._times(record)) is None:
            return
        with suppress(OSError):
            make_private_folder(Path(self.baseFilename).parent)
            make_private_file(Path(self.baseFilename))
        if again:
            vars(record)["more"] = f" (and {again:,} times before)"
        super().emit(record)
        if record.exc_info and record.levelno >= logging.ERROR:
            with suppress(Exception):  # whom it told is gone
                self.tell(self.format(record))

    def format(self, record: logging.LogRecord) -> str:
        """Format a record: time, version, system, message, place."""
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.created))
        about = f"Nameplate {__version__}, Python {platform.python_version()}, {_system()}"
        begin = f"{when} {record.levelname} {record.threadName}, {about}"
        text = _shown(record.getMessage()) + str(vars(record).get("more", ""))
        error = record.exc_info[1] if record.exc_info else None
        return "\n".join([begin, text, *([described(error)] if error else []), ""])

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - of logging
        """Go on where the disk is full, or the folder takes no file."""

    def rotate(self, source: str, dest: str) -> None:
        """Rename the log; go on in it where another window has it open, which Windows refuses."""
        with suppress(OSError):
            super().rotate(source, dest)

    def _times(self, record: logging.LogRecord) -> int | None:
        """Return the number of suppressed repeats of a record; None if it is itself suppressed."""
        error, place = record.exc_info[1] if record.exc_info else None, ""
        if error is not None and error.__traceback__ is not None:
            last = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{type(error).__name__} {last.filename} {last.lineno}"
        key = (record.name, record.levelno, place or record.getMessage())
        now = time.monotonic()
        since, left_out = self._known.get(key, (-BETWEEN_S, 0))
        if now - since < BETWEEN_S:
            self._known[key] = (since, left_out + 1)
            return None
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[key] = (now, 0)
        return left_out


def begin_log() -> FailureLog:
    """Begin logging to the file, with uncaught exceptions of threads and finalisers.

    The main thread's failures are `log_failure`'s, by whoever owns its loop. A crash of the process
    leaves its stacks in a file of its own, which the next start adds to the log.
    """
    handler = FailureLog()
    _LOG.addHandler(handler)
    if sys.stderr is not None:
        _LOG.addHandler(logging.StreamHandler())  # whole, for who looks at the terminal
    threading.excepthook = _on_thread
    sys.unraisablehook = _on_unraisable
    with suppress(OSError):
        make_private_folder(_crash_file().parent)
        make_private_file(_crash_file())
        _take_crash()
        faulthandler.enable(_crash_file().open("a"))
    return handler


def log_failure(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
    """Log an exception that nothing caught; as `sys.excepthook` is called."""
    _LOG.error("an exception that nothing caught", exc_info=(kind, error, at))


def log_end(error: Exception) -> Path:
    """Log the exception that ends a command, and return the file that has it."""
    is_begun = any(isinstance(one, FailureLog) for one in _LOG.handlers)
    handler = FailureLog()
    if not is_begun:
        _LOG.addHandler(handler)
    log_failure(type(error), error, error.__traceback__)
    _LOG.removeHandler(handler)
    handler.close()
    return log_file()


def log_plug_in(name: str, error: BaseException) -> None:
    """Log the failure of a plug-in in the file alone."""
    handler, text = FailureLog(), f"the plug-in {name} failed"
    found = (type(error), error, error.__traceback__)
    handler.handle(_LOG.makeRecord(_LOG.name, logging.ERROR, __file__, 0, text, (), found))
    handler.close()


def _on_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not tell_of_plug_in(args.exc_value):
        log_failure(args.exc_type, args.exc_value, args.exc_traceback)


def _on_unraisable(args: "sys.UnraisableHookArgs") -> None:
    if args.exc_value is not None:
        found = (args.exc_type, args.exc_value, args.exc_traceback)
        _LOG.warning("an exception where none can be raised", exc_info=found)


def _take_crash() -> None:
    """Move the stacks of a crashed process into the log."""
    with _crash_file().open("r+", encoding="utf-8", errors="replace") as file:
        if stacks := file.read(_LARGEST_CRASH).strip():
            told = _FRAME.sub(lambda found: f'File "{_place(found[1])}"', stacks)
            _LOG.error("the program crashed the last time", extra={"more": f"\n{told}"})
            file.truncate(0)


def described(error: BaseException) -> str:
    """Return the tracebacks of an exception and its causes, without names of files of the person.

    Where in the program it happened stays, by the names of its own files.
    """
    parts, seen = list[str](), set[int]()
    now: BaseException | None = error
    while now is not None and id(now) not in seen:
        seen.add(id(now))
        frames = traceback.extract_tb(now.__traceback__)[-_MOST_FRAMES:]
        lines = [
            f'  File "{_place(frame.filename)}", line {frame.lineno}, in {frame.name}\n'
            f"    {frame.line}"
            for frame in frames
        ]
        parts.append("\n".join([*lines, f"{type(now).__qualname__}: {_said_by(now)}"]))
        now = now.__cause__ or (None if now.__suppress_context__ else now.__context__)
    return "\n\nwhich led to:\n\n".join(reversed(parts))


def _said_by(error: BaseException) -> str:
    if isinstance(error, NameplateError) and not is_debugging():
        return error.reason.code
    try:
        return _shown(str(error))
    except Exception:  # noqa: BLE001 - of an exception that is broken itself
        return "?"


def _shown(text: str) -> str:
    """Remove paths and file names from a text, except while debugging."""
    if is_debugging():
        return text
    text = text[:_LONGEST]
    text = _QUOTED.sub(lambda found: found[0] if found[2].isidentifier() else "…", text)
    return _PATH.sub("…", text)


def _place(file: str) -> str:
    """Return the name of a file of code, from the folder on that all installations have."""
    path = Path(file)
    for folder in (_PACKAGE, *map(Path, sysconfig.get_paths().values())):
        with suppress(ValueError):
            return path.relative_to(folder).as_posix()
    return path.name


def _system() -> str:
    return f"{platform.system()} {platform.release()} {platform.machine()}"
