"""Writes files atomically: the previous content stays until the new file is complete."""

import contextlib
import errno
import os
import re
import secrets
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

from filelock import lock_descriptor

from nameplate.domain.errors import OutputError
from nameplate.domain.messages import Message
from nameplate.storage.folders import PRIVATE_FILE
from nameplate.system.failures import FULL_DISK, printable, words_of

_FAILURES: Final = {
    errno.EACCES: Message("no-permission-to-write"),
    errno.EPERM: Message("no-permission-to-write"),
    errno.EROFS: Message("read-only-disk"),
    errno.ENOENT: Message("no-folder-for-it"),
    errno.ENOTDIR: Message("folder-is-none"),
    errno.ENXIO: Message("pipe-without-reader"),
    errno.EPIPE: Message("reader-has-gone"),
    errno.EISDIR: Message("folder-for-file"),
    errno.ENAMETOOLONG: Message("name-too-long"),
    **dict.fromkeys(FULL_DISK, Message("full-disk")),
}

_TEMPORARY: Final = re.compile(r"\.nameplate-[0-9a-f]{12}\.tmp")
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_USUAL: Final = 0o666
"""Who may read and write a new file: all whom the system's mask of modes lets."""

_IS_WINDOWS: Final = sys.platform == "win32"
_LONGEST_NAME: Final = 255
"""On Windows: the letters of a file's name."""

_ABANDONED_SECONDS: Final = 60
"""On Windows: a file that is closed and this old is not about to be renamed."""

