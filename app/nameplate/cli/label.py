"""`nameplate label`: folders and names in, a CSV out."""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from functools import partial

from nameplate.cli.command import Command, finish, put, say
from nameplate.cli.options import (
    NOTHING_ENCODED,
    add_concept_options,
    add_model_options,
    concepts_of,
    loaded_text,
    open_cache,
    open_model,
    some_path,
    templates_of,
)
from nameplate.cli.outputs import (
    add_overwrite_option,
    beside,
    keeps_earlier,
    output_file,
    output_of,
)
from nameplate.cli.progress import ProgressBar
from nameplate.domain.concepts import Concept
from nameplate.domain.embeddings import Vectors
from nameplate.domain.errors import UsageError
from nameplate.domain.progress import CancelToken
from nameplate.formats.label_export import Report, automatic_report, model_name, template_name
from nameplate.formats.outputs import LABELS
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.caches import text_cache
from nameplate.pipeline.collection import NOT_REACHED, Found, embed_all, find_images
from nameplate.pipeline.embedding import is_any_uncached
from nameplate.pipeline.prompt_encoder import ConceptEncoder, build_classifier, names_cut_short
from nameplate.scoring.scores import select_concepts
from nameplate.storage.embedding_cache import EmbeddingCache


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `label`."""
    parser.add_argument(
        "paths", nargs="+", type=some_path, metavar="PATH", help="images and folders"
    )
    parser.add_argument(
        "--csv",
        type=output_file,
        required=True,
        metavar="FILE",
        help="where to write; - for standard output",
    )
    add_overwrite_option(parser)
    parser.add_argument(
        "--scores",
        choices=["top", "all"],
        default="top",
        help="all: a column with the probability of every concept",
    )
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    add_concept_options(parser)
    add_model_options(parser)


def run(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Label images, write the CSV and print how many got which label."""
    concepts = required_concepts(args)
    output = output_of(args, args.csv, LABELS)
    output.check()
    found = find_images(args.paths, cancel=cancel, limit=args.limit, find_all=output.exists)
    output = output.apart_from(found.images + found.beyond)
    model = open_model(args, cancel)
    report = label_images(args, found, concepts, model, cancel)
    cancel.acknowledge()
    if not keeps_earlier(output, cancel):
        report.write(output, all_scores=args.scores == "all")
        with beside(output):
            _print_summary(args, report, model)
    return finish(report.images, found.problems, cancel)


def required_concepts(args: argparse.Namespace) -> tuple[Concept, ...]:
    """Return the concepts of the options.

    Raises:
        UsageError: There is none that could give a label.
    """
    concepts = concepts_of(args)
    if all(c.is_reject for c in concepts):
        remedy = "Name what the pictures show: --concept cat --concept dog, or --concepts FILE."
        raise UsageError("there is no concept to label with", remedy=remedy)
    return concepts


def label_images(
    args: argparse.Namespace,
    found: Found,
    concepts: tuple[Concept, ...],
    model: LoadedModel,
    cancel: CancelToken,
) -> Report:
    """Embed `found`, score it for `concepts` and return what the CSV will say."""
    template_set = templates_of(args.templates, model)
    with open_cache(args, model) as cache:
        # First, so that a fault in the names shows before the images are read.
        encode = partial(_encode_prompts, model, found, cache)
        encoder = ConceptEncoder(encode, None if args.no_cache else text_cache(model))
        classifier = build_classifier(
            encoder,
            concepts,
            template_set,
            model.head,
            multi=args.multi,
            cancel=cancel,
        )
        encoder.keep(classifier)
        for name in names_cut_short(concepts, template_set, model.is_cut_short):
            say(f"“{name}” is longer than the model reads; its end is not seen")
        if classifier.is_trivial:
            say("with one name every image gets 100%; add another, or --reject other")
        images = embed_all(
            found.images,
            model,
            cache=cache,
            cancel=cancel,
            on_progress=ProgressBar("Reading"),
            on_note=say,
        )
        # Both use one file: whichever came first has met what was wrong with it.
        problem = (encoder.cache and encoder.cache.problem) or (cache and cache.problem)
        if problem:
            say(problem)
    scored = classifier.score(images.embeddings)
    default = 0.5 if args.multi else 0.0
    minimum = default if args.min_probability is None else args.min_probability
    chosen = select_concepts(
        scored, [c.is_reject for c in concepts], minimum=minimum, multi=args.multi
    )
    return automatic_report(
        images,
        concepts,
        scored,
        chosen,
        model=model_name(model),
        templates=template_name(template_set),
    )


def _encode_prompts(
    model: LoadedModel,
    found: Found,
    cache: EmbeddingCache | None,
    prompts: Sequence[str],
    cancel: CancelToken | None,
) -> Vectors:
    """Encode prompts that are not known; the image encoder is loaded beside the text encoder."""
    if is_any_uncached(found.images, cache):
        model.image_part.start()
    return loaded_text(model, cancel).encode(prompts, cancel)


def _print_summary(args: argparse.Namespace, report: Report, model: LoadedModel) -> None:
    counts = Counter(c for chosen in report.chosen for c in chosen)
    named = {c.name: counts[i] for i, c in enumerate(report.concepts) if not c.is_reject}
    reasons = list(report.images.reasons.values())
    missed = reasons.count(NOT_REACHED)
    unread = len(reasons) - missed
    unlabelled = sum(not chosen for chosen in report.chosen) - len(reasons)
    used = model.device_used
    if args.json:
        summary = {
            "csv": str(args.csv),
            "images": len(report.images),
            "labels": named,
            "unlabelled": unlabelled,
            "unreadable": unread,
            "not_reached": missed,
            "model": report.model,
            "device": used.device if used else None,
        }
        put(json.dumps(summary, ensure_ascii=False, indent=2))
        return
    width = max(len(name) for name in named)
    for name, count in named.items():
        put(f"{name:{width}}  {count:6,}")
    more = f", {missed:,} not reached" if missed else ""
    put(f"{unlabelled:,} without a label, {unread:,} unreadable{more}")
    ran = f" on {used.device}" if used else f"; {NOTHING_ENCODED}"
    put(f"{args.csv}: {len(report.images):,} images, {model.manifest.title}{ran}")


COMMAND = Command("label", "Label images by naming concepts; write a CSV.", add_options, run)
