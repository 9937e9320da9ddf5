"""`nameplate evaluate --simulate`: how many actions a folder takes whose truth is known."""

import argparse
import json
import time
from pathlib import Path
from typing import Any, Final

import numpy as np

from nameplate.cli.command import finish, put, put_json, say, say_some
from nameplate.cli.labelling import new_project, settings_of, suggest
from nameplate.cli.options import concepts_of, open_model, positive, templates_of
from nameplate.cli.outputs import outputs_in
from nameplate.cli.progress import ProgressBar
from nameplate.domain.concepts import by_any_name
from nameplate.domain.errors import UsageError
from nameplate.domain.images import ImageState
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken, Progress
from nameplate.domain.text import cells, deferred, padded
from nameplate.features.evaluation.truth import concepts_of_truth, truth_of_folders
from nameplate.features.simulation.curves import CURVES, curves_svg
from nameplate.features.simulation.replay import KnownFolder
from nameplate.features.simulation.rules import (
    LOOKED_FOR,
    TARGETS,
    Simulation,
    simulate,
)
from nameplate.formats.outputs.output import Kind
from nameplate.inference.model import LoadedModel
from nameplate.pipeline.fitting import find_stacks
from nameplate.pipeline.reading.collection import Found, find_images
from nameplate.project.project import Project
from nameplate.scoring.zero_shot import ZeroShot
from nameplate.system.opening import open_regular
from nameplate.wording.numbers import format_number
from nameplate.wording.texts import tr, trn

_SEEDS: Final = 20
_FIRST_KEYS: Final = b'{\n  "images": '
_STRATEGY: Final = {
    "sheets": deferred("pages"),
    "least_sure": deferred("one by one, least sure first"),
    "random": deferred("one by one, by chance"),
    "names_only": deferred("pages, nothing learned"),
}


def _is_own(path: Path) -> bool:
    with open_regular(path) as stream:
        head = stream.read(200)
    return head.startswith(_FIRST_KEYS) and b'"zero_shot"' in head


