"""`nameplate evaluate`: compare labels with the truth: folder names, a CSV or decisions."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import BinaryIO, Final

import numpy as np

from nameplate.cli.command import finish, put, put_json
from nameplate.cli.options import (
    add_concept_options,
    add_json_option,
    add_model_options,
    add_paths,
    open_model,
    some_path,
)
from nameplate.cli.outputs import add_overwrite_option, keeps_earlier, outputs_in
from nameplate.cli.suggesting import export_of, label_automatically, learned
from nameplate.domain.changes import SetLabels, Title
from nameplate.domain.labels import unlabelled
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.domain.text import cells, escaped, padded
from nameplate.features.quality.figures.held_out import made_now
from nameplate.features.quality.figures.judging import Figures, judge, means_of
from nameplate.features.quality.figures.named_truth import say_list, say_strangers
from nameplate.features.quality.figures.page import REPORT_PAGE, write_page
from nameplate.features.quality.figures.remarks import (
    counted_names,
    delivered_sentence,
    remarks,
    share_sentence,
    thresholds,
    weakest_first,
)
from nameplate.features.quality.figures.subject import given_project, project_of, subject_of
from nameplate.features.quality.figures.summary import (
    CONFUSION,
    REPORT_JSON,
    report_json,
    summary_of,
    write_confusion,
)
from nameplate.features.quality.shares import Interval, Mean, Share
from nameplate.features.quality.snapshot import Snapshot
from nameplate.formats.csv import write_rows
from nameplate.formats.exported_image import ExportedImage
from nameplate.formats.label_export import LabelExport, model_name
from nameplate.formats.labels_csv import label_rows
from nameplate.formats.outputs.output import LABELS, Output
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.learning.fitter import evidence_of
from nameplate.project.project import Project
from nameplate.scoring.suggestions import Suggestions
from nameplate.wording.numbers import format_number
from nameplate.wording.texts import listed, sentence, what_of

_REPORT_FILES: Final = {
    "labels.csv": LABELS,
    "confusion.csv": CONFUSION,
    "report.json": REPORT_JSON,
    "report.html": REPORT_PAGE,
}

Cell = str | int | Share | Mean | None
"""A name, a count, a figure; None for a figure that is not known."""

_WIDE: Final = len("0.123 (0.12-0.34)")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `evaluate`."""
    add_paths(parser)
    parser.add_argument(
        "--truth",
        required=True,
        metavar="folders|decisions|FILE",
        help=(
            "`folders`: a picture's folder is its truth; `decisions`: what was decided in a "
            "project, which is the PATH; or a CSV with the columns path and label, or a project "
            "whose decisions about these pictures are the truth"
        ),
    )
    parser.add_argument(
        "--learn-from",
        type=some_path,
        metavar="FILE",
        help=(
            "a CSV with labels that a person gave, or a project with decisions: they are learned "
            "from, and only the other pictures are judged"
        ),
    )
    parser.add_argument(
        "--report",
        type=some_path,
        metavar="DIR",
        help="write report.html, report.json, labels.csv and confusion.csv there",
    )
    add_overwrite_option(parser)
    add_json_option(parser)
    add_concept_options(parser)
    add_model_options(parser)


