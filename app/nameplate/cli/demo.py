"""`nameplate demo`: the sample images, labelled by the starter model, as a table and a picture."""

import argparse
import csv
from pathlib import Path

from nameplate.cli.command import Command, finish, make_folder, put
from nameplate.cli.options import add_model_options, some_path
from nameplate.cli.progress import ProgressBar
from nameplate.domain.concepts import parse_concepts
from nameplate.domain.progress import CancelToken
from nameplate.domain.scoring import chosen_concepts
from nameplate.domain.wording import percent
from nameplate.inference.model import LoadedModel, load_model
from nameplate.services.collection import embed_all, find_images
from nameplate.services.models import model_folder
from nameplate.services.rating import ConceptEncoder, build_classifier
from nameplate.services.report import Report, automatic_report, model_name, template_name
from nameplate.storage.atomic import check_writable
from nameplate.storage.resources import resource
from nameplate.storage.text_files import load_template_sets, read_text


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `demo`."""
    parser.add_argument(
        "--out", type=some_path, default=Path("demo-out"), metavar="DIR", help="default: demo-out"
    )
    parser.add_argument(
        "--no-window", action="store_true", help="do not open the window afterwards"
    )
    add_model_options(parser)


def run(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Label the samples, print the table, write labels.csv and window.png."""
    make_folder(args.out, "--out")
    for name in ("labels.csv", "window.png"):
        check_writable(args.out / name)
    folder = model_folder(args.model)
    report = _label_samples(load_model(folder, device=args.device), cancel)
    report.write(args.out / "labels.csv", all_scores=True)
    _print_table(report)
    from nameplate.ui.app import has_display, run_window, save_picture  # noqa: PLC0415

    save_picture(args.out / "window.png", folder, args.device, use_cache=not args.no_cache)
    put(f"{args.out / 'labels.csv'} and {args.out / 'window.png'} written")
    code = finish(report.images, (), cancel)
    if has_display() and not args.no_window and not cancel.is_cancelled:
        run_window([resource("samples")], folder, args.device, use_cache=not args.no_cache)
    return code


def _label_samples(model: LoadedModel, cancel: CancelToken) -> Report:
    file = resource("samples", "concepts.txt")
    concepts = parse_concepts(read_text(file), str(file))
    template_set = load_template_sets()[model.manifest.templates]
    found = find_images([resource("samples")], cancel=cancel)
    images = embed_all(
        found.images, model, cache=None, cancel=cancel, on_progress=ProgressBar("Reading")
    )
    classifier = build_classifier(
        ConceptEncoder(model.text.encode), concepts, template_set, model.head
    )
    ratings = classifier.rate(images.embeddings)
    return automatic_report(
        images,
        concepts,
        ratings,
        chosen_concepts(ratings, [c.is_reject for c in concepts], minimum=0.0, multi=False),
        model=model_name(model),
        templates=template_name(template_set),
    )


def _print_table(report: Report) -> None:
    text = read_text(resource("samples", "truth.csv"))
    truth = {row["path"]: row["label"] for row in csv.DictReader(text.splitlines())}
    right = 0
    put(f"{'image':24} {'label':16} {'probability':>11}  {'runner-up':16}")
    for row in report.rows():
        is_right = row.label == truth.get(row.path)
        right += is_right
        mark = "" if is_right else f"  (should be {truth.get(row.path)})"
        chance = "-" if row.probability is None else percent(row.probability)
        put(f"{row.path:24} {row.label:16} {chance:>11}  {row.runner_up:16}{mark}".rstrip())
    put(f"{right} of {len(truth)} right")


COMMAND = Command("demo", "Label the bundled sample images and show them.", add_options, run)
