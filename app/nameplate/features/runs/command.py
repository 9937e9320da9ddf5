"""`nameplate label --out`: labels into a folder of shards, which can be resumed."""

import argparse
from pathlib import Path
from typing import Any, Final

from nameplate.cli.command import (
    EXIT_DONE,
    EXIT_INTERRUPTED,
    EXIT_SOME_UNREADABLE,
    files_text,
    put,
    put_counts,
    put_json,
    say,
    say_message,
    say_some,
)
from nameplate.cli.labelling import settings_of
from nameplate.cli.options import (
    NOTHING_ENCODED,
    loaded_text,
    open_model,
    positive,
    probability,
    required_concepts,
    some_path,
    templates_of,
)
from nameplate.cli.progress import ProgressBar
from nameplate.domain.errors import OutputError, UsageError
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.domain.text import deferred
from nameplate.features.runs.embedding import Cluster, Setup
from nameplate.features.runs.folder import DEFAULT_SHARD_SIZE, ShardFolder, Wanted, open_shards
from nameplate.features.runs.label_files import LabelCounts
from nameplate.features.runs.labelling import Labeller
from nameplate.features.runs.places import places_of
from nameplate.features.runs.run import count_labels, embed_missing, label_outdated
from nameplate.formats.label_export import model_name, template_name
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.prompt_encoder import ConceptEncoder, build_classifier, text_cache
from nameplate.storage.agreed_hosts import agreed
from nameplate.system.processors import available_cpus
from nameplate.wording.texts import listed, tr, trn, what_in_english, what_of

_WITH_ENGINE: Final = ("address", "gpus")
_WITH_OUT: Final = ("list", "resume", "workers", "engine", *_WITH_ENGINE, "shard_size")
"""Options that need another one."""

_MOST_SHOWN: Final = 3
_KEPT: Final = deferred("the shards that were done are kept: run it again to go on")


def add_options(parser: argparse.ArgumentParser, output: Any) -> None:
    """Add the options for a folder of shards to those of `label`."""
    help_text = tr(
        "write a folder of Parquet files instead, for very many pictures: finished work is "
        "kept, and other names read no picture again"
    )
    output.add_argument("--out", type=some_path, metavar="DIR", help=help_text)
    help_text = tr("with --out: a text file with one path or URL a line; repeatable")
    parser.add_argument("--list", type=some_path, action="append", metavar="FILE", help=help_text)
    help_text = tr("with --out: only continue an existing folder")
    parser.add_argument("--resume", action="store_const", const=True, help=help_text)
    help_text = tr("with --out: number of processes (default: 1)")
    parser.add_argument("--workers", type=positive, metavar="N", help=help_text)
    help_text = tr(
        "with --out: engine that runs the processes, on other computers too (default: none)"
    )
    parser.add_argument("--engine", choices=["daft"], help=help_text)
    help_text = tr("with --engine: a Ray cluster, such as auto or ray://host:10001")
    parser.add_argument("--address", metavar="URL", help=help_text)
    help_text = tr(
        "with --engine: share of a graphics card for each process, from 0 to 1 (default: 0)"
    )
    parser.add_argument("--gpus", type=probability, metavar="N", help=help_text)
    help_text = tr("with --out: pictures a file (default: {count:,})", count=DEFAULT_SHARD_SIZE)
    parser.add_argument("--shard-size", type=positive, metavar="N", help=help_text)


