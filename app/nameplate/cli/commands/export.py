"""`nameplate export PROJECT`: write the labels of a project in one of many formats."""

import argparse
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import Any, NoReturn

from nameplate.cli.command import (
    EXIT_DONE,
    EXIT_INTERRUPTED,
    EXIT_SOME_UNREADABLE,
    counted,
    finish,
    put,
    put_json,
    say_message,
    say_some,
)
from nameplate.cli.options import add_json_option, add_model_options, open_model, some_path
from nameplate.cli.outputs import (
    add_overwrite_option,
    add_scores_option,
    keeps_earlier,
    named_model,
    output_file,
    stdout_redirected,
)
from nameplate.cli.progress import ProgressBar
from nameplate.cli.project_files import opened
from nameplate.cli.suggesting import export_of, export_without_model, suggest
from nameplate.domain.errors import UsageError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.formats.export_format import (
    OPTIONS,
    ExportFormat,
    ExportOptions,
    ExportReport,
    Option,
    Target,
)
from nameplate.formats.exported_image import Which
from nameplate.formats.label_export import LabelExport
from nameplate.formats.labels_csv import COLUMNS, CSV
from nameplate.formats.outputs.output import Output
from nameplate.formats.outputs.sidecar_output import BESIDE_PICTURES
from nameplate.formats.outputs.sidecar_undo import undo_sidecars
from nameplate.formats.registry import FORMATS, options_of
from nameplate.pipeline.exporting import ExportRequest, write_export
from nameplate.project.project import Project
from nameplate.system.failures import as_word
from nameplate.wording.texts import what_of


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `export`."""
    help_text = "NAME.nameplate"
    parser.add_argument("project", nargs="?", type=some_path, metavar="PROJECT", help=help_text)
    help_text = f"default: {CSV.id}"
    parser.add_argument("--format", choices=[*FORMATS], default=CSV.id, help=help_text)
    help_text = "list the formats and their options"
    parser.add_argument("--formats", action="store_true", help=help_text)
    parser.add_argument(
        "--out",
        type=output_file,
        metavar="PATH",
        help=(
            "the file or folder to write; - for standard output, "
            f"{BESIDE_PICTURES} for sidecars beside the pictures"
        ),
    )
    parser.add_argument(
        "--undo",
        type=Path,
        metavar="LOG",
        help="take sidecars back, by the log that the export named",
    )
    add_overwrite_option(parser)
    add_scores_option(parser)
    for name, option in sorted(OPTIONS.items(), key=lambda item: bool(item[1].values)):
        if name != "all_scores":  # set by `--scores`, which other commands share
            _add_option(parser, name, option)
    parser.set_defaults(columns=None)
    for column in COLUMNS.values():
        parser.add_argument(
            column.flag,
            dest="columns",
            action="append_const",
            const=column.name,
            help=column.help,
        )
    parser.add_argument(
        "--decided",
        dest="which",
        action="store_const",
        const=Which.DECIDED.value,
        help="the same as --which decided",
    )
    help_text = "labels only: no model, no picture is read"
    parser.add_argument("--no-scores", action="store_true", help=help_text)
    add_json_option(parser)
    add_model_options(parser)


def run(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Write the stored labels, with the scores of the named model."""
    if args.formats:
        _list_formats(args)
        return EXIT_DONE
    if args.undo is not None:
        return _undo(args.undo, cancel)
    for option, value in (("PROJECT", args.project), ("--out", args.out)):
        if value is None:
            raise UsageError("export-needs", option=option)
    chosen = FORMATS[args.format]
    options = _options(args, chosen)
    consent = Message("give-overwrite")
    request = ExportRequest(chosen, options, args.out, args.overwrite, consent=consent)
    project = opened(args.project)
    output = request.output(project.images.paths.texts, named_model(args))
    output.check()
    export = export_without_model(project)
    needs_model = request.needs_scores and not args.no_scores
    if needs_model and (request.has_numbers or export.count(Which.LABELS) < export.count()):
        export = _scored(args, project, cancel)
    if options.with_stacks and args.no_scores:
        say_message(Message("only-equal-files"))
    if keeps_earlier(output, cancel):
        return finish(export.images, (), cancel)
    return _write(args, export, request, output, cancel)


def _scored(args: argparse.Namespace, project: Project, cancel: CancelToken) -> LabelExport:
    model = open_model(args, cancel)
    suggestions = suggest(args, project, model, cancel)
    export = export_of(project, suggestions, model)
    if not args.with_stacks:
        return export
    token = CancelToken() if cancel.is_cancelled else cancel  # interrupted: use what was read
    from nameplate.pipeline.stacks.finding import stacks_of  # noqa: PLC0415 - loads Pillow

    return replace(export, stacks=stacks_of(project.images, token))


