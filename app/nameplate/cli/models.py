"""`nameplate models`: list, show, add, check and remove models."""

import argparse
from pathlib import Path

from nameplate.cli.command import EXIT_DONE, EXIT_MODEL, Command, put, say
from nameplate.cli.options import some_path
from nameplate.domain.progress import CancelToken
from nameplate.domain.text import escaped
from nameplate.inference.manifest import read_manifest
from nameplate.inference.specs import ModelManifest
from nameplate.services.models import add_model, check_model, list_models, model_folder
from nameplate.storage.model_store import remove_model


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the actions of `models`."""
    actions = parser.add_subparsers(metavar="ACTION", required=True, dest="action")
    actions.add_parser("list", help="the models there are").set_defaults(act=_list)
    show = actions.add_parser("show", help="what is known of a model, and what was assumed")
    show.add_argument("model", metavar="ID|DIR", help="a model's id, or a model folder")
    show.set_defaults(act=_show)
    add = actions.add_parser("add", help="check a model folder and copy it to the others")
    add.add_argument("folder", type=some_path, metavar="DIR", help="the folder of any exporter")
    add.set_defaults(act=_add)
    check = actions.add_parser("check", help="run a model on generated pictures and prompts")
    check.add_argument("model", metavar="ID|DIR", help="a model's id, or a model folder")
    check.set_defaults(act=_check)
    remove = actions.add_parser("remove", help="delete a model that was added")
    remove.add_argument("model", metavar="ID", help="its id")
    remove.set_defaults(act=_remove)


def run(args: argparse.Namespace, _cancel: CancelToken) -> int:
    """Do what the action says."""
    return args.act(args)


def _list(_args: argparse.Namespace) -> int:
    models = list_models()
    width = max(len(model.model_id) for model in models)
    for model in models:
        told = escaped(model.manifest.title) if model.manifest else f"PROBLEM  {model.problem}"
        put(f"{model.model_id:{width}}  {told}")
    return EXIT_MODEL if any(model.problem for model in models) else EXIT_DONE


def _show(args: argparse.Namespace) -> int:
    folder = model_folder(args.model)
    _put_manifest(folder, read_manifest(folder))
    return EXIT_DONE


def _add(args: argparse.Namespace) -> int:
    folder, manifest = add_model(args.folder)
    _put_manifest(folder, manifest)
    say(f"added; use it with --model {manifest.id}")
    return EXIT_DONE


def _check(args: argparse.Namespace) -> int:
    problems = check_model(model_folder(args.model))
    put("\n".join(f"PROBLEM  {p}" for p in problems) if problems else "all is well")
    return EXIT_MODEL if problems else EXIT_DONE


def _remove(args: argparse.Namespace) -> int:
    remove_model(args.model)
    say(f"removed {args.model}")
    return EXIT_DONE


def _put_manifest(folder: Path, manifest: ModelManifest) -> None:
    image, text, head = manifest.image, manifest.text, manifest.head
    bias = "" if head.bias is None else f", bias {head.bias:g}"
    facts = {
        "id": manifest.id,
        "title": manifest.title,
        "folder": str(folder),
        "source": manifest.source,
        "licence": manifest.licence,
        "family": manifest.family,
        "numbers a vector": manifest.embedding_size,
        "picture": f"{image.size} pixels, {image.resize}, {image.interpolation}",
        "prompt": f"{text.context_length} tokens, {text.cleaning}",
        "head": f"{head.kind}, scale {head.scale:g}{bias}",
        "bytes": f"{sum(file.bytes for file in manifest.files):,}",
    }
    for name, value in facts.items():
        put(f"{name:20} {escaped(str(value))}")
    for note in manifest.notes:
        put(f"{'note':20} {escaped(note)}")


COMMAND = Command("models", "List, show, add, check and remove models.", add_options, run)
