"""`nameplate label --out`: labels into a folder of shards, which can be resumed."""

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
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
from nameplate.cli.progress import ProgressBar, result_of
from nameplate.cli.suggesting import settings_of
from nameplate.domain.errors import OutputError, UsageError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelledError, CancelToken, Progress
from nameplate.features.runs.daft_engine import embed_with_daft
from nameplate.features.runs.embedding import Event, Setup, embed_in_processes, embed_shard
from nameplate.features.runs.folder import (
    DEFAULT_SHARD_SIZE,
    Missing,
    ShardFolder,
    open_shards,
)
from nameplate.features.runs.inputs import Inputs
from nameplate.features.runs.label_shards import LabelCounts, count_labels, label_outdated
from nameplate.features.runs.labeller import Labeller
from nameplate.features.runs.shards import embeddings_file, shards_there, states_of
from nameplate.formats.label_export import model_name
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
_VECTORS_KEPT: Final = (
    "the vectors are kept, and labels of other names are as they were: run it again to go on"
)


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
        run = _Run(args, inputs, shards, model, cancel)
        try:
            labeller = _labeller_of(args, model, cancel)
            run.embed_and_label(labeller)
        except CancelledError:
            say(f"interrupted; {run.kept}")
            return EXIT_INTERRUPTED
        except OutputError:  # as on a full disk
            say(run.kept)
            raise
        counts = count_labels(shards.path, run.labelled)
        run.put(counts)
    unread = [
        files_text(count, reason, counts.first[reason])
        for reason, count in counts.problems.most_common()
    ]
    say_some(unread, len(unread))
    for number in run.lost:
        say(f"shard {number} is missing, since its process died: run it again")
    advice = "check the drive, and run it again" if inputs else "name the pictures"
    for number in run.damaged:
        say(f"shard {number} is damaged: {advice}, so that it is made again")
    is_whole = not (unread or run.lost or run.damaged or run.unlisted)
    return EXIT_DONE if is_whole else EXIT_SOME_UNREADABLE


@dataclass(slots=True)
class _Run:
    """A run of the command, and its results."""

    args: argparse.Namespace
    inputs: Inputs
    shards: ShardFolder
    model: LoadedModel
    cancel: CancelToken
    embedded: int = 0
    lost: Sequence[int] = ()
    labelled: Sequence[int] = ()
    damaged: Sequence[int] = ()
    unlisted: int = 0
    kept: str = _KEPT

    def embed_and_label(self, labeller: Labeller) -> None:
        """Embed and label missing images; embed those of damaged shards once more."""
        size = self.args.shard_size or DEFAULT_SHARD_SIZE
        for _ in range(2):
            count, self.kept = 0, _KEPT
            if self.inputs:
                limit = self.args.limit
                with self.shards.missing(self.inputs, limit, size, self.cancel) as missing:
                    self._embed(missing)
                count = missing.damaged
            self.kept = _VECTORS_KEPT
            labelling = label_outdated(self.shards, labeller, self.cancel)
            self.labelled = result_of(labelling, ProgressBar("Labelling"))
            self.damaged = sorted(set(shards_there(self.shards.path)).difference(self.labelled))
            count += len(self.damaged)
            if not (count and self.inputs):
                break
            say(f"damaged shards: {count:,}; embedding them again")
            for number in self.damaged:
                embeddings_file(self.shards.path, number).unlink(missing_ok=True)

    def _embed(self, missing: Missing) -> None:
        """Embed the images that are missing, and show the progress.

        Raises:
            UsageError: There is no image at all.
        """
        unlisted = (
            f"{printable(str(one.path))}: {what_of(one.reason)}" for one in missing.unlisted
        )
        say_some(unlisted, missing.unlisted_count)
        images, bar, started = 0, ProgressBar("Embedding"), time.monotonic()
        bar(Progress(0, missing.images, 0.0))
        for event in self._events(missing):
            if isinstance(event, Message):
                say_message(event)
                continue
            images = min(images + event, missing.images)  # those of a dead process count twice
            bar(Progress(images, missing.images, time.monotonic() - started))
        states = states_of(self.shards.path, self.shards.manifest, self.cancel)
        self.embedded += sum(states[one].images for one in missing.starts if one in states)
        self.lost = [number for number in missing.starts if number not in states]
        self.unlisted = missing.unlisted_count
        if not shards_there(self.shards.path):
            if missing.unlisted:
                first = missing.unlisted[0]
                raise UsageError(first.reason, where=first.path)
            first_inputs = map(printable, islice(self.inputs, _MOST_SHOWN))
            raise UsageError("no-images", where=", ".join(first_inputs))

    def _events(self, missing: Missing) -> Iterator[Event]:
        """Embed the images that are missing, in this process or in others."""
        args, tasks, address = self.args, missing.starts, self.args.address or ""
        workers = min(args.workers or 1, max(1, len(tasks)))
        cores = 1 if address else max(1, available_cpus() // workers)
        where = missing.file, self.shards.manifest, self.model.folder
        setup = Setup(*where, args.device, workers, cores, address, args.gpus or 0.0)
        if args.engine and tasks:
            return embed_with_daft(tasks, setup, self.cancel)
        if workers > 1:
            return embed_in_processes(tasks.items(), setup, self.cancel)
        shards = (embed_shard(setup, self.model, *task, self.cancel) for task in tasks.items())
        return chain.from_iterable(shards)

    def put(self, counts: LabelCounts) -> None:
        """Print the counts of the labels."""
        concepts = required_concepts(self.args)
        named = {one.name: counts.labels[one.name] for one in concepts if not one.is_reject}
        folder, unread = self.shards.path, counts.problems.total()
        if self.args.json:
            used = self.model.device_used
            put_json(
                {
                    "out": str(folder),
                    "images": counts.images,
                    "shards": len(shards_there(folder)),
                    "embedded": self.embedded,
                    "labels": named,
                    "unlabelled": counts.unlabelled,
                    "unreadable": unread,
                    "model": model_name(self.model),
                    "device": used.device if used else None,
                }
            )
            return
        put_counts(named.items())
        put(f"{counts.unlabelled:,} without a label, {unread:,} unreadable")
        ran = f"{self.embedded:,} embedded now" if self.embedded else NOTHING_ENCODED
        put(f"{folder}: {counted(counts.images, 'image')}, {self.model.manifest.title}; {ran}")


def _labeller_of(args: argparse.Namespace, model: LoadedModel, cancel: CancelToken) -> Labeller:
    """Build the labeller from the options: names, templates and rules."""
    concepts, template_set = required_concepts(args), templates_of(args.templates, model)
    settings = settings_of(args, template_set)
    template_set = settings.template_set or template_set
    cache = None if args.no_cache else text_cache(model)
    encoder = ConceptEncoder(loaded_text(model, cancel).encode, cache, model.translator_for)
    classifier = build_classifier(
        encoder, concepts, template_set, model.head, multi=settings.is_multi, cancel=cancel
    )
    encoder.keep(concepts, template_set)
    return Labeller(settings, classifier, model_name(model), all_scores=args.scores == "all")
