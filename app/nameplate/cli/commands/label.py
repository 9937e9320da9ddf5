"""`nameplate label`: label images with the given names, into a CSV."""

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from nameplate.cli.command import (
    add_feature_options,
    counted,
    finish,
    put,
    put_counts,
    put_json,
    run_feature,
    say,
)
from nameplate.cli.options import (
    NOTHING_ENCODED,
    add_concept_options,
    add_json_option,
    add_model_options,
    open_model,
    required_concepts,
    some_path,
    some_text,
    templates_of,
)
from nameplate.cli.outputs import (
    add_overwrite_option,
    add_scores_option,
    keeps_earlier,
    output_file,
    output_of,
    stdout_redirected,
)
from nameplate.cli.project_files import opened
from nameplate.cli.suggesting import (
    export_of,
    label_automatically,
    new_project,
    settings_of,
    suggest,
)
from nameplate.domain.concepts import Concept
from nameplate.domain.errors import UsageError
from nameplate.domain.labels import DecidedBy
from nameplate.domain.progress import CancelToken
from nameplate.formats.export_format import ExportOptions, ExportTask
from nameplate.formats.label_export import LabelExport
from nameplate.formats.labels_csv import CSV
from nameplate.formats.outputs.output import LABELS, Output
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.reading.collection import NOT_REACHED, Found, find_images


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `label`."""
    help_text = "pictures and folders; with --out also globs and tar files"
    parser.add_argument("paths", nargs="*", type=some_text, metavar="PATH", help=help_text)
    output = parser.add_mutually_exclusive_group(required=True)
    help_text = "where to write; - for standard output"
    output.add_argument("--csv", type=output_file, metavar="FILE", help=help_text)
    add_feature_options("label", parser, output)
    add_overwrite_option(parser)
    parser.add_argument(
        "--project",
        type=some_path,
        metavar="FILE",
        help="names, prompts and minimums of a project instead of --concept",
    )
    add_scores_option(parser)
    add_json_option(parser)
    add_concept_options(parser)
    add_feature_options("label", parser, after="--concept")
    add_model_options(parser)


def run(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Label images, write them and print the count of each label."""
    if args.project:
        _use_project(args)
    if (code := run_feature("label", args, cancel)) is not None:
        return code
    concepts = required_concepts(args)

    def labelled(found: Found) -> tuple[LabelExport, LoadedModel]:
        model = open_model(args, cancel)
        return label_images(args, found, concepts, model, cancel), model

    return deliver(args, labelled, cancel)


def deliver(
    args: argparse.Namespace,
    labelled: Callable[[Found], tuple[LabelExport, LoadedModel]],
    cancel: CancelToken,
) -> int:
    """Find the images that the options name, label them, write the CSV and print the counts.

    Args:
        args: The options.
        labelled: Labels the images; returns the content of the CSV, and the model.
        cancel: Stops it; the labels made before that are written.
    """
    if not args.paths:
        raise UsageError("no-paths")
    output = output_of(args, args.csv, LABELS)
    output.check()
    given: list[str] = args.paths
    paths = list(map(Path, given))
    found = find_images(paths, cancel=cancel, limit=args.limit, find_all=output.exists)
    output = output.apart_from(found.images + found.beyond)
    export, model = labelled(found)
    cancel.acknowledge()
    if not keeps_earlier(output, cancel):
        write_csv(export, output, all_scores=args.scores == "all")
        with stdout_redirected(output):
            _print_summary(args, export, model)
    return finish(export.images, found.problems, cancel)


def _use_project(args: argparse.Namespace) -> None:
    """Take concepts and settings from `--project`, for `concepts_of` and `settings_of`."""
    for name, value in (
        ("--concept", args.concept),
        ("--concepts", args.concepts),
        ("--reject", args.reject),
        ("--templates", args.templates),
        ("--multi", args.multi),
        ("--min-probability", args.min_probability is not None),
    ):
        if value:
            raise UsageError("option-with-project", where=name)
    project = opened(args.project)
    if project.settings.learns and (project.labels.decided_by == DecidedBy.PERSON).any():
        say("learning is not used here: labels come from the names alone")
    args.rules = project.concepts, project.settings


def label_images(
    args: argparse.Namespace,
    found: Found,
    concepts: tuple[Concept, ...],
    model: LoadedModel,
    cancel: CancelToken,
) -> LabelExport:
    """Embed `found`, score it for `concepts` and return the content of the CSV."""
    settings = settings_of(args, templates_of(args.templates, model))
    project = new_project(found, concepts, settings)
    suggestions = suggest(args, project, model, cancel)
    label_automatically(project, suggestions, model)
    return export_of(project, suggestions, model)


def write_csv(export: LabelExport, output: Output, *, all_scores: bool) -> None:
    """Write the labels CSV; after an interrupt, the labels made before it."""
    labels = replace(export, has_suggestions=False)
    CSV.write(ExportTask(labels, ExportOptions(all_scores=all_scores)), output)


def _print_summary(args: argparse.Namespace, export: LabelExport, model: LoadedModel) -> None:
    counts = export.labels.sets.counts(export.labels.concepts)
    named = {c.name: counts.get(c.key, 0) for c in export.concepts if not c.is_reject}
    reasons = list(export.images.reasons.values())
    missed = reasons.count(NOT_REACHED)
    unread = len(reasons) - missed
    unlabelled = int(np.count_nonzero(~export.labels.has_label)) - len(reasons)
    used = model.device_used
    if args.json:
        summary = {
            "csv": str(args.csv),
            "images": len(export.images),
            "labels": named,
            "unlabelled": unlabelled,
            "unreadable": unread,
            "not_reached": missed,
            "model": export.model,
            "device": used.device if used else None,
        }
        put_json(summary)
        return
    put_counts(named.items())
    text = f"{unlabelled:,} without a label, {unread:,} unreadable"
    put(f"{text}, {missed:,} not reached" if missed else text)
    made = f"{args.csv}: {counted(len(export.images), 'image')}, {model.manifest.title}"
    put(f"{made} on {used.device}" if used else f"{made}; {NOTHING_ENCODED}")
