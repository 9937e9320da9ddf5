"""`nameplate write-keywords PROJECT`: labels into the pictures themselves, and back out."""

import argparse
from collections.abc import Iterator
from typing import Final

from nameplate.cli.command import (
    EXIT_DONE,
    EXIT_INTERRUPTED,
    EXIT_SOME_UNREADABLE,
    put,
    put_json,
    say,
    say_some,
)
from nameplate.cli.labelling import export_without_model
from nameplate.cli.options import add_json_option, some_path
from nameplate.cli.progress import ProgressBar
from nameplate.cli.project_files import writable
from nameplate.domain.changes import Several
from nameplate.domain.errors import UsageError
from nameplate.domain.progress import CancelToken
from nameplate.features.keywords.backup import Backup, backups_of, keep
from nameplate.features.keywords.exiftool import find_exiftool
from nameplate.features.keywords.putting_back import paths_of, put_back
from nameplate.features.keywords.words import as_before, not_jpeg, written
from nameplate.features.keywords.writing import Done, Plan, Writer
from nameplate.formats.exported_image import Which
from nameplate.project.project import Project
from nameplate.system.failures import as_word
from nameplate.wording.texts import tr, trn, what_in_english, what_of

_CHOICES: Final = (Which.DECIDED.value, Which.LABELS.value)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `write-keywords`."""
    parser.add_argument("project", type=some_path, metavar="PROJECT", help="NAME.nameplate")
    parser.add_argument(
        "--which",
        choices=_CHOICES,
        default=_CHOICES[0],
        help=tr("decided: labels you checked (the default); labels: the others, too"),
    )
    instead = parser.add_mutually_exclusive_group()
    help_text = tr("put the pictures back as they were before they were last written")
    instead.add_argument("--undo", action="store_true", help=help_text)
    help_text = tr("keep the pictures as they are: they can't be put back any more")
    instead.add_argument("--keep", action="store_true", help=help_text)
    add_json_option(parser)


def run(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Write keywords into the pictures of a project, or put back, or keep, what was written."""
    with writable(args.project) as project:
        if not (args.undo or args.keep):
            return _write(args, project, cancel)
        backups = backups_of(project.identity)
        if not backups:
            raise UsageError("no-backup")
        return _keep(args, backups) if args.keep else _undo(args, project, backups[-1], cancel)


def _write(args: argparse.Namespace, project: Project, cancel: CancelToken) -> int:
    plan = Plan.of(export_without_model(project), Which(args.which))
    backup = Backup.new(project.identity)
    writer = Writer(find_exiftool(cancel), backup, cancel)
    done = _followed(project, writer.write(plan.wanted), tr("Writing"))
    cancel.acknowledge()
    lines = [written(done), not_jpeg(plan.others)]
    if done.count:
        project.apply(Several(()), backup.title(done.count))
        command = f"nameplate write-keywords {as_word(str(args.project))}"
        lines.append(tr("To put them back: {command}", command=f"{command} --undo"))
        lines.append(tr("To keep them so: {command}", command=f"{command} --keep"))
    same = len(done.contents) - done.count
    facts = {"written": done.count, "as_they_were": same, "no_jpeg": plan.others}
    return _end(args, lines, facts, done, cancel)


def _undo(args: argparse.Namespace, project: Project, backup: Backup, cancel: CancelToken) -> int:
    work = put_back(backup, paths_of(project.images), cancel)
    done = _followed(project, work, tr("Putting back"))
    cancel.acknowledge()
    steps = project.history.done
    if steps and backup.is_of(steps[-1].title) and not backup.path.exists():
        project.undo()  # or the step would stay, and undo nothing
    return _end(args, [as_before(done)], {"put_back": done.count}, done, cancel)


def _keep(args: argparse.Namespace, backups: list[Backup]) -> int:
    count = sum(backup.count for backup in backups)
    keep(backups)
    if args.json:
        put_json({"kept": count})
    else:
        put(trn("{count:,} picture kept as it is", "{count:,} pictures kept as they are", count))
    return EXIT_DONE


def _followed(project: Project, events: Iterator[Done], verb: str) -> Done:
    """Let the project know what its files hold; return all that became of them."""
    bar, all_done = ProgressBar(verb), Done()
    for done in events:
        project.record_contents(*done.rows_in(project.images), shows_same=True)
        all_done.add(done)
        bar(done.progress)
    return all_done


def _end(
    args: argparse.Namespace,
    lines: list[str],
    facts: dict[str, int],
    done: Done,
    cancel: CancelToken,
) -> int:
    """Say what was done, as `lines` or as `facts`, and return the exit code."""
    if args.json:
        problems = [{"path": path, "why": what_in_english(why)} for path, why in done.problems]
        put_json({**facts, "problems": problems})
    else:
        put("\n".join(filter(None, lines)))
    say_some((f"{path}: {what_of(why)}" for path, why in done.problems), len(done.problems))
    if cancel.is_cancelled:
        say(tr("interrupted; what was done is kept"))
        return EXIT_INTERRUPTED
    return EXIT_SOME_UNREADABLE if done.problems else EXIT_DONE
