"""Updates a project's paths when `nameplate export` moves its pictures or moves them back."""

import argparse
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from nameplate.cli.command import EXIT_DONE, EXIT_INTERRUPTED, EXIT_SOME_UNREADABLE, put, say_some
from nameplate.cli.project_files import writable
from nameplate.domain.changes import Relink, Title
from nameplate.domain.errors import OutputError
from nameplate.domain.progress import CancelToken
from nameplate.formats.export_format import ExportOptions, Transfer
from nameplate.formats.outputs.moves import Undone, undo_moves
from nameplate.formats.outputs.safe_names import MOVES
from nameplate.pipeline.exporting import Exported, put_back
from nameplate.project.project import Project
from nameplate.wording.numbers import counted
from nameplate.wording.texts import what_of


def add_undo_option(parser: argparse.ArgumentParser) -> None:
    """Add `--undo`."""
    parser.add_argument(
        "--undo",
        type=Path,
        metavar="LOG",
        help="put pictures back that --files move moved, by the nameplate-moves.jsonl beside them; "
        "or take sidecars back, by the log that the export named",
    )


@contextmanager
def relinking(path: Path, options: ExportOptions) -> Generator[Callable[[Exported], None]]:
    """Yield a function that writes new paths of pictures into the project file `path`.

    The file is opened before anything is moved, so that one that is in use or cannot be written is
    found out in time. Where it cannot be written afterwards, the pictures are put back; not where
    the project is kept elsewhere, with their new paths.

    Raises:
        ProjectError: It cannot be used.
        OutputError: It could not be written.
    """
    if options.transfer is not Transfer.MOVE:
        yield lambda _: None
        return
    logs = list[Path]()

    def relink(exported: Exported) -> None:
        if exported.relink is not None and exported.request.path is not None:
            logs.append(exported.request.path / MOVES)
            _relink(project, exported.relink)

    try:
        with writable(path) as project:
            yield relink
    except OutputError as error:
        if error.reason.code != "project-kept-elsewhere":
            for log in logs:
                _say_undone(undo_moves(log))
        raise


def undo_move(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Move the pictures in a log back, and update the project's paths if one was named."""
    if args.project is None:
        undone = undo_moves(args.undo, cancel)
    else:
        with writable(args.project) as project:
            back = put_back(args.undo, project.images, cancel)
            _relink(project, back.relink)
        undone = back.undone
    _say_undone(undone)
    if cancel.is_cancelled:
        return EXIT_INTERRUPTED
    return EXIT_SOME_UNREADABLE if undone.problems else EXIT_DONE


def _say_undone(undone: Undone) -> None:
    if undone.sidecars is None:
        put(f"{counted(len(undone.moved), 'picture')} put back")
    else:
        put(f"{counted(undone.sidecars, 'sidecar')} taken back")
    listed = (f"{place}: {what_of(why)}" for place, why in undone.problems)
    say_some(listed, len(undone.problems))


def _relink(project: Project, change: Relink) -> None:
    if len(change.ids):
        project.apply(change, Title("relink", {"count": len(change.ids)}))