def run(args: argparse.Namespace, cancel: CancelToken) -> int | None:
    """Label into a folder of shards, if one was named."""
    if args.out is None:
        for name in _WITH_OUT:
            if getattr(args, name) is not None:
                raise UsageError("option-without-out", where=_option(name))
        return None
    if args.overwrite:
        raise UsageError("out-goes-on", where=str(args.out))
    for name in _WITH_ENGINE:
        if args.engine is None and getattr(args, name) is not None:
            raise UsageError("option-without-engine", where=_option(name))
    return _label(args, cancel)


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _label(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Embed and label the images that a folder of shards lacks; print the counts of its labels."""
    required_concepts(args)  # before a model is opened
    model = open_model(args, cancel)
    wanted = Wanted(
        args.paths, args.list or (), args.limit, args.shard_size, must_exist=bool(args.resume)
    )
    with open_shards(args.out, wanted, model, cancel) as shards:
        manifest = shards.manifest
        unlisted = [f"{one.path}: {what_of(one.reason)}" for one in manifest.unlisted]
        say_some(unlisted, manifest.unlisted_count)
        if not shards.is_new:
            said = trn(
                "goes on with {count:,} image of {inputs}, listed on {date}; files that came later "
                "are not among them",
                "goes on with {count:,} images of {inputs}, listed on {date}; files that came "
                "later are not among them",
                manifest.images,
                inputs=listed(manifest.inputs, _MOST_SHOWN),
                date=manifest.made_at[:10],
            )
            say(said)
        try:
            labeller = _labeller_of(args, model, cancel)
            embedded, lost = _embed_and_label(args, shards, model, labeller, cancel)
        except CancelledError:
            say(tr("interrupted; {kept}", kept=tr(_KEPT)))
            return EXIT_INTERRUPTED
        except OutputError:  # as on a full disk
            say(tr(_KEPT))
            raise
        counts = count_labels(shards, labeller)
        _print(args, shards, model, embedded, counts)
    unread = [
        files_text(count, reason, counts.first[reason])
        for reason, count in counts.problems.most_common()
    ]
    say_some(unread, len(unread))
    for number in lost:
        say(tr("shard {number} wasn't embedded, as said above: run it again", number=number))
    is_whole = not (unread or lost or manifest.unlisted_count)
    return EXIT_DONE if is_whole else EXIT_SOME_UNREADABLE


def _embed_and_label(
    args: argparse.Namespace,
    shards: ShardFolder,
    model: LoadedModel,
    labeller: Labeller,
    cancel: CancelToken,
) -> tuple[int, list[int]]:
    """Embed what is missing, and label it; what turns out to be damaged is embedded once more."""
    total, lost = 0, list[int]()
    for _ in range(2):
        images, lost = embed_missing(
            shards,
            model,
            _setup(args, model, shards),
            cancel,
            ProgressBar(tr("Embedding")),
            say_message,
        )
        total += images
        damaged = label_outdated(shards, labeller, cancel, ProgressBar(tr("Labelling", "work")))
        if not damaged:
            break
        say(tr("damaged shards: {count:,}; embedding them again", count=len(damaged)))
    return total, lost


def _setup(args: argparse.Namespace, model: LoadedModel, shards: ShardFolder) -> Setup:
    cluster, workers = None, args.workers or 1
    if args.engine == "daft":
        cpus = 1 if args.address else max(1, available_cpus() // workers)
        cluster = Cluster(args.address or "", args.gpus or 0.0, cpus)
    places = places_of(shards.inputs)
    return Setup(model.folder, args.device, what_in_english, workers, cluster, places, agreed())


def _labeller_of(args: argparse.Namespace, model: LoadedModel, cancel: CancelToken) -> Labeller:
    """Return what the options ask for: names, templates and rules."""
    concepts, template_set = required_concepts(args), templates_of(args.templates, model)
    settings = settings_of(args, template_set)
    template_set = settings.template_set or template_set
    cache = None if args.no_cache else text_cache(model)
    encoder = ConceptEncoder(loaded_text(model, cancel).encode, cache, model.said_among)
    classifier = build_classifier(
        encoder, concepts, template_set, model.head, multi=settings.is_multi, cancel=cancel
    )
    encoder.keep(concepts, template_set)
    return Labeller(
        concepts,
        settings,
        classifier,
        model_name(model),
        template_name(template_set),
        all_scores=args.scores == "all",
    )


def _print(
    args: argparse.Namespace,
    shards: ShardFolder,
    model: LoadedModel,
    embedded: int,
    counts: LabelCounts,
) -> None:
    named = {c.name: counts.labels[c.name] for c in required_concepts(args) if not c.is_reject}
    unread, used = counts.problems.total(), model.device_used
    folder: Path = shards.path
    if args.json:
        put_json(
            {
                "out": str(folder),
                "images": shards.manifest.images,
                "shards": shards.manifest.shards,
                "embedded": embedded,
                "labels": named,
                "unlabelled": counts.unlabelled,
                "unreadable": unread,
                "model": model_name(model),
                "device": used.device if used else None,
            }
        )
        return
    put_counts(named.items())
    left = {"unlabelled": counts.unlabelled, "unreadable": unread}
    put(tr("{unlabelled:,} without a label, {unreadable:,} unreadable", **left))
    ran = tr(NOTHING_ENCODED)
    if embedded:
        ran = tr("{count:,} embedded now", count=embedded)
    images = trn("{count:,} image", "{count:,} images", shards.manifest.images)
    put(f"{folder}: {images}, {model.manifest.title}; {ran}")
