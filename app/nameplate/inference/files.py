"""Opening the files of a model folder, which may have been made by anyone."""

from pathlib import Path
from stat import S_ISDIR, S_ISREG

from nameplate.domain.errors import ModelError


def size_of(path: Path, remedy: str) -> int:
    """Return the bytes in the file at `path`; whoever opens a pipe would wait for ever.

    Args:
        path: Of the file; links are followed.
        remedy: What the error tells the person to do.

    Raises:
        ModelError: It is a folder, a pipe or a device.
        OSError: It is not there, or cannot be looked at.
    """
    status = path.stat()
    if not S_ISREG(status.st_mode):
        what = "is a folder, not a file" if S_ISDIR(status.st_mode) else "is not a file"
        raise ModelError(what, where=str(path), remedy=remedy)
    return status.st_size


def inside(folder: Path, name: str) -> Path:
    """Return the path of `name` in `folder`, whether or not it is there.

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
    """Return all files of the tokenizer at `path`; the first is `path`."""
    return (path, path.with_name("merges.txt")) if path.name == "vocab.json" else (path,)