_REPORT_FILES: Final = {
    "simulation.json": Kind(Message("simulation-json"), _is_own),
    "simulation.svg": CURVES,
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add `--simulate`, `--seeds` and `--no-stacks` to the options of `evaluate`."""
    parser.add_argument(
        "--simulate",
        action="store_true",
        help=tr(
            "let a simulated annotator, who knows the truth, decide all pictures in several ways, "
            "and count what it takes (needs --truth folders)"
        ),
    )
    parser.add_argument(
        "--seeds",
        type=positive,
        default=_SEEDS,
        metavar="N",
        help=tr(
            "replays of each way, each without another tenth of the pictures; certificates are "
            "tried five times as often (default: {count})",
            count=_SEEDS,
        ),
    )
    parser.add_argument(
        "--no-stacks",
        action="store_true",
        help=tr("simulate that copies and bursts are decided picture by picture, not as one"),
    )


def run(args: argparse.Namespace, cancel: CancelToken) -> int | None:
    """Simulate, and print what each way took; None where it is not asked for."""
    if not args.simulate:
        return None
    if args.truth != "folders":
        raise UsageError("simulate-without-folders")
    given = {"--multi": args.multi, "--learn-from": args.learn_from}
    for option in (name for name, value in given.items() if value):
        raise UsageError("simulate-with-other", option=option)
    outputs = outputs_in(args, args.report, "--report", _REPORT_FILES) if args.report else ()
    found = find_images(args.paths, cancel=cancel, limit=args.limit)
    outputs = [output.apart_from(found.images + found.beyond) for output in outputs]
    model = open_model(args, cancel)
    project, folder = known_folder(args, found, model, cancel)
    started, bar = time.monotonic(), ProgressBar(tr("Replaying"))

    def on_done(done: int, total: int) -> None:
        bar(Progress(done, total, time.monotonic() - started))

    result = simulate(folder, args.seeds, cancel, on_done)
    summary = summary_of(result)
    if args.json:
        put_json(summary)
    else:
        _put_table(result)
    if outputs:
        figures, curves = outputs
        figures.write_bytes((json.dumps(summary, ensure_ascii=False, indent=2) + "\n").encode())
        title = tr(
            "{count:,} pictures, {share:.0%} rightly suggested at first",
            count=result.images,
            share=result.zero_shot,
        )
        lines = {tr(_STRATEGY[name]): of.curve for name, of in result.strategies.items()}
        curves.write_bytes(curves_svg(title, lines).encode())
    return finish(project.images, found.problems, cancel)


def known_folder(
    args: argparse.Namespace, found: Found, model: LoadedModel, cancel: CancelToken
) -> tuple[Project, KnownFolder]:
    """Read the images; return them, and those whose truth is one of the names."""
    truth = truth_of_folders(map(str, found.images))
    concepts = concepts_of(args) if args.concept or args.concepts else ()
    concepts = concepts or concepts_of_truth(truth)
    project = new_project(found, concepts, settings_of(args, templates_of(args.templates, model)))
    suggestions = suggest(args, project, model, cancel)
    names, images = suggestions.classifier, project.images
    known = by_any_name(concepts)
    folders = [next(iter(truth.names.get(text, ())), "") for text in images.paths.texts]
    keys = [concept.key for concept in concepts]
    of_image = [known.get(folder.casefold()) for folder in folders]
    place = np.array([-1 if c is None else keys.index(c.key) for c in of_image], np.int64)
    strangers = {folder for folder, c in zip(folders, of_image, strict=True) if not c}
    if strangers:
        count = sum(concept is None for concept in of_image)
        text = trn(
            "{count:,} image is left out: their folder isn't one of the names",
            "{count:,} images are left out: their folder isn't one of the names",
            count,
        )
        say(text)
        say_some(sorted(strangers), len(strangers))
    rows = np.flatnonzero((place >= 0) & (images.states == ImageState.READY))
    if not isinstance(names, ZeroShot) or not names.is_exclusive or len(keys) < 2 or not len(rows):
        raise UsageError("nothing-to-simulate")
    stacks = None if args.no_stacks else find_stacks(images, cancel).taken(rows)
    return project, KnownFolder(names, images.embeddings_of(rows), place[rows], stacks)


def summary_of(result: Simulation) -> dict[str, Any]:
    """Return what `--json` prints."""
    strategies = {
        name: {
            "actions_per_1000": {str(target): n for target, n in of.actions.items()},
            "looked_per_1000": of.looked,
            "curve": of.curve,
        }
        for name, of in result.strategies.items()
    }
    guard, promise = result.guard, result.promise
    return {
        "images": result.images,
        "zero_shot": round(result.zero_shot, 4),
        "strategies": strategies,
        "guard": {
            "runs": len(guard.runs),
            "worst_loss": round(guard.worst_loss, 4),
            "share_within_0.003": round(guard.share_within, 4),
        },
        "promise": promise
        and {
            "precision": promise.precision,
            "replays": len(promise.runs),
            "kept": promise.kept,
            "covered": round(promise.covered, 4),
            "checks": round(promise.checks, 1),
        },
    }


def _put_table(result: Simulation) -> None:
    text = tr(
        "{count:,} images, {share:.1%} rightly suggested by their names alone",
        count=result.images,
        share=result.zero_shot,
    )
    put(text)
    put(
        tr(
            "actions for each 1,000 images until so many labels are right "
            "(0: by their names alone):"
        )
    )
    names = {name: tr(text) for name, text in _STRATEGY.items()}
    width = max(map(cells, names.values()))
    head = "".join(f"{format_number(target, '.0%'):>8}" for target in TARGETS)
    looked = tr("looked at for {share:.0%}", share=LOOKED_FOR)
    put(f"{'':{width}}{head}  {looked}")
    for name, of in result.strategies.items():
        numbers = "".join(f"{format_number(of.actions[target], ',.0f'):>8}" for target in TARGETS)
        put(f"{padded(names[name], width)}{numbers}{format_number(of.looked, ',.0f'):>10}")
    _put_guard(result)
    _put_promise(result)


def _put_guard(result: Simulation) -> None:
    guard = result.guard
    if not guard.runs:
        put(tr("too few images to try whether learning from decisions ever harms"))
        return
    text = tr(
        "learning from 2, 5, 10 and 20% decided by chance, also where names are rare or absent, "
        "{count:,} runs: {share:.1%} as good as names alone or better; at worst {points:.1f} "
        "points fewer right",
        count=len(guard.runs),
        share=guard.share_within,
        points=100 * guard.worst_loss,
    )
    put(text)


def _put_promise(result: Simulation) -> None:
    promise = result.promise
    if promise is None:
        return
    if not promise.covered:
        text = tr(
            "no label could be certified at {share:.0%} right: too few images are that sure",
            share=promise.precision,
        )
    else:
        text = tr(
            "certified at {share:.0%} right: {covered:.0%} of the images, with {checks:,.0f} "
            "checks for each 1,000; true {kept:,} times of {count:,}",
            share=promise.precision,
            covered=promise.covered,
            checks=promise.checks,
            kept=promise.kept,
            count=len(promise.runs),
        )
    put(text)
