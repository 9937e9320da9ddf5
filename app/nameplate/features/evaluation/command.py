"""`nameplate evaluate`: compare labels with the truth: folder names, a CSV or decisions."""

import argparse
import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from nameplate.cli.command import finish, put_json
from nameplate.cli.labelling import export_of, label_automatically, learned
from nameplate.cli.options import (
    add_concept_options,
    add_host_option,
    add_json_option,
    add_model_options,
    add_paths,
    open_model,
    some_path,
    templates_of,
)
from nameplate.cli.outputs import LABELS_FILE, add_overwrite_option, keeps_earlier, outputs_in
from nameplate.domain.changes import SetLabels, Title
from nameplate.domain.labels import unlabelled
from nameplate.domain.progress import CancelToken
from nameplate.features.evaluation.comparing import Collection, Question
from nameplate.features.evaluation.figures.judged import Judged
from nameplate.features.evaluation.findings import Findings, Origin
from nameplate.features.evaluation.judging import judge
from nameplate.features.evaluation.printing import put_findings, say_strangers
from nameplate.features.evaluation.report.confusion import CONFUSION, write_confusion
from nameplate.features.evaluation.report.figures_json import (
    REPORT_JSON,
    report_json,
    summary_of,
)
from nameplate.features.evaluation.report.labels import write_labels
from nameplate.features.evaluation.report.page import REPORT_PAGE, write_page
from nameplate.features.evaluation.simulation.command import add_simulation_options, run_simulation
from nameplate.features.evaluation.subject import Subject, given_project, project_of, subject_of
from nameplate.features.learning.fitter import evidence_of
from nameplate.formats.label_export import LabelExport, model_name, template_name
from nameplate.formats.outputs.output import LABELS, Output
from nameplate.inference.model import LoadedModel
from nameplate.project.project import Project
from nameplate.scoring.suggestions import Suggestions
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
    add_host_option(parser)
    parser.add_argument(
        "--truth",
        required=True,
        metavar="folders|decisions|FILE",
        help="`folders`: an image's folder is its truth; `decisions`: what was decided in a "
        "project, which is the PATH; or a CSV with the columns path and label, or a project whose "
        "decisions about these images are the truth",
    )
    parser.add_argument(
        "--learn-from",
        type=some_path,
        metavar="FILE",
        help="a CSV with labels that a person gave, or a project with decisions: they are learned "
        "from, and the other images alone are judged",
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
    if args.simulate:
        return run_simulation(args, cancel)
    given = given_project(args)
    is_multi = args.multi or (given is not None and given.settings.is_multi)
    files = {
        name: kind for name, kind in _REPORT_FILES.items() if kind != CONFUSION or not is_multi
    }
    outputs = outputs_in(args, args.report, "--report", files) if args.report else ()
    find_all = any(output.exists for output in outputs)
    subject = subject_of(args, given, cancel, find_all=find_all)
    found = subject.found
    outputs = [output.apart_from(found.images + found.beyond) for output in outputs]
    model = open_model(args, cancel)
    project = project_of(subject, args, model)
    suggested = learned(args, project, model, cancel)
    suggestions, evidence = suggested.suggestions, evidence_of(suggested.fitted)
    stacks = None if cancel.is_cancelled else suggested.stacks()
    cancel.acknowledge()
    of = Collection.of(project, suggestions, stacks, evidence)
    findings = _findings(args, subject, of, model)
    say_strangers(findings)
    if args.json:
        put_json(summary_of(findings))
    else:
        put_findings(findings)
    if outputs and not keeps_earlier(outputs[0], cancel):
        export = export_of(_labelled(project, suggestions, model), suggestions, model)
        _write_report(dict(zip(files, outputs, strict=True)), export, findings, cancel)
    return finish(project.images, found.problems, cancel)


def _findings(
    args: argparse.Namespace, subject: Subject, of: Collection, model: LoadedModel
) -> Findings:
    folders = [path for path in args.paths if path.is_dir()]
    made = f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC"
    question = Question(
        subject.source,
        made=made,
        truth=subject.truth,
        folders=folders if len(folders) > 1 else (),
        runs=subject.runs,
    )
    # After an interrupt what was read until then is judged.
    found = judge(of, question, None, CancelToken()).findings
    templates = of.project.settings.template_set or templates_of((), model)
    origin = Origin(model_name(model), template_name(templates), args.truth, made)
    return replace(found, origin=origin)


def _labelled(project: Project, suggestions: Suggestions, model: LoadedModel) -> Project:
    """Return the project with what would be labelled, in place of what was decided."""
    ids = project.images.ids[np.flatnonzero(project.labels.has_label)]
    project.apply(SetLabels(ids, unlabelled(len(ids))), Title("auto-label"))
    label_automatically(project, suggestions, model)
    return project


def _write_report(
    outputs: Mapping[str, Output],
    export: LabelExport,
    found: Findings,
    cancel: CancelToken,
) -> None:
    # After an interrupt the page shows what was done until then. It comes first: it alone takes
    # long enough to be interrupted, and then nothing is written.
    pictures = CancelToken() if cancel.is_cancelled else cancel
    outputs["report.html"].write(lambda stream: write_page(stream, found, what_of, pictures))
    outputs[LABELS_FILE].write(lambda stream: write_labels(stream, export, found))
    judged = found.judged
    if isinstance(judged, Judged):
        names, matrix = judged.evaluation.names, judged.evaluation.matrix
        outputs["confusion.csv"].write(lambda stream: write_confusion(stream, names, matrix))
    outputs["report.json"].write_bytes(report_json(found))