_HELD: Final = (5, 32, 33)
"""Windows' errors for what is open elsewhere: access denied, sharing violation, lock violation."""
_PATIENCE: Final = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds between tries: a virus scanner has read a new file after a moment."""

_checked_pipes: Final[dict[Path, BinaryIO]] = {}


def output_error(path: Path, error: OSError, **remedies: Message) -> OutputError:
    """Convert an OSError to an error that says why a file or folder cannot be written.

    `remedies` say what to do instead of the usual: `full`: on a full disk; `other`: else.
    """
    unknown = Message("cannot-write", {"why": words_of(error)})
    reason, where = _FAILURES.get(error.errno or 0, unknown), printable(str(path))
    remedy = remedies.get("full" if error.errno in FULL_DISK else "other")
    if remedy is None:
        return OutputError(reason, where=where)
    return OutputError("cannot-write-here", where=where, reason=reason, remedy=remedy)


def write_atomically(
    path: Path,
    write: Callable[[BinaryIO], None],
    *,
    check: Callable[[], None] | None = None,
    is_private: bool = False,
    follow_links: bool = True,
) -> None:
    """Write the file `path` through `write`; on any failure the previous file is intact.

    The bytes go to a temporary file in the same folder, onto the disk, and are then renamed. A link
    keeps being a link: the file that it leads to is replaced. A device or a pipe is written
    directly, since there is nothing to keep. The temporary file is locked while this process lives;
    those of writers that were killed are deleted. Nobody may read it who may not read the previous
    file.

    Args:
        path: The file to make or to replace.
        write: Called once with a stream; what it raises is passed on, an OSError as OutputError.
        check: Called at the last moment before a file is replaced; what it raises keeps the
            previous file, and is passed on.
        is_private: Whether this user alone may read it, whatever the mode of the previous file.
        follow_links: Whether `path` may be a link, a device or a pipe; not in a folder that may
            come from a stranger: a link is refused, the others are replaced. Links among the
            folders above it are always followed.

    Raises:
        OutputError: No permission, no such folder, a full disk, `path` is a folder, and the like.
    """
    try:
        if follow_links and _is_device(path):
            with _opened_device(path) as stream:
                write(stream)
            return
        target = _target(path, follow_links=follow_links)
        clear_abandoned(target.parent)
        mode = PRIVATE_FILE if is_private else stat.S_IMODE(_mode(target) or _USUAL)
        temporary, stream = _created(target.parent, mode)
        try:
            with stream:
                write(stream)
                stream.flush()
                os.fsync(stream.fileno())
                if not is_private:
                    _keep_mode(target, temporary)
                if check is not None:
                    check()
                if not _IS_WINDOWS:  # still locked: no other process deletes it as abandoned
                    put_in_place(temporary, target)
            if _IS_WINDOWS:  # which cannot rename an open file
                put_in_place(temporary, target)
        except BaseException:  # also on Ctrl+C no temporary file stays
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
    except OSError as error:
        raise output_error(path, error) from error


def put_in_place(made: Path, target: Path) -> None:
    """Rename a file or folder that is complete to its name, in place of a file that is there.

    On Windows a file that is open elsewhere, or a folder that holds one, cannot be renamed, and a
    virus scanner or an index opens what is new: that is waited for.

    Raises:
        OSError: It cannot be renamed.
    """
    for seconds in _PATIENCE:
        try:
            made.replace(target)
        except PermissionError as error:
            if getattr(error, "winerror", None) not in _HELD:
                raise
            time.sleep(seconds)
        else:
            return
    made.replace(target)


def make_parent(path: Path) -> None:
    """Make the folder of the file `path`; its own is there already.

    Raises:
        OutputError: It cannot be made.
    """
    try:
        path.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise output_error(path.parent, error) from error


def write_bytes(
    path: Path, content: bytes, *, is_private: bool = False, follow_links: bool = True
) -> None:
    """Write `content` to the file `path`; see `write_atomically`."""

    def write(stream: BinaryIO) -> None:
        stream.write(content)

    write_atomically(path, write, is_private=is_private, follow_links=follow_links)


def check_writable(path: Path) -> None:
    """Check, before long work, that `write_atomically` can write `path`, or raise as it.

    Nothing is left behind, and a file that is there is not touched.
    """
    try:
        if _is_pipe(path):
            # Kept open for the write: if it were closed, its reader would see the end of the data.
            _checked_pipes[path] = _opened_device(path)
            return
        if _is_device(path):
            return
        temporary, stream = _created(_target(path).parent)
        stream.close()
        temporary.unlink(missing_ok=True)
    except OSError as error:
        raise output_error(path, error) from error


def _target(path: Path, *, follow_links: bool = True) -> Path:
    """Return the file to replace.

    Raises:
        OutputError: It is no path; or, where links are not followed, a link.
        OSError: It is a folder, or is protected against writing; which a rename alone would ignore.
    """
    if "\0" in str(path):
        raise OutputError("output-no-path", where=printable(str(path)))
    if follow_links:
        target = Path(os.path.realpath(path))
    else:
        target = Path(os.path.realpath(path.parent), path.name)
        if target.is_symlink():
            raise OutputError("output-is-link", where=printable(str(path)))
    if target.is_dir():
        raise OSError(errno.EISDIR, "")
    if target.exists() and not os.access(target, os.W_OK):
        raise OSError(errno.EACCES, "")
    # The temporary name is short; a target's name that is too long must not surface only at the
    # rename, after the long work. Windows says of one that it is not there.
    if _IS_WINDOWS and len(target.name) > _LONGEST_NAME:
        raise OSError(errno.ENAMETOOLONG, "")
    with contextlib.suppress(FileNotFoundError):
        target.lstat()
    return target


def _created(folder: Path, mode: int = _USUAL) -> tuple[Path, BinaryIO]:
    """Create a temporary file in `folder` that stays locked until it is closed.

    Of `mode` the system takes away what it always does.
    """
    while True:
        # Not tempfile: its files are readable by their owner alone, and the result keeps that mode.
        path = folder / f".nameplate-{secrets.token_hex(6)}.tmp"
        stream = os.fdopen(os.open(path, _NEW, mode), "wb")
        if _is_kept(path, stream):
            return path, stream
        stream.close()


def _is_kept(path: Path, stream: BinaryIO) -> bool:
    """Lock a new file; False if another process deleted it as abandoned before that."""
    if _IS_WINDOWS:  # an open file cannot be deleted there
        return True
    # Where the file system knows no locks nobody can lock it to delete it, either.
    with contextlib.suppress(OSError):
        return lock_descriptor(stream.fileno(), blocking=False) and path.exists()
    return True


def clear_abandoned(folder: Path) -> None:
    """Delete the temporary files of writers that no longer run."""
    with contextlib.suppress(OSError), os.scandir(folder) as listing:
        for entry in listing:
            if _TEMPORARY.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                with contextlib.suppress(OSError):
                    _delete_unless_in_use(Path(entry.path))


def _delete_unless_in_use(path: Path) -> None:
    if sys.platform == "win32":  # an open file cannot be deleted there
        if time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
            path.unlink()
        return
    handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    try:
        # A writer that has just ended may have renamed it: then the name leads elsewhere.
        if lock_descriptor(handle, blocking=False) and os.path.samestat(
            os.fstat(handle), path.lstat()
        ):
            path.unlink()
    finally:
        os.close(handle)


def _keep_mode(target: Path, temporary: Path) -> None:
    with contextlib.suppress(OSError):  # no previous file, or a file system without modes
        temporary.chmod(stat.S_IMODE(target.stat().st_mode))


def _is_device(path: Path) -> bool:
    mode = _mode(path)
    if stat.S_ISSOCK(mode):
        raise OutputError("output-is-socket", where=printable(str(path)))
    return mode != 0 and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _is_pipe(path: Path) -> bool:
    return os.name == "posix" and stat.S_ISFIFO(_mode(path))


def _mode(path: Path) -> int:
    """Return the mode of a file; 0 if there is none."""
    try:
        return path.stat().st_mode
    except (OSError, ValueError):  # ValueError: a NUL in the path
        return 0


def _opened_device(path: Path) -> BinaryIO:
    """Open a device or a pipe for writing without waiting for a reader.

    Raises:
        OSError: ENXIO for a pipe that nobody reads.
    """
    if (stream := _checked_pipes.pop(path, None)) is not None:
        return stream
    if not _is_pipe(path):
        return path.open("wb")
    handle = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    os.set_blocking(handle, True)  # from here on a slow reader is waited for
    return os.fdopen(handle, "wb")


def _sync_folder(folder: Path) -> None:
    """Flush the rename itself to disk, if the system can (Windows cannot)."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
