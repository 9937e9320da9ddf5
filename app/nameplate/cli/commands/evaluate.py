"""`nameplate evaluate`: accuracy of the labels against folder names or a CSV."""

import argparse
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from nameplate.cli.command import Command, finish, put, put_json
from nameplate.cli.commands.label import label_images, required_concepts, write_csv
from nameplate.cli.options import (
    add_concept_options,
    add_json_option,
    add_model_options,
    add_paths,
    open_model,
    some_path,
)
from nameplate.cli.outputs import add_overwrite_option, keeps_earlier, outputs_in
from nameplate.domain.concepts import Concept, add, by_any_name
from nameplate.domain.errors import UsageError
from nameplate.domain.progress import CancelToken
from nameplate.formats.csv import write_confusion_csv
from nameplate.formats.label_export import LabelExport
from nameplate.formats.outputs.output import CONFUSION, LABELS, Output
from nameplate.formats.truth import concepts_of_truth, truth_of_csv, truth_of_folders
from nameplate.pipeline.reading.collection import find_images
from nameplate.scoring.evaluation.metrics import ConceptResult, Evaluation, evaluate

_REPORT_FILES: Final = {"labels.csv": LABELS, "confusion.csv": CONFUSION}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `evaluate`."""
    add_paths(parser)
    parser.add_argument(
        "--truth",
        required=True,
        metavar="folders|FILE.csv",
        help="`folders`: an image's folder is its truth; or a CSV with the columns path and label",
    )
    parser.add_argument(
        "--report", type=some_path, metavar="DIR", help="write labels.csv and confusion.csv there"
    )
    add_overwrite_option(parser)
    add_json_option(parser)
    add_concept_options(parser)
    add_model_options(parser)


def run(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Label images, compare with the truth, print accuracy and one line per concept."""
    if args.multi:
        raise UsageError("evaluate-with-multi")
    outputs = outputs_in(args, args.report, "--report", _REPORT_FILES) if args.report else ()
    find_all = any(output.exists for output in outputs)
    found = find_images(args.paths, cancel=cancel, limit=args.limit, find_all=find_all)
    outputs = [output.apart_from(found.images + found.beyond) for output in outputs]
    truth = (
        truth_of_folders(found.images)
        if args.truth == "folders"
        else truth_of_csv(Path(args.truth), found.images)
    )
    concepts = _concepts(args, truth)
    export = label_images(args, found, concepts, open_model(args, cancel), cancel)
    cancel.acknowledge()
    result, left_out = _compare(export, truth)
    _print(args, result, left_out)
    if outputs and not keeps_earlier(outputs[0], cancel):
        _write_report(outputs, export, result)
    return finish(export.images, found.problems, cancel)


def _concepts(args: argparse.Namespace, truth: dict[Path, str]) -> tuple[Concept, ...]:
    if args.concept or args.concepts:
        return required_concepts(args)
    concepts = concepts_of_truth(truth.values())
    for name in args.reject:
        concepts = add(concepts, "!" + name)
    return concepts


def _compare(export: LabelExport, truth: dict[Path, str]) -> tuple[Evaluation, int]:
    """Return the evaluation of the readable images, and the number left out."""
    concepts, images, chosen = export.scored, export.images, export.chosen_columns()
    rows = [i for i, path in enumerate(images.paths) if path in truth and i not in images.reasons]
    known = by_any_name(concepts)
    result = evaluate(
        [_as_label(truth[images.paths[i]], known) for i in rows],
        [concepts[chosen[i][0]].name if chosen[i] else "" for i in rows],
        [c.name for c in concepts if not c.is_reject],
    )
    return result, len(images) - len(rows)


def _as_label(truth: str, known: Mapping[str, Concept]) -> str:
    """Return the name that `truth` is a name or synonym of; a reject concept is no label."""
    concept = known.get(truth.casefold())
    if concept is None:
        return truth
    return "" if concept.is_reject else concept.name


def _print(args: argparse.Namespace, result: Evaluation, left_out: int) -> None:
    rows = result.per_concept()
    if args.json:
        summary: dict[str, Any] = {"images": result.images, "accuracy": result.accuracy}
        summary |= {"left_out": left_out, "concepts": [_columns(row) for row in rows]}
        put_json(summary)
        return
    width = max(len("concept"), *(len(row.name) for row in rows))
    put(f"{'concept':{width}}  images  right  recall  precision")
    for row in rows:
        recall, precision = _share(row.recall), _share(row.precision)
        put(f"{row.name:{width}}  {row.images:6,}  {row.right:5,}  {recall:>6}  {precision:>9}")
    put(f"accuracy {result.accuracy:.4f} ({result.right:,} of {result.images:,})")
    if left_out:
        put(f"{left_out:,} left out: not read, or without a truth")


def _columns(row: ConceptResult) -> dict[str, Any]:
    columns = ("name", "images", "right", "recall", "precision")
    return {column: getattr(row, column) for column in columns}


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _write_report(outputs: Iterable[Output], export: LabelExport, result: Evaluation) -> None:
    labels, confusion = outputs
    write_csv(export, labels, all_scores=True)
    confusion.write(lambda stream: write_confusion_csv(stream, result.names, result.matrix))


COMMAND = Command("evaluate", "Compare labels with the truth.", add_options, run)
