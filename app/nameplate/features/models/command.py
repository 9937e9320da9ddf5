"""`nameplate models`: list, show, add, get, check and remove models."""

import argparse
from collections.abc import Mapping
from pathlib import Path

from nameplate.cli.command import EXIT_DONE, EXIT_INTERRUPTED, EXIT_MODEL, put, say
from nameplate.cli.options import some_path
from nameplate.cli.progress import ProgressBar
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelledError, CancelToken, Progress, Waiting
from nameplate.domain.text import escaped, padded
from nameplate.features.models.downloading.install import (
    Checking,
    Installed,
    catalogue_model,
    download_model,
)
from nameplate.features.models.overview import ModelInfo, overview
from nameplate.features.models.store import add_model, remove_model, staged_bytes
from nameplate.inference.specs import ModelManifest
from nameplate.model_hub.catalogue import ALL_KNOWN, CatalogueModel
from nameplate.model_hub.installed import installed_model, manifest_of, model_folder
from nameplate.model_hub.trial import try_out
from nameplate.wording.numbers import duration, format_bytes, format_number
from nameplate.wording.texts import listed, text_of, what_of


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the actions of `models`."""
    actions = parser.add_subparsers(metavar="ACTION", required=True, dest="action")
    every = actions.add_parser("list", help="the models there are, and those that can be had")
    every.set_defaults(act=_list)
    show = actions.add_parser("show", help="what is known of a model, and what was assumed")
    show.add_argument("model", metavar="ID|DIR", help="a model's id, or a model folder")
    show.set_defaults(act=_show)
    add = actions.add_parser("add", help="check a model folder and copy it to the others")
    add.add_argument("folder", type=some_path, metavar="DIR", help="the folder of any exporter")
    add.set_defaults(act=_add)
    get = actions.add_parser("get", help="download a model; goes on where it was stopped")
    get.add_argument("model", metavar="ID", help="its id, as models list shows it")
    help_text = "accept a licence that restricts use"
    get.add_argument("--accept-licence", action="store_true", help=help_text)
    help_text = "accept files that differ from the first download"
    get.add_argument("--accept-change", action="store_true", help=help_text)
    get.set_defaults(act=_get)
    check = actions.add_parser("check", help="run a model on generated pictures and prompts")
    check.add_argument("model", metavar="ID|DIR", help="a model's id, or a model folder")
    check.set_defaults(act=_check)
    remove = actions.add_parser("remove", help="delete an added model")
    remove.add_argument("model", metavar="ID", help="its id")
    remove.set_defaults(act=_remove)


def run(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Run the chosen action."""
    return args.act(args, cancel)


def _list(_args: argparse.Namespace, _cancel: CancelToken) -> int:
    found = overview()
    here = [model for model in found.models if model.is_here]
    more = [model for model in found.models if not model.is_here and not model.page]
    width = max(len(model.model_id) for model in found.models)
    for model in here:
        problem = model.problem and f"PROBLEM  {text_of(model.problem)}"
        put(f"{model.model_id:{width}}  {problem or escaped(model.title)}")
    if more:
        put("\ncan be had with nameplate models get ID (size, ImageNet accuracy, licence):")
    for model in more:
        put(f"{model.model_id:{width}}  {escaped(model.title)}\n{'':{width}}  {_in_short(model)}")
    for problem in found.problems:
        say(f"not listed: {text_of(problem)}")
    return EXIT_MODEL if any(model.problem for model in here) else EXIT_DONE


def _in_short(model: ModelInfo) -> str:
    size = format_bytes(model.bytes)
    if model.bytes_here:
        size = f"{size} ({format_bytes(model.bytes_here)} have come)"
    accuracy = "" if model.accuracy is None else f"{model.accuracy:g}%"
    trust = "" if model.trust in (None, ALL_KNOWN) else what_of(model.trust)
    # A licence has commas and semicolons of its own.
    return escaped(" · ".join(filter(None, (size, accuracy, model.licence, trust))))


