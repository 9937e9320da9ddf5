"""`nameplate demo`: label the sample images with the starter model; table, CSV, screenshot."""

import argparse
import csv
from contextlib import suppress
from pathlib import Path
from typing import Final

from nameplate.cli.command import finish, put, say, say_message
from nameplate.cli.commands.label import label_images, write_csv
from nameplate.cli.options import add_model_options, open_model, some_path
from nameplate.cli.outputs import add_overwrite_option, keeps_earlier, outputs_in
from nameplate.domain.errors import NameplateError
from nameplate.domain.naming.concept_files import parse_concepts
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.domain.text import padded
from nameplate.formats.csv import joined
from nameplate.formats.label_export import LabelExport
from nameplate.formats.outputs.output import LABELS, WINDOW_PICTURE, Output
from nameplate.model_hub.installed import model_folder
from nameplate.pipeline.reading.collection import find_images
from nameplate.storage.resources import resource
from nameplate.storage.text_files import read_text
from nameplate.system.screen import check_qt, has_display, letters_missing, settle_platform
from nameplate.wording.numbers import percent
from nameplate.wording.texts import error_text, text_of

_FILES: Final = {"labels.csv": LABELS, "window.png": WINDOW_PICTURE}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `demo`."""
    parser.add_argument(
        "--out",
        type=some_path,
        default=Path("demo-out"),
        metavar="DIR",
        help="default: demo-out",
    )
    help_text = "don't open the window afterwards"
    parser.add_argument("--no-window", action="store_true", help=help_text)
    add_overwrite_option(parser)
    add_model_options(parser)
    # Defaults of the options of `label` that `demo` does not have.
    parser.set_defaults(templates=[], multi=False, min_probability=None)


def run(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Label the samples, print the table, write labels.csv, and then, with Qt, window.png."""
    outputs = outputs_in(args, args.out, "--out", _FILES)
    folder = model_folder(args.model)
    file = resource("samples", "concepts.txt")
    concepts = parse_concepts(read_text(file), str(file))
    found = find_images([resource("samples")], cancel=cancel)
    labels, picture = (output.apart_from(found.images) for output in outputs)
    export = label_images(args, found, concepts, open_model(args, cancel), cancel)
    _print_table(export)
    if not keeps_earlier(labels, cancel):
        write_csv(export, labels, all_scores=True)
        put(f"{labels.path} written")
    if not cancel.is_cancelled:
        _show(args, folder, picture, cancel)
    return finish(export.images, (), cancel)


def _show(args: argparse.Namespace, folder: Path, picture: Output, cancel: CancelToken) -> None:
    """Write the screenshot and open the window; if Qt cannot be used, report why and skip both."""
    try:
        check_qt()
    except NameplateError as error:
        say(f"{picture.path} is left out: {error_text(error)}")
        return
    if why := settle_platform():
        say(f"can't open the window: {text_of(why)}")
    if note := letters_missing():
        say_message(note)
    from nameplate.ui.app import picture_of_window, run_window  # noqa: PLC0415 - loads Qt

    with suppress(CancelledError):
        png = picture_of_window(folder, args.device, cancel, use_cache=not args.no_cache)
        picture.write_bytes(png)
        put(f"{picture.path} written")
    if has_display() and not args.no_window and not cancel.is_cancelled:
        run_window([resource("samples")], folder, args.device, cancel, use_cache=not args.no_cache)


def _print_table(export: LabelExport) -> None:
    text = read_text(resource("samples", "truth.csv"))
    truth = {row["path"]: row["label"] for row in csv.DictReader(text.splitlines())}
    right = 0
    _put_row("image", "label", "probability", "runner-up")
    for row in export.exported():
        label = joined(row.labels)
        is_right = label == truth.get(row.path)
        right += is_right
        mark = "" if is_right else f"  (should be {truth.get(row.path)})"
        chance = "-" if row.probability is None else percent(row.probability)
        _put_row(row.path, label, chance, row.runner_up, mark)
    put(f"{right:,} of {len(truth):,} right")


def _put_row(path: str, label: str, chance: str, other: str, mark: str = "") -> None:
    number = padded(chance, 11, is_right=True)
    put(f"{padded(path, 24)} {padded(label, 16)} {number}  {padded(other, 16)}{mark}".rstrip())
