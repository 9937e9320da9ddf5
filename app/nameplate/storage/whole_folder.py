"""Writes folders atomically: built in a temporary folder beside, and then renamed."""

import os
import re
import secrets
import shutil
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from nameplate.domain.errors import OutputError
from nameplate.storage.atomic import output_error, put_in_place
from nameplate.storage.lock import locked
from nameplate.system.failures import printable

_PREFIX: Final = ".nameplate-folder-"
_CONTENT: Final = "content"
_LOCK: Final = "lock"
_TRIES: Final = 3
_RANDOM: Final = re.compile("[0-9a-f]{12}")
_NUMBER: Final = re.compile(r"(?<=.)-[0-9]{1,4}$")
_MOST_NUMBER: Final = 10_000


def write_folder_atomically(
    path: Path, fill: Callable[[Path], None], *, check: Callable[[], None]
) -> None:
    """Create the folder `path` through `fill`; on any failure nothing is left of it.

    It is filled in a hidden folder beside its place. Those of writers that were killed are deleted.

    Args:
        path: The folder; an empty one that is there is replaced.
        fill: Called once with the empty folder to fill; what it raises is passed on, an OSError as
            OutputError.
        check: Called at the last moment before the rename; what it raises is passed on.

    Raises:
        OutputError: No permission, no such folder around it, a full disk, it is not empty.
    """
    target = folder_place(path)
    try:
        with working_folder(target.parent, _PREFIX) as folder:
            folder.mkdir()
            fill(folder)
            check()
            if target.is_dir():  # which Windows does not replace by a rename
                target.rmdir()
            put_in_place(folder, target)
    except OSError as error:
        raise output_error(path, error) from error


def check_folder_writable(path: Path) -> None:
    """Check, before long work, that `write_folder_atomically` can write `path`, or raise as it."""
    target = folder_place(path)
    try:
        if not target.parent.is_dir():
            raise FileNotFoundError(2, "", str(target.parent))
        with working_folder(target.parent, _PREFIX) as folder:
            folder.mkdir()
        with suppress(FileNotFoundError):
            target.lstat()  # a name that is too long
    except OSError as error:
        raise output_error(path, error) from error


def folder_place(path: Path) -> Path:
    """Return the real path of a folder to create, links resolved.

    Raises:
        OutputError: A file is there, or a folder that is not empty, or it is no path.
    """
    where = printable(str(path))
    if "\0" in str(path):
        raise OutputError("output-no-path", where=where)
    target = Path(os.path.realpath(path))
    try:
        with os.scandir(target) as listing:
            if next(listing, None) is not None:
                free = printable(str(free_place(path)))
                raise OutputError("folder-not-empty", where=where, free=free)
    except FileNotFoundError:
        pass
    except NotADirectoryError as error:
        raise OutputError("file-for-folder", where=where) from error
    except OSError as error:
        raise output_error(path, error) from error
    return target


def free_place(path: Path, ending: str = "") -> Path:
    """Return `path`, or the first of `NAME-2`, `NAME-3`, … that does not exist.

    The number comes before `ending`, where the name has it.
    """
    if not os.path.lexists(path):
        return path
    name = path.name.removesuffix(ending)
    stem, end = _NUMBER.sub("", name), path.name[len(name) :]
    numbered = (path.with_name(f"{stem}-{number}{end}") for number in range(2, _MOST_NUMBER))
    return next((one for one in numbered if not os.path.lexists(one)), path)


@contextmanager
def working_folder(parent: Path, prefix: str) -> Generator[Path]:
    """Yield a temporary folder in `parent`, which is deleted at the end.

    It does not exist yet, and lies inside a hidden one with a lock that marks it as in use. Those
    of processes that were killed are deleted first: their names begin with `prefix`.
    """
    _clear_abandoned(parent, prefix)
    with ExitStack() as stack:
        around = _locked_folder(parent, prefix, stack)
        try:
            yield around / _CONTENT
        finally:
            stack.close()  # Windows deletes no open file
            shutil.rmtree(around, ignore_errors=True)


def _locked_folder(parent: Path, prefix: str, stack: ExitStack) -> Path:
    """Create a folder, and hold its lock until `stack` is closed.

    Another process may take it for abandoned just before that, and then another one is made.
    """
    folder = parent
    for _ in range(_TRIES):  # and no more: a file system without locks has none that is free
        folder = parent / f"{prefix}{secrets.token_hex(6)}"
        folder.mkdir()
        with suppress(FileNotFoundError):
            if stack.enter_context(locked(folder / _LOCK)):
                break
    return folder


def _clear_abandoned(parent: Path, prefix: str) -> None:
    """Delete the working folders of killed processes, not those in use."""
    for folder in parent.glob(f"{prefix}*"):
        with suppress(OSError):
            if folder.is_symlink() or not _RANDOM.fullmatch(folder.name.removeprefix(prefix)):
                continue
            with locked(folder / _LOCK) as is_free:
                if is_free:
                    shutil.rmtree(folder, ignore_errors=True)
            if is_free:  # which Windows does not delete while the lock is open
                (folder / _LOCK).unlink(missing_ok=True)
                folder.rmdir()