def _write(
    args: argparse.Namespace,
    export: LabelExport,
    request: ExportRequest,
    output: Output,
    cancel: CancelToken,
) -> int:
    token = CancelToken() if cancel.is_cancelled else cancel  # interrupted: write what was read
    bar = ProgressBar("Writing")
    report = write_export(export, request, output.model, token, bar)
    cancel.acknowledge()
    with stdout_redirected(output):
        if args.json:
            _put_report(args, request, report)
        else:
            put(f"{args.out}: {counted(report.images, 'image')}")
            for path in report.also:
                put(f"{path} written")
            if report.undo:
                command = f"nameplate export --undo {as_word(str(report.undo))}"
                put(f"To take them back: {command}")
            if report.command:
                put(f"To write them into the pictures, once: {report.command}")
    for note in report.notes:
        say_message(note)
    listed = (f"{path}: {what_of(why)}" for path, why in report.problems)
    say_some(listed, len(report.problems))
    code = finish(export.images, (), cancel)
    return code or (EXIT_SOME_UNREADABLE if report.problems else EXIT_DONE)


def _undo(log: Path, cancel: CancelToken) -> int:
    """Undo the writing of the sidecars in a log."""
    undone = undo_sidecars(log, cancel)
    put(f"{counted(undone.sidecars, 'sidecar')} taken back")
    listed = (f"{place}: {what_of(why)}" for place, why in undone.problems)
    say_some(listed, len(undone.problems))
    if cancel.is_cancelled:
        return EXIT_INTERRUPTED
    return EXIT_SOME_UNREADABLE if undone.problems else EXIT_DONE


def _options(args: argparse.Namespace, chosen: ExportFormat) -> ExportOptions:
    """Return the given export options; refuse those that the format does not have."""
    usual, given = ExportOptions(), dict[str, Any]()
    if args.columns:
        given["columns"] = tuple(dict.fromkeys(args.columns))
        if "columns" not in chosen.options:
            _refuse(chosen, COLUMNS[args.columns[0]].flag)
    for name, option in OPTIONS.items():
        value = args.scores == "all" if name == "all_scores" else getattr(args, name)
        if value in (None, False):
            continue
        if name not in chosen.options:
            _refuse(chosen, option.flag)
        given[name] = type(getattr(usual, name))(value) if option.values else value
    if args.no_scores and given.get("which") is Which.BEST:
        raise UsageError("best-needs-scores")
    return ExportOptions(**given)


def _refuse(chosen: ExportFormat, flag: str) -> NoReturn:
    raise UsageError("option-not-of-format", format=chosen.id, option=flag)


def _list_formats(args: argparse.Namespace) -> None:
    if args.json:
        formats = [
            {
                "id": one.id,
                "title": one.title,
                "writes": one.target.name.lower(),
                "options": [flag for flag, _ in options_of(one)],
            }
            for one in FORMATS.values()
        ]
        put_json(formats)
        return
    what = {
        Target.FILE: "a file",
        Target.FOLDER: "a folder",
        Target.SIDECARS: "sidecars",
    }
    for one in FORMATS.values():
        put(f"{one.id:14} {one.title}: {what[one.target]}{one.ending and f' {one.ending}'}")
        for flag, help_text in options_of(one):
            put(f"{'':16}{flag:18} {help_text}")


def _put_report(args: argparse.Namespace, request: ExportRequest, report: ExportReport) -> None:
    chosen, which = request.format, request.options.which
    put_json(
        {
            "format": chosen.id,
            "out": str(args.out),
            "images": report.images,
            "which": which.value if "which" in chosen.options else None,
            "also": [str(path) for path in report.also],
            "notes": list(map(what_of, report.notes)),
            "undo": None if report.undo is None else str(report.undo),
            "command": report.command or None,
            "problems": [{"path": path, "why": what_of(why)} for path, why in report.problems],
        }
    )


def _add_option(parser: argparse.ArgumentParser, name: str, option: Option) -> None:
    how: dict[str, Any]
    match getattr(ExportOptions(), name):
        case bool():
            how = {"action": "store_true"}
        case Enum():
            how = {"choices": [one.value for one in option.values]}
        case _:
            how = {"type": str, "metavar": "TEXT"}
    parser.add_argument(option.flag, dest=name, help=option.help, **how)
