"""Checks the files of a model folder, which is untrusted input."""

import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from nameplate.domain.errors import ModelError


def size_of(path: Path, remedy: str) -> int:
    """Return the size in bytes of a regular file; a pipe is refused, as opening it would block.

    Raises:
        ModelError: It is a folder, a pipe or a device.
        OSError: It is missing or not accessible.
    """
    status = path.stat()
    if not S_ISREG(status.st_mode):
        what = "is a folder, not a file" if S_ISDIR(status.st_mode) else "is not a file"
        raise ModelError(what, where=str(path), remedy=remedy)
    return status.st_size


@contextmanager
def reading(path: Path, remedy: str) -> Generator[None]:
    """Raise what goes wrong while the file at `path` is read as ModelError with `remedy`."""
    try:
        yield
    except FileNotFoundError as error:
        raise ModelError("is missing", where=str(path), remedy=remedy) from error
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise ModelError(f"cannot be read ({reason})", where=str(path), remedy=remedy) from error


def inside(folder: Path, name: str) -> Path:
    """Return the path of `name` in `folder`, whether or not it exists.

    Raises:
        ModelError: It, or a link on the way, leads out of the folder.
    """
    path = folder / name
    remedy = "Copy the model's own files into its folder."
    try:
        is_inside = path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError) as error:  # a link to itself, a NUL
        raise ModelError("is a broken link", where=str(path), remedy=remedy) from error
    if not is_inside:
        raise ModelError("leads out of the model's folder", where=str(path), remedy=remedy)
    return path


def tokenizer_files(path: Path) -> tuple[Path, ...]:
    """Return all files of the tokenizer whose main file is `path`; `path` comes first."""
    return (path, path.with_name("merges.txt")) if path.name == "vocab.json" else (path,)
