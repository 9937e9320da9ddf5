"""Keeps a project's pictures findable when `nameplate export` moves them, or puts them back."""

import argparse
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from nameplate.cli.command import EXIT_DONE, EXIT_INTERRUPTED, EXIT_SOME_UNREADABLE, put, say_some
from nameplate.cli.project_files import writable
from nameplate.domain.changes import Title
from nameplate.domain.progress import CancelToken
from nameplate.formats.export_format import ExportOptions, Transfer
from nameplate.formats.outputs.moves import undo_moves
from nameplate.project.project import Project
from nameplate.project.relink import relink_moved
from nameplate.wording.numbers import counted
from nameplate.wording.texts import what_of

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
    """Yield a function that gives the project in the file `path` the new places of its pictures.

    The file is opened before anything is moved, so that one that is in use or cannot be written is
    found out in time.

    Raises:
        ProjectError: It cannot be used.
        OutputError: It could not be written.
    """
    if options.transfer is not Transfer.MOVE:
        yield lambda _: None
        return
    with writable(path) as project:
        yield partial(_relink, project)


def undo_move(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Put the pictures of a log back, and tell the project, if one was named."""
    if args.project is None:
        undone = undo_moves(args.undo, cancel)
    else:
        with writable(args.project) as project:
            undone = undo_moves(args.undo, cancel)
            _relink(project, undone.moved)
    put(f"{counted(len(undone.moved), 'picture')} put back")
    listed = (f"{place}: {what_of(why)}" for place, why in undone.problems)
    say_some(listed, len(undone.problems))
    if cancel.is_cancelled:
        return EXIT_INTERRUPTED
    return EXIT_SOME_UNREADABLE if undone.problems else EXIT_DONE


def _relink(project: Project, moved: Moved) -> None:
    change = relink_moved(project.images, moved)
    if len(change.ids):
        project.apply(change, Title("relink", {"count": len(change.ids)}))
