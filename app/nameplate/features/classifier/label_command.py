"""`nameplate label --classifier`: label with what was taught elsewhere."""

import argparse
from pathlib import Path
from typing import Final

from nameplate.cli.command import say_message
from nameplate.cli.commands.label import deliver
from nameplate.cli.labelling import embed, export_of, label_automatically, learned, new_project
from nameplate.cli.options import open_cache, open_model, some_path
from nameplate.cli.project_files import opened
from nameplate.domain.changes import Settings
from nameplate.domain.errors import UsageError
from nameplate.domain.progress import CancelToken
from nameplate.features.classifier.encoder import open_encoder
from nameplate.features.classifier.reading import read_classifier
from nameplate.features.classifier.saved import SavedClassifier, saved_of
from nameplate.formats.label_export import LabelExport
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.reading.collection import Found
from nameplate.project.file.store import ENDING
from nameplate.scoring.suggestions import Suggestions, score_images

_INSTEAD: Final = (
    ("concept", "--concept"),
    ("concepts", "--concepts"),
    ("reject", "--reject"),
    ("templates", "--templates"),
    ("multi", "--multi"),
    ("project", "--project"),
    ("out", "--out"),
)
"""What a classifier says itself, or cannot be used with."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add `--classifier` to the options of `label`."""
    parser.add_argument(
        "--classifier",
        type=some_path,
        metavar="DIR|FILE",
        help=(
            "what was taught elsewhere instead of --concept: the folder of a classifier, or a "
            "project"
        ),
    )


def run(args: argparse.Namespace, cancel: CancelToken) -> int | None:
    """Label with a classifier, if one was named."""
    if args.classifier is None:
        return None
    for name, option in _INSTEAD:
        if getattr(args, name, None):
            raise UsageError("option-with-classifier", where=option)
    if args.min_probability is not None:
        raise UsageError("option-with-classifier", where="--min-probability")
    saved, model = _opened(args, cancel)

    def labelled(found: Found) -> tuple[LabelExport, LoadedModel]:
        return _label(args, found, saved, model, cancel), model

    return deliver(args, labelled, cancel)


def _opened(args: argparse.Namespace, cancel: CancelToken) -> tuple[SavedClassifier, LoadedModel]:
    """Return the classifier and its encoder; what a project was taught is learned anew."""
    where = Path(args.classifier)
    if where.suffix.lower() != ENDING:
        saved = read_classifier(where)
        return saved, open_encoder(where, saved, args.model, args.device, cancel)
    project, model = opened(where), open_model(args, cancel)
    found = learned(args, project, model, cancel)
    return saved_of(project, found.suggestions.classifier, model), model


def _label(
    args: argparse.Namespace,
    found: Found,
    saved: SavedClassifier,
    model: LoadedModel,
    cancel: CancelToken,
) -> LabelExport:
    """Return the content of the CSV."""
    names = saved.names
    settings = Settings(names.template_set, saved.minimum, is_multi=names.multi)
    project = new_project(found, names.concepts, settings)
    with open_cache(args, model) as cache:
        embed(project.images, model, cache, cancel)
        if cache and cache.problem:
            say_message(cache.problem)
    suggestions = Suggestions()
    scored = score_images(saved.classifier, project.images.blocks())
    suggestions.replace(scored, project.images)
    label_automatically(project, suggestions, model)
    return export_of(project, suggestions, model)
