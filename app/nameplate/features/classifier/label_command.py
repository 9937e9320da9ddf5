"""`nameplate label --classifier`: label with a saved classifier, or with that of a project."""

import argparse
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np

from nameplate.cli.command import say_message
from nameplate.cli.commands.label import deliver
from nameplate.cli.options import open_cache, open_model, some_path
from nameplate.cli.project_files import opened
from nameplate.cli.suggesting import embed, export_of, label_automatically, learned, new_project
from nameplate.domain.changes import Settings
from nameplate.domain.errors import ModelError, NameplateError, UsageError
from nameplate.domain.progress import CancelToken
from nameplate.features.classifier.reading import read_classifier
from nameplate.features.classifier.saved import SavedClassifier, saved_of
from nameplate.formats.label_export import LabelExport
from nameplate.inference.manifest import fingerprint
from nameplate.inference.model import LoadedModel, load_model
from nameplate.model_hub.installed import STARTER, installed_models, manifest_of, model_folder
from nameplate.model_hub.trial import in_child
from nameplate.pipeline.reading.collection import Found
from nameplate.project.file.store import ENDING
from nameplate.scoring.suggestions import Suggestions, score_images
from nameplate.system.child_frames import Frame, Room

_INSTEAD: Final = ("concept", "concepts", "reject", "templates", "multi", "project", "out")
"""Options that the classifier replaces, or that cannot be combined with it."""


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
    for name in _INSTEAD:
        if getattr(args, name, None):
            raise UsageError("option-with-classifier", where=f"--{name}")
    if args.min_probability is not None:
        raise UsageError("option-with-classifier", where="--min-probability")
    saved, model = _opened(args, cancel)

    def labelled(found: Found) -> tuple[LabelExport, LoadedModel]:
        return _label(args, found, saved, model, cancel), model

    return deliver(args, labelled, cancel)


def _opened(args: argparse.Namespace, cancel: CancelToken) -> tuple[SavedClassifier, LoadedModel]:
    """Return the classifier and its encoder; that of a project is fitted again."""
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
    with open_cache(args, model, describes=saved.is_described) as cache:
        embed(project.images, model, cache, cancel)
        if cache and cache.problem:
            say_message(cache.problem)
    suggestions = Suggestions()
    scored = score_images(saved.classifier, project.images.vectors())
    suggestions.replace(scored, project.images)
    label_automatically(project, suggestions, model)
    return export_of(project, suggestions, model)


def open_encoder(
    folder: Path, saved: SavedClassifier, named: str, device: str, cancel: CancelToken
) -> LoadedModel:
    """Open the encoder of the classifier in `folder`, preferably the installed model `named`.

    An installed model with the same fingerprint may have vectors in the cache. Without one, the
    graph of the folder is tried in a child process, as every foreign model, before it is loaded
    here; the cache treats it as a model of its own, whatever id the folder claims.

    Raises:
        ModelError: It cannot be used, or is not the model that a person named.
        UsageError: There is no such device.
    """
    for installed in _installed(named):
        with suppress(NameplateError):  # a damaged model does not match
            manifest = manifest_of(installed, cancel)
            is_as_large = manifest.embedding_size == saved.model.embedding_size
            if is_as_large and fingerprint(installed, manifest) == saved.fingerprint:
                return load_model(installed, device=device, manifest=manifest)
    if named != STARTER:  # the default, also if the option is not given
        raise ModelError("classifier-of-other-model", where=str(folder), model=saved.model.id)
    in_child(try_graph, folder, cancel)
    return load_model(folder, device=device, manifest=saved.model)


def _installed(named: str) -> Iterator[Path]:
    """Yield the folder of the model `named`; if it is the starter, then all installed models."""
    with suppress(NameplateError):
        yield model_folder(named)
    if named == STARTER:
        yield from installed_models().values()


def try_graph(arguments: Mapping[str, Any], _room: Room) -> Frame:
    """Run the graph of a classifier in a child process, see `child_frames.Task`."""
    folder = Path(arguments["folder"])
    saved = read_classifier(folder)
    model, side = load_model(folder, device="cpu", manifest=saved.model), saved.model.image.size
    pixels = np.random.default_rng(0).normal(0.0, 1.0, (2, 3, side, side)).astype(np.float32)
    if not np.isfinite(model.image.encode(pixels)).all():
        raise ModelError("no-finite-vectors", where=str(folder))
    return Frame({})