def run(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Label images, compare with the truth, print the figures and write the report."""
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
    of = Snapshot.of(project, suggestions, stacks, evidence)
    question = replace(subject.question, model=model_name(model), made=made_now())
    # After an interrupt what was read until then is judged.
    figures = judge(of, question, CancelToken())
    _say_others(figures)
    if args.json:
        put_json(summary_of(figures))
    else:
        _put_figures(figures)
    if outputs and not keeps_earlier(outputs[0], cancel):
        export = export_of(_labelled(project, suggestions, model), suggestions, model)
        _write_report(dict(zip(files, outputs, strict=True)), export, figures, cancel)
    return finish(project.images, found.problems, cancel)


def _labelled(project: Project, suggestions: Suggestions, model: LoadedModel) -> Project:
    """Return the project labelled automatically, without its decisions."""
    ids = project.images.ids[np.flatnonzero(project.labels.has_label)]
    project.apply(SetLabels(ids, unlabelled(len(ids))), Title("auto-label"))
    label_automatically(project, suggestions, model)
    return project


def _write_report(
    outputs: Mapping[str, Output], export: LabelExport, found: Figures, cancel: CancelToken
) -> None:
    # After an interrupt the page shows what was done until then. It comes first: it alone takes
    # long enough to be interrupted, and then nothing is written.
    pictures = CancelToken() if cancel.is_cancelled else cancel
    outputs["report.html"].write(lambda stream: write_page(stream, found, pictures))
    outputs["labels.csv"].write(lambda stream: _write_labels(stream, export, found))
    if "confusion.csv" in outputs:
        records = found.judged.records
        outputs["confusion.csv"].write(lambda stream: write_confusion(stream, records))
    outputs["report.json"].write_bytes(report_json(found))


def _write_labels(stream: BinaryIO, export: LabelExport, found: Figures) -> None:
    """Write the labels of all images, with the probabilities of all names.

    An image that was judged by what was learned without it has that label and its probability,
    and none of the other numbers, which would be of another classifier.
    """
    names = [concept.name for concept in export.scored]
    model = export.model, export.templates
    images = export.exported(all_scores=True)
    write_rows(stream, label_rows(_as_judged(images, found), model, names))


def _as_judged(images: Iterator[ExportedImage], found: Figures) -> Iterator[ExportedImage]:
    row_of = {found.paths[row]: row for row in found.unseen.tolist()}
    records = found.judged.records
    for image in images:
        row = row_of.get(image.path)
        if row is None:
            yield image
            continue
        yield replace(
            image,
            labels=records.names_of(int(records.labels[row])),
            probability=None if found.judged.is_several else float(found.judged.sure[row]),
            score=None,
            runner_up="",
            runner_up_probability=None,
            margin=None,
            all_probabilities=(),
        )


# ---- printed tables


def _put_figures(found: Figures) -> None:
    """Print the figures on stdout."""
    judged = found.judged
    if found.delivered["checked"]:
        delivered = what_of(delivered_sentence(found.delivered))
        put(f"{delivered}. The program alone:")
    _put_names(found)
    if judged.is_several or not len(judged.records):
        put(sentence(what_of(share_sentence(judged))))
    else:
        _put_accuracy(judged.records.share)
    if found.left_out:
        taught = ", or learned from" if found.evidence and not len(found.unseen) else ""
        put(f"{len(found.left_out):,} left out: not read, or without a truth{taught}")
    if copies := len(found.known.copies_of_learned):
        copied = "is a copy of a picture" if copies == 1 else "are copies of pictures"
        put(f"{copies:,} of them {copied} learned from, or of the same burst")
    _put_folders(found)
    heads = "minimum", "labelled", "right"
    _put_table(heads, [(format_number(least, ".0%"), *row) for least, *row in thresholds(judged)])
    if found.is_by_decisions and found.missing:
        put(sentence(what_of(Message("decisions-not-enough", {"count": found.missing}))))
    for message in remarks(found):
        put(sentence(escaped(what_of(message))))


def _put_names(found: Figures) -> None:
    """Print a line for each name, the weakest first."""
    judged, records = found.judged, found.judged.records
    last = "average precision" if judged.is_several else "mistaken for"
    heads = ["concept", "images", "right", "recall", "precision", last]
    rows = list[list[Cell]]()
    for one in weakest_first(records):
        row = [escaped(one.name), one.images, one.right, one.found, one.fitting]
        average = judged.average_precisions.get(one.key)
        shown = None if average is None else Mean(average)
        rows.append([*row, shown if judged.is_several else _mistaken(found, one.key)])
    _put_table(heads, rows)


def _mistaken(found: Figures, key: int) -> str:
    """Return the label that a name is most often mistaken for."""
    records = found.judged.records
    for label, count in records.mistakes(key)[:1]:
        name = escaped(listed(records.names_of(label))) or "(no label)"
        return f"{name} ({count:,})"
    return ""


def _put_folders(found: Figures) -> None:
    if not found.folders:
        return
    heads = ["folder", "images", "right"]
    rows: list[list[Cell]] = [
        [escaped(one.name), one.share.of, one.share, *([one.own] if one.own else [])]
        for one in found.folders
    ]
    heads += ["among its own names"] if len(rows[0]) > len(heads) else []
    _put_table(heads, [*rows, ["mean", "", *means_of(found.folders)]])


def _say_others(found: Figures) -> None:
    """Say on stderr which images and names of the truth are not compared, or count as wrong."""
    say_strangers(found.question.truth)
    say_list(
        "{count:,} have several labels in the truth, and are left out without --multi:",
        found.several,
    )
    names = counted_names(found)
    say_list("{count:,} of the truth aren't among the names, and count as wrong:", names)


def _put_accuracy(share: Share) -> None:
    text = f"accuracy {share.value:.4f} ({share.count:,} of {share.of:,})"
    if interval := share.interval:
        text += f", between {interval.low:.4f} and {interval.high:.4f}"
    put(text)


def _put_table(heads: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """Print a table: names at the left, counts at the right of their columns."""
    if not rows:
        return
    texts = [list(heads), *(list(map(_text, row)) for row in rows)]
    first = max(cells(row[0]) for row in texts)
    for row in texts:
        shown = [padded(row[0], first)]
        for at, cell in enumerate(row[1:], 1):
            is_count = isinstance(rows[0][at], int)
            shown.append(padded(cell, cells(heads[at]) if is_count else _WIDE, is_right=is_count))
        put("  ".join(shown).rstrip())


def _text(cell: Cell) -> str:
    match cell:
        case None:
            return "-"
        case str():
            return cell
        case int():
            return format_number(cell)
        case Share():
            value = cell.count / cell.of if cell.of else None
            return _with_range(value, cell.interval)
        case _:
            return _with_range(cell.value, cell.interval)


def _with_range(value: float | None, interval: Interval | None) -> str:
    """Return a share with its 95% interval, where enough images are behind it."""
    text = "-" if value is None else format_number(value, ".3f")
    if not interval:
        return text
    low, high = (format_number(end, ".2f") for end in (interval.low, interval.high))
    return f"{text} ({low}-{high})"
