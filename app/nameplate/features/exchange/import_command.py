"""`nameplate import FILE|DIR --into PROJECT`: import labels from a file into a project."""

import argparse
import time
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, Final

from nameplate.cli.command import EXIT_DONE, EXIT_SOME_UNREADABLE, counted, put, put_json, say_some
from nameplate.cli.options import add_json_option, some_path
from nameplate.cli.project_files import opened, writable
from nameplate.domain.changes import Title
from nameplate.domain.progress import CancelToken
from nameplate.domain.records import RecordProblem
from nameplate.domain.text import escaped
from nameplate.features.exchange.import_plan import ImportPlan
from nameplate.features.exchange.import_reader import ImportReader
from nameplate.features.exchange.importing import Import, import_change
from nameplate.formats.import_format import ImportFormat, ImportOptions
from nameplate.formats.registry import IMPORTS, import_format_of
from nameplate.wording.texts import listed, what_of

_MOST_NAMES: Final = 10


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `import`."""
    parser.add_argument("source", type=some_path, metavar="FILE|DIR", help="where the labels are")
    parser.add_argument(
        "--into", type=some_path, required=True, metavar="PROJECT", help="NAME.nameplate"
    )
    parser.add_argument("--format", choices=[*IMPORTS], help="default: detected")
    paths = "paths, of a table: its title, or its number from 1 (default: detected)"
    labels = "labels, of a table: its title, or its number from 1 (default: detected)"
    parser.add_argument("--path-column", default="", metavar="COLUMN", help=paths)
    parser.add_argument("--label-column", default="", metavar="COLUMN", help=labels)
    parser.add_argument(
        "--delimiter", type=_delimiter, metavar="C", help="of a table; tab for a tab"
    )
    parser.add_argument(
        "--encoding", default="", metavar="NAME", help="of a table, such as cp1252 or utf-16"
    )
    parser.add_argument(
        "--replace",
        action="store_true",
        help="replace decisions of the project with those of the file",
    )
    parser.add_argument(
        "--checked",
        action="store_true",
        help="count the labels as checked by you, where the file doesn't say who decided them",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="show what it would do, and do nothing"
    )
    add_json_option(parser)


def run(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Read the labels, print a summary, and import them as one step."""
    chosen = IMPORTS[args.format] if args.format else import_format_of(args.source)
    options = ImportOptions(
        args.path_column, args.label_column, args.delimiter or "", args.encoding, cancel
    )
    with nullcontext(opened(args.into)) if args.dry_run else writable(args.into) as project:
        events = ImportReader(project).read(args.source, chosen, options)
        plan = next(event for event in events if isinstance(event, ImportPlan))
        now = round(1000 * time.time())
        found = import_change(project, plan, at=now, replaces=args.replace, is_checked=args.checked)
        if found.changed and not args.dry_run:
            project.apply(found.change, Title("import-labels", {"count": found.labelled}))
    facts = _facts(args, plan, found) | {"format": chosen.id}
    if args.json:
        put_json(facts)
    else:
        _print(args, chosen, plan, found)
    say_some(map(_line, plan.problems), plan.problem_count)
    return EXIT_SOME_UNREADABLE if plan.problem_count else EXIT_DONE


def _delimiter(text: str) -> str:
    """Parse a delimiter (argparse type)."""
    found = {"tab": "\t", "\\t": "\t"}.get(text, text)
    if len(found) != 1 or found in '\r\n"':
        raise argparse.ArgumentTypeError("a delimiter is one character, or “tab”")
    return found


def _facts(args: argparse.Namespace, plan: ImportPlan, found: Import) -> dict[str, Any]:
    read_as = plan.read_as
    table = {
        "columns": list(read_as.columns)[:100],
        "path_column": read_as.path_column,
        "label_column": read_as.label_column,
        "delimiter": read_as.delimiter,
        "encoding": read_as.encoding,
    }
    return {
        "rows": plan.rows,
        "matched": len(plan.ids),
        "matched_by_content": plan.by_content,
        "without_label": plan.without,
        "unknown_images": plan.unknown,
        "problems": plan.problem_count,
        "changed": found.changed,
        "same": found.same,
        "kept_by_person": found.kept,
        "new_names": list(found.new_names),
        "several_labels": found.makes_multi,
        "is_dry_run": args.dry_run,
        "read_as": table if read_as.columns else None,
        "listed": [_problem_facts(one) for one in plan.problems],
    }


def _problem_facts(problem: RecordProblem) -> dict[str, Any]:
    why = what_of(problem.reason)
    return {"row": problem.row, "path": problem.path, "code": problem.reason.code, "why": why}


def _print(args: argparse.Namespace, chosen: ImportFormat, plan: ImportPlan, found: Import) -> None:
    read_as = plan.read_as
    how = f"read as {chosen.title}"
    if read_as.path_column:
        paths, labels = escaped(read_as.path_column), escaped(read_as.label_column)
        how += f", {read_as.encoding}, paths in “{paths}”, labels in “{labels}”"
    put(how)
    there = counted(len(plan.ids), "picture")
    put(f"{counted(plan.rows, 'row')}, {there} of the project with a label")
    if plan.by_content:
        put(f"{plan.by_content:,} of them known by their content")
    if found.new_names:
        put(_new_names_text(found.new_names))
    if found.makes_multi:
        put("a picture may have several labels from now on")
    if found.kept:
        why = "--replace takes what a person decided in the file"
        if args.replace:
            why = "the file has automatic labels for them"
        put(f"{found.kept:,} were decided in the project and stay; {why}")
    put(_changed_text(found, is_dry_run=args.dry_run))


def _new_names_text(new: Sequence[str]) -> str:
    names = listed(list(map(escaped, new[:_MOST_NAMES])))
    if len(new) > _MOST_NAMES:
        names = f"{names}, …"
    return f"{counted(len(new), 'new name')}: {names}"


def _changed_text(found: Import, *, is_dry_run: bool) -> str:
    done = "to import" if is_dry_run else "imported"
    return f"{counted(found.labelled, 'label')} {done}, {found.same:,} there already"


def _line(problem: RecordProblem) -> str:
    path = f"{problem.path[:300]}: " if problem.path else ""
    text = f"{path}{what_of(problem.reason)}"
    return f"row {problem.row}: {text}" if problem.row else text
