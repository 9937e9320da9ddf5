"""Opens project files for reading or for writing."""

from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from nameplate.cli.command import say_message
from nameplate.domain.errors import OutputError
from nameplate.domain.messages import Message
from nameplate.project.file import store
from nameplate.project.file.autosave import ProjectFile
from nameplate.project.project import Project

_SECONDS_TO_WRITE: Final = 60.0
"""Seconds after which a full disk, or a removed drive, is an error."""


def opened(path: Path) -> Project:
    """Return the project in a file, opened read-only."""
    with closing(store.open_file(path, read_only=True)) as db:
        return store.load(db, path)


@contextmanager
def writable(path: Path) -> Generator[Project]:
    """Yield the project in a file; changes made to it are saved to the file.

    Raises:
        ProjectError: It cannot be used.
        OutputError: Its file could not be written; the message names the copy with the changes, if
            one could be written.
    """
    file = ProjectFile.open(path, on_trouble=_say_trouble)
    is_written = False
    try:
        yield file.project
    finally:
        is_written = file.close(_SECONDS_TO_WRITE)
    if file.rescued is not None:
        kept = str(file.rescued)
        raise OutputError("project-kept-elsewhere", where=str(path), kept=kept)
    if not is_written:
        raise OutputError("project-not-written", where=str(path))


def _say_trouble(why: Message | None) -> None:
    if why is not None:
        say_message(why)
