"""`nameplate export-classifier`: write the classifier of a project into a folder."""

import argparse
from pathlib import Path

from nameplate.cli.command import EXIT_DONE, EXIT_INTERRUPTED, put, put_json
from nameplate.cli.options import add_json_option, add_model_options, open_model, some_path
from nameplate.cli.outputs import named_model
from nameplate.cli.project_files import opened
from nameplate.cli.suggesting import learned
from nameplate.domain.progress import CancelToken
from nameplate.features.classifier.saved import SavedClassifier, saved_of
from nameplate.features.classifier.writing import output_for, write_classifier
from nameplate.pipeline.learning.fitter import evidence_of


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `export-classifier`."""
    parser.add_argument("project", type=some_path, metavar="PROJECT", help="NAME.nameplate")
    help_text = "the folder to make"
    parser.add_argument("--out", type=some_path, required=True, metavar="DIR", help=help_text)
    add_json_option(parser)
    add_model_options(parser)


def run(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Read the pictures of the project, learn from its decisions, and write the classifier."""
    project, folder = opened(args.project), Path(args.out)
    images = project.images.paths.texts
    output_for(folder, images, named_model(args)).check()
    model = open_model(args, cancel)
    found = learned(args, project, model, cancel)
    if cancel.is_cancelled:  # a classifier from a part of the decisions would look complete
        return EXIT_INTERRUPTED
    evidence = evidence_of(found.fitted)
    saved = saved_of(project, found.suggestions.classifier, model, evidence)
    write_classifier(folder, saved, model.folder, images, cancel)
    if args.json:
        put_json(_facts(folder, saved))
    else:
        put(f"{folder}: {saved.summary}")
    return EXIT_DONE


def _facts(folder: Path, saved: SavedClassifier) -> dict[str, object]:
    taught = saved.taught
    return {
        "out": str(folder),
        "names": [concept.name for concept in saved.names.concepts],
        "model": f"{saved.model.id}@{saved.fingerprint}",
        "decisions": taught.decisions,
        "is_learned": saved.probe is not None,
        "taught_in": taught.elsewhere or None,
        "tested": taught.tested,
        "right": round(taught.right, 4) if taught.tested else None,
    }
