"""`nameplate benchmark`: how fast this program is on this machine, as a table and as JSON."""

import argparse
import contextlib
import json
import tempfile
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Final

from nameplate.cli.command import EXIT_DONE, EXIT_INTERRUPTED, Command, put, say
from nameplate.cli.options import positive, some_path
from nameplate.domain.progress import CancelToken
from nameplate.services.benchmark.against import require_torch, run_against_torch
from nameplate.services.benchmark.collection import Collection, make_collection
from nameplate.services.benchmark.figures import Figure, figure
from nameplate.services.benchmark.machine import machine
from nameplate.services.benchmark.parts import PARTS
from nameplate.services.benchmark.run import PART_OPTION, Request, run_part
from nameplate.services.benchmark.setting import Setting, others
from nameplate.services.models import model_folder
from nameplate.services.screen import check_qt

IMAGES: Final = 200
_MISSED: Final = "  MISSED"
_BUSY: Final = 10
"""Percent of the processor for others above which a measurement is not one of this program."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `benchmark`."""
    parser.add_argument(
        "--images",
        type=positive,
        default=IMAGES,
        metavar="N",
        help=f"images of 0.5 MP to measure with; fewer is quicker, less sure (default: {IMAGES})",
    )
    parser.add_argument("--model", metavar="ID|DIR", default="starter", help="default: starter")
    parser.add_argument(
        "--device", choices=["auto", "cpu", "cuda"], default="auto", help="default: auto"
    )
    parser.add_argument(
        "--only", choices=list(PARTS), action="append", help="this alone; may be given again"
    )
    parser.add_argument(
        "--against",
        choices=["torch"],
        help="compare with PyTorch on the same weights, too (needs a checkout and PyTorch)",
    )
    parser.add_argument(
        "--keep", type=some_path, metavar="DIR", help="keep the images there, for the next time"
    )
    parser.add_argument(
        "--memory-files",
        type=positive,
        metavar="N",
        help="files that memory is measured with, some of them again and again (default: --images)",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    # How it starts itself, once for each measurement.
    parser.add_argument(PART_OPTION, choices=list(PARTS), help=argparse.SUPPRESS)
    parser.add_argument("--started", type=float, default=0.0, help=argparse.SUPPRESS)


def run(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Measure and print; after Ctrl-C what was measured by then."""
    if args.part:
        return _measure_part(args, cancel)
    if args.against:
        require_torch()
    folder = model_folder(args.model)
    facts = machine()
    figures = list[Figure]()
    with _collection(args, cancel) as collection:
        if not args.json:
            put("\n".join(f"{name:20} {value}" for name, value in facts.items()))
        files = args.memory_files or args.images
        request = Request(collection, folder, args.device, files)
        for one in _measure_all(args, request, cancel):
            figures.append(one)
            if not args.json:
                put(_row(one))
    if args.json:
        result = {
            "machine": facts,
            "images": args.images,
            "figures": [one.as_json() for one in figures],
            "interrupted": cancel.is_cancelled,
        }
        put(json.dumps(result, ensure_ascii=False, indent=2))
    _say_if_busy(figures)
    if cancel.is_cancelled:
        say("interrupted; what was measured stands above")
    return EXIT_INTERRUPTED if cancel.is_cancelled else EXIT_DONE


@contextlib.contextmanager
def _collection(args: argparse.Namespace, cancel: CancelToken) -> Generator[Collection]:
    """Yield the images, made in the folder that is kept or in one that goes afterwards."""
    with contextlib.ExitStack() as stack:
        folder = args.keep
        if folder is None:
            temporary = tempfile.TemporaryDirectory(prefix="nameplate-benchmark-")
            folder = Path(stack.enter_context(temporary))
        say(f"making {args.images:,} images and some larger ones in {folder}")
        yield make_collection(folder, args.images, cancel)


def _measure_all(
    args: argparse.Namespace, request: Request, cancel: CancelToken
) -> Iterator[Figure]:
    for name in args.only or list(PARTS):
        if cancel.is_cancelled:
            return
        say(f"measuring {PARTS[name].title}")
        yield from run_part(name, request, cancel)
    if args.against and not cancel.is_cancelled:
        say("comparing with PyTorch; making the models takes some minutes")
        yield from run_against_torch(request.collection, cancel)


def _say_if_busy(figures: list[Figure]) -> None:
    taken = max((one.value for one in figures if one.key.endswith(".others")), default=0.0)
    if taken > _BUSY:
        say(
            f"other programs took up to {taken:.0f} % of the processor: speeds are lower than on "
            "an idle machine; ratios of one round hold better"
        )


def _row(one: Figure) -> str:
    """Return a line of the table."""
    spread = f"{_number(one.low)} to {_number(one.high)}" if one.rounds > 1 else ""
    target = f"{one.target}{_MISSED if one.is_met is False else ''}"
    part = one.key.partition(".")[0]
    part = PARTS[part].title if part in PARTS else "against PyTorch"
    number = f"{_number(one.value):>10} {one.unit}"
    return f"{part:24} {one.title:42} {number:30} {spread:22} {target}".rstrip()


def _number(value: float) -> str:
    """Return a number with three digits that count, at least."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _measure_part(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Be one of the measurements: print a figure a line."""
    setting = Setting(
        Collection(args.keep, args.images),
        Path(args.model),
        args.device,
        cancel,
        args.started,
        args.memory_files or args.images,
    )
    measure = PARTS[args.part].measure or _measure_window
    shares = list[Figure]()
    with others(args.part, shares):
        for one in measure(setting):
            put(json.dumps(one.as_json()))
    for one in shares:
        put(json.dumps(one.as_json()))
    return EXIT_INTERRUPTED if cancel.is_cancelled else EXIT_DONE


def _measure_window(setting: Setting) -> Iterator[Figure]:
    """Measure from the start of this process to a window that can be used."""
    check_qt()
    from nameplate.ui.first_paint import time_start  # noqa: PLC0415 - Qt only for a window

    started = setting.started or time.monotonic()
    with tempfile.TemporaryDirectory(prefix="nameplate-benchmark-") as folder:
        times = time_start(setting.model, setting.device, Path(folder) / "settings.ini")
    yield figure("window.painted", "first painted", [times.painted - started], "s")
    yield figure("window.usable", "model ready", [times.usable - started], "s")


COMMAND = Command("benchmark", "Measure how fast this machine reads and rates.", add_options, run)
