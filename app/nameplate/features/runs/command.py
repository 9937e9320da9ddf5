"""`nameplate label --out`: labels into a folder of shards, which can be resumed."""

import argparse
import time
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from nameplate.cli.command import (
    EXIT_DONE,
    EXIT_INTERRUPTED,
    EXIT_SOME_UNREADABLE,
    counted,
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
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelledError, CancelToken, Progress
from nameplate.features.runs.daft_engine import embed_with_daft
from nameplate.features.runs.embedding import (
    Setup,
    Task,
    embed_task,
)
from nameplate.features.runs.folder import (
    DEFAULT_SHARD_SIZE,
    Missing,
    ShardFolder,
    images_at,
    open_shards,
)
from nameplate.features.runs.inputs import Inputs
from nameplate.features.runs.labelling import Labeller
from nameplate.features.runs.labels import LabelCounts, count_labels, label_outdated
from nameplate.features.runs.vectors import shards_there, states_of
from nameplate.features.runs.workers import embed_in_processes
from nameplate.formats.label_export import model_name, template_name
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.prompt_encoder import ConceptEncoder, build_classifier, text_cache
from nameplate.system.failures import printable
from nameplate.system.processors import available_cpus
from nameplate.wording.texts import what_of

_WITH_ENGINE: Final = ("address", "gpus")
_WITH_OUT: Final = ("list", "workers", "engine", *_WITH_ENGINE, "shard_size")
"""Options that need another one."""

_MOST_SHOWN: Final = 3
_KEPT: Final = "the shards that were done are kept: run it again to go on"


def add_options(parser: argparse.ArgumentParser, output: Any) -> None:
    """Add the options for a folder of shards to those of `label`."""
    help_text = (
        "write a folder of Parquet files instead, for very many pictures: finished work is "
        "kept, and other names read no picture again"
    )
    output.add_argument("--out", type=some_path, metavar="DIR", help=help_text)
    help_text = "with --out: a text file with one path a line; repeatable"
    parser.add_argument("--list", type=some_path, action="append", metavar="FILE", help=help_text)
    help_text = "with --out: number of processes (default: 1)"
    parser.add_argument("--workers", type=positive, metavar="N", help=help_text)
    help_text = "with --out: engine that runs the processes, on other computers too (default: none)"
    parser.add_argument("--engine", choices=["daft"], help=help_text)
    help_text = "with --engine: a Ray cluster, such as auto or ray://host:10001"
    parser.add_argument("--address", metavar="URL", help=help_text)
    help_text = "with --engine: share of a graphics card for each process, from 0 to 1 (default: 0)"
    parser.add_argument("--gpus", type=probability, metavar="N", help=help_text)
    help_text = f"with --out: pictures a file (default: {DEFAULT_SHARD_SIZE:,})"
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
    inputs = Inputs.of(args.paths, args.list or ())
    model = open_model(args, cancel)
    with open_shards(args.out, inputs, model) as shards:
        try:
            labeller = _labeller_of(args, model, cancel)
            done = _embed_and_label(args, inputs, shards, model, labeller, cancel)
        except CancelledError:
            say(f"interrupted; {_KEPT}")
            return EXIT_INTERRUPTED
        except OutputError:  # as on a full disk
            say(_KEPT)
            raise
        counts = count_labels(shards, labeller)
        _print(args, shards, model, done.embedded, counts)
    unread = [
        files_text(count, reason, counts.first[reason])
        for reason, count in counts.problems.most_common()
    ]
    say_some(unread, len(unread))
    for number in done.lost:
        say(f"shard {number} is missing, since its process died: run it again")
    is_whole = not (unread or done.lost or done.unlisted)
    return EXIT_DONE if is_whole else EXIT_SOME_UNREADABLE


@dataclass(slots=True)
class _Done:
    """The results of a run.

    Attributes:
        embedded: How many images were embedded.
        lost: The shards whose processes died.
        unlisted: How many files and folders could not be listed.
    """

    embedded: int = 0
    lost: list[int] = field(default_factory=list[int])
    unlisted: int = 0


def _embed_and_label(
    args: argparse.Namespace,
    inputs: Inputs,
    shards: ShardFolder,
    model: LoadedModel,
    labeller: Labeller,
    cancel: CancelToken,
) -> _Done:
    """Embed what is missing, and label it; what turns out to be damaged is embedded once more."""
    done, size = _Done(), args.shard_size or DEFAULT_SHARD_SIZE
    for _ in range(2):
        damaged = 0
        if inputs:
            with shards.missing(inputs, args.limit, size, cancel) as missing:
                say_some(_unlisted(missing), missing.unlisted_count)
                _embed(args, shards, missing, model, done, cancel)
            damaged, done.unlisted = missing.damaged, missing.unlisted_count
            if not shards_there(shards.path):
                raise _nothing(inputs, missing)
        damaged += label_outdated(shards, labeller, cancel, ProgressBar("Labelling"))
        if not damaged:
            break
        say(f"damaged shards: {damaged:,}; embedding them again")
    return done


def _embed(
    args: argparse.Namespace,
    shards: ShardFolder,
    missing: Missing,
    model: LoadedModel,
    done: _Done,
    cancel: CancelToken,
) -> None:
    """Embed the images that are missing, and show the progress."""
    setup = _setup(args, model, len(missing.starts))
    tasks = (
        Task(shards.path, shards.manifest, number, images_at(missing.file, start))
        for number, start in missing.starts.items()
    )
    if args.engine and missing.starts:
        events = embed_with_daft(missing, setup, cancel)
    elif setup.workers > 1:
        events = embed_in_processes(tasks, setup, cancel)
    else:
        events = (event for task in tasks for event in embed_task(task, model, cancel))
    images, bar, started = 0, ProgressBar("Embedding"), time.monotonic()
    bar(Progress(0, missing.images, 0.0))
    for event in events:
        if isinstance(event, Message):
            say_message(event)
            continue
        images = min(images + event, missing.images)  # those of a process that died count twice
        bar(Progress(images, missing.images, time.monotonic() - started))
    states = states_of(shards.path, shards.manifest)
    done.embedded += sum(states[number].images for number in missing.starts if number in states)
    done.lost = [number for number in missing.starts if number not in states]


def _unlisted(missing: Missing) -> list[str]:
    return [f"{printable(str(one.path))}: {what_of(one.reason)}" for one in missing.unlisted]


def _nothing(inputs: Inputs, missing: Missing) -> UsageError:
    """Return the error of inputs without an image."""
    if missing.unlisted:
        first = missing.unlisted[0]
        return UsageError(first.reason, where=first.path)
    return UsageError("no-images", where=", ".join(map(printable, islice(inputs, _MOST_SHOWN))))


def _setup(args: argparse.Namespace, model: LoadedModel, shards: int) -> Setup:
    workers = min(args.workers or 1, max(1, shards))
    cores = 1 if args.address else max(1, available_cpus() // workers)
    address, gpus = args.address or "", args.gpus or 0.0
    return Setup(model.folder, args.device, workers, cores, address, gpus)


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
    folder, states = shards.path, states_of(shards.path, shards.manifest)
    images = sum(state.images for state in states.values())
    if args.json:
        put_json(
            {
                "out": str(folder),
                "images": images,
                "shards": len(states),
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
    put(f"{counts.unlabelled:,} without a label, {unread:,} unreadable")
    ran = NOTHING_ENCODED
    if embedded:
        ran = f"{embedded:,} embedded now"
    put(f"{folder}: {counted(images, 'image')}, {model.manifest.title}; {ran}")
