"""`nameplate evaluate`: compare labels with the truth: folder names, a CSV or decisions."""

import argparse
import datetime as dt
from collections.abc import Sequence
from typing import Final

from nameplate.cli.command import Command, finish, put_json
from nameplate.cli.commands.label import label_images, write_csv
from nameplate.cli.evaluation.printing import put_findings, say_strangers
from nameplate.cli.evaluation.subject import subject_of
from nameplate.cli.options import (
    add_concept_options,
    add_json_option,
    add_model_options,
    add_paths,
    open_model,
    some_path,
)
from nameplate.cli.outputs import (
    LABELS_FILE,
    add_overwrite_option,
    keeps_earlier,
    labels_of_run,
    outputs_in,
)
from nameplate.cli.simulating import add_simulation_options, run_simulation
from nameplate.domain.errors import UsageError
from nameplate.domain.progress import CancelToken
from nameplate.formats.csv import write_confusion_csv
from nameplate.formats.evaluation.findings import (
    REPORT_JSON,
    Findings,
    Origin,
    report_json,
    summary_of,
)
from nameplate.formats.evaluation.page import REPORT_PAGE, write_page
from nameplate.formats.label_export import LabelExport
from nameplate.formats.outputs.output import CONFUSION, LABELS, Output
from nameplate.formats.truth import earlier_run
from nameplate.pipeline.evaluating import findings_of
from nameplate.wording.texts import what_of

_REPORT_FILES: Final = {
    LABELS_FILE: LABELS,
    "confusion.csv": CONFUSION,
    "report.json": REPORT_JSON,
    "report.html": REPORT_PAGE,
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `evaluate`."""
    add_paths(parser)
    parser.add_argument(
        "--truth",
        required=True,
        metavar="folders|decisions|FILE.csv",
        help="`folders`: an image's folder is its truth; `decisions`: what was decided in a "
        "project, which is the PATH; or a CSV with the columns path and label",
    )
    parser.add_argument(
        "--report",
        type=some_path,
        metavar="DIR",
        help="write there report.html, report.json, labels.csv and confusion.csv",
    )
    parser.add_argument(
        "--compare",
        action="append",
        type=some_path,
        default=[],
        metavar="DIR|FILE.csv",
        help="the report, or the labels CSV, of an earlier run on the same images, with another "
        "model, other sentences or names; may be given again",
    )
    add_simulation_options(parser)
    add_overwrite_option(parser)
    add_json_option(parser)
    add_concept_options(parser)
    add_model_options(parser)


def run(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Label images, compare with the truth, print the figures and write the report."""
    if args.multi:
        raise UsageError("evaluate-with-multi")
    if args.simulate:
        return run_simulation(args, cancel)
    outputs = outputs_in(args, args.report, "--report", _REPORT_FILES) if args.report else ()
    find_all = any(output.exists for output in outputs)
    subject = subject_of(args, cancel, find_all=find_all)
    found = subject.found
    outputs = [output.apart_from(found.images + found.beyond) for output in outputs]
    runs = [earlier_run(labels_of_run(path), found.images) for path in args.compare]
    model = open_model(args, cancel)
    export = label_images(args, found, subject.concepts, model, cancel, subject.settings)
    cancel.acknowledge()
    folders = [path for path in args.paths if path.is_dir()]
    made = f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC"
    findings = findings_of(
        export,
        subject.truth,
        Origin(export.facts.model, export.facts.templates, args.truth, made),
        folders=folders if len(folders) > 1 else (),
        runs=runs,
    )
    say_strangers(findings)
    if args.json:
        put_json(summary_of(findings))
    else:
        put_findings(findings)
    if outputs and not keeps_earlier(outputs[0], cancel):
        _write_report(outputs, export, findings, cancel)
    return finish(export.images, found.problems, cancel)


def _write_report(
    outputs: Sequence[Output], export: LabelExport, found: Findings, cancel: CancelToken
) -> None:
    labels, confusion, figures, page = outputs
    evaluation = found.judged.evaluation
    write_csv(export, labels, all_scores=True)
    confusion.write(lambda stream: write_confusion_csv(stream, evaluation.names, evaluation.matrix))
    figures.write_bytes(report_json(found))
    # After an interrupt the page shows what was done until then.
    pictures = CancelToken() if cancel.is_cancelled else cancel
    page.write(lambda stream: write_page(stream, found, what_of, pictures))


COMMAND = Command("evaluate", "Say how right labels are.", add_options, run)