def _show(args: argparse.Namespace, cancel: CancelToken) -> int:
    known = catalogue_model(args.model)
    if known is not None and installed_model(args.model) is None:
        _put_known(known)
        return EXIT_DONE
    folder = model_folder(args.model)
    _put_manifest(folder, manifest_of(folder, cancel))
    return EXIT_DONE


def _get(args: argparse.Namespace, cancel: CancelToken) -> int:
    bar = ProgressBar("downloading", format_bytes)
    pause: Message | None = None
    try:
        events = download_model(
            args.model, cancel, accept_licence=args.accept_licence, accept_change=args.accept_change
        )
        for event in events:
            match event:
                case Progress():
                    pause = None
                    bar(event)
                case Waiting() if event.reason != pause:
                    pause = event.reason
                    why, time = what_of(event.reason), duration(event.seconds)
                    say(f"{why}; waiting {time}")
                case Checking():
                    say("download complete; testing the model")
                case Installed():
                    _put_manifest(event.folder, event.manifest)
                    say(f"installed; use it with --model {event.manifest.id}")
                case _:
                    pass
    except CancelledError:
        say("interrupted; what has arrived is kept: run it again to continue")
        return EXIT_INTERRUPTED
    return EXIT_DONE


def _add(args: argparse.Namespace, cancel: CancelToken) -> int:
    folder, manifest = add_model(args.folder, cancel)
    _put_manifest(folder, manifest)
    say(f"added; use it with --model {manifest.id}")
    return EXIT_DONE


def _check(args: argparse.Namespace, cancel: CancelToken) -> int:
    problems = try_out(model_folder(args.model), cancel)
    for problem in problems:
        put(f"PROBLEM  {what_of(problem)}")
    if not problems:
        put("all is well")
    return EXIT_MODEL if problems else EXIT_DONE


def _remove(args: argparse.Namespace, _cancel: CancelToken) -> int:
    remove_model(args.model)
    say(f"removed {args.model}")
    return EXIT_DONE


def _put_known(model: CatalogueModel) -> None:
    """Print the catalogue entry of a model that is not installed."""
    accuracy = "not published"
    if model.accuracy is not None:
        accuracy = f"{model.accuracy:g}% of ImageNet right ({model.accuracy_source})"
    size = format_number(model.bytes)
    facts = {
        "id": model.id,
        "title": model.title,
        "good for": model.summary,
        "languages": model.languages,
        "source": f"{model.repository}@{model.revision}",
        "checked": what_of(model.trust),
        "licence": model.licence,
        "licence text": model.licence_url,
        "accuracy": accuracy,
        "numbers a vector": f"{model.embedding_size}",
        "bytes": size if model.is_exact else f"{size} (about)",
        "bytes here": format_number(staged_bytes(model.id)),
        "to get it": f"nameplate models get {model.id}"
        + (" --accept-licence" if model.needs_acceptance else ""),
    }
    _put_facts(facts)


def _put_facts(facts: Mapping[str, str]) -> None:
    for name, value in facts.items():
        put(f"{padded(name, 20)} {escaped(value)}")


def _put_manifest(folder: Path, manifest: ModelManifest) -> None:
    image, text, head = manifest.image, manifest.text, manifest.head
    pixels = f"{image.size} pixels"
    scales = [head.kind, f"scale {head.scale:g}"]
    if head.bias is not None:
        scales.append(f"bias {head.bias:g}")
    facts = {
        "id": manifest.id,
        "title": manifest.title,
        "folder": str(folder),
        "source": manifest.source,
        "licence": manifest.licence,
        "family": manifest.family,
        "numbers a vector": f"{manifest.embedding_size}",
        "picture": listed((pixels, image.resize, image.interpolation)),
        "prompt": listed((f"{text.context_length} tokens", text.cleaning)),
        "head": listed(scales),
        "bytes": format_number(sum(file.bytes for file in manifest.files)),
    }
    _put_facts(facts)
    for note in manifest.notes:
        _put_facts({"note": what_of(note)})
