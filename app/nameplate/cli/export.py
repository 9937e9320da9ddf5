"""`nameplate export PROJECT`: write the labels of a project to a file."""

import argparse

from nameplate.cli.command import Command, finish, put
from nameplate.cli.options import add_model_options, open_model, some_path
from nameplate.cli.outputs import (
    add_output_options,
    add_scores_option,
    keeps_earlier,
    output_of,
    stdout_redirected,
)
from nameplate.cli.project import opened
from nameplate.cli.projects import export_of, suggest
from nameplate.domain.progress import CancelToken
from nameplate.formats.exchange.labels_csv import CSV
from nameplate.formats.export_format import ExportOptions, ExportTask
from nameplate.formats.registry import FORMATS


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `export`."""
    parser.add_argument("project", type=some_path, metavar="PROJECT", help="NAME.nameplate")
    parser.add_argument("--format", choices=[*FORMATS], default=CSV.id, help="default: csv")
    add_output_options(parser, "--out")
    add_scores_option(parser)
    add_model_options(parser)


def run(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Write the stored labels, with the scores of the model that the options name."""
    chosen = FORMATS[args.format]
    output = output_of(args, args.out, chosen.kind)
    output.check()
    project = opened(args.project)
    output = output.apart_from(project.images.paths)
    model = open_model(args, cancel)
    suggestions = suggest(args, project, model, cancel)
    cancel.acknowledge()
    if not keeps_earlier(output, cancel):
        options = ExportOptions(all_scores=args.scores == "all")
        chosen.write(ExportTask(export_of(project, suggestions, model), options), output)
        with stdout_redirected(output):
            put(f"{args.out}: {project.images.present:,} images")
    return finish(project.images, (), cancel)


COMMAND = Command("export", "Write the labels of a project into a file.", add_options, run)
