"""Keeps a project's pictures findable when `nameplate export` moves them, or puts them back."""

import argparse
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from nameplate.cli.command import (
    EXIT_DONE,
    EXIT_INTERRUPTED,
    EXIT_SOME_UNREADABLE,
    put,
    say,
    say_message,
)
from nameplate.domain.changes import Title
from nameplate.domain.errors import OutputError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.formats.export_format import ExportOptions, Transfer
from nameplate.formats.moves import undo_moves
from nameplate.project.autosave import ProjectFile
from nameplate.project.relink import relink_moved
from nameplate.wording.texts import what_of

_MOST_LISTED = 20
_SECONDS_TO_WRITE = 60.0
"""Seconds after which a full disk, or a drive that went away, is an error."""

Moved = Sequence[tuple[str, str]]


def add_undo_option(parser: argparse.ArgumentParser) -> None:
    """Add `--undo`."""
    parser.add_argument(
        "--undo",
        type=Path,
        metavar="LOG",
        help="put pictures back that --files move moved, by the nameplate-moves.jsonl beside them",
    )


@contextmanager
def relinking(path: Path, options: ExportOptions) -> Generator[Callable[[Moved], None]]:
    """Yield what tells the project in the file `path` where pictures were moved to.

    The file is opened before anything is moved, so that one that is in use or cannot be written is
    found out in time.

    Raises:
        ProjectError: It cannot be used.
        OutputError: It could not be written.
    """
    if options.transfer is not Transfer.MOVE:
        yield lambda _: None
        return
    with _writable(path) as relink:
        yield relink


def undo_move(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Put the pictures of a log back, and tell the project, if one was named."""
    if args.project is None:
        undone = undo_moves(args.undo, cancel)
    else:
        with _writable(args.project) as relink:
            undone = undo_moves(args.undo, cancel)
            relink(undone.moved)
    put(f"{len(undone.moved):,} pictures are where they were")
    for place, why in undone.problems[:_MOST_LISTED]:
        say(f"{place}: {what_of(why)}")
    if len(undone.problems) > _MOST_LISTED:
        say(f"and {len(undone.problems) - _MOST_LISTED:,} more")
    if cancel.is_cancelled:
        return EXIT_INTERRUPTED
    return EXIT_SOME_UNREADABLE if undone.problems else EXIT_DONE


@contextmanager
def _writable(path: Path) -> Generator[Callable[[Moved], None]]:
    file = ProjectFile.open(path, on_trouble=_say_trouble)
    is_written = False

    def relink(moved: Moved) -> None:
        change = relink_moved(file.project.images, moved)
        if len(change.ids):
            file.project.apply(change, Title("relink", {"count": len(change.ids)}))

    try:
        yield relink
    finally:
        is_written = file.close(_SECONDS_TO_WRITE)
    if not is_written:
        raise OutputError("project-not-written", where=str(path))


def _say_trouble(why: Message | None) -> None:
    if why is not None:
        say_message(why)
