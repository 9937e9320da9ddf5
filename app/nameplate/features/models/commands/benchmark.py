"""`nameplate benchmark`: the speed of this machine, as a table or as JSON."""

import argparse
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nameplate import __version__
from nameplate.cli.command import EXIT_DONE, EXIT_INTERRUPTED, put, put_json, say
from nameplate.cli.options import add_json_option, open_model, positive
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.features.models.benchmark import Figure, measure
from nameplate.inference.runtime.providers import device_names
from nameplate.wording.texts import what_of


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `benchmark`."""
    help_text = "pictures to measure with; fewer is quicker and less sure (default: 200)"
    parser.add_argument("--images", type=positive, default=200, metavar="N", help=help_text)
    parser.add_argument("--model", metavar="ID|DIR", default="starter", help="default: starter")
    parser.add_argument("--device", choices=device_names(), default="auto", help="default: auto")
    add_json_option(parser)


def run(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Measure and print; after Ctrl-C print the results so far."""
    model, figures = open_model(args, cancel), list[Figure]()
    with suppress(CancelledError), TemporaryDirectory(prefix="nameplate-benchmark-") as folder:
        for one in measure(model, args.images, Path(folder), cancel):
            if isinstance(one, Message):
                say(f"{what_of(one)} ...")
                continue
            figures.append(one)
            if not args.json:
                put(_row(one))
    cancel.acknowledge()  # only the output is left
    if args.json:
        device = model.device_used
        result = {
            "nameplate": __version__,
            "model": model.manifest.id,
            "device": device.device if device else "",
            "images": args.images,
            "figures": list(map(_worded, figures)),
            "interrupted": cancel.is_cancelled,
        }
        put_json(result)
    if cancel.is_cancelled:
        say("interrupted; what was measured stands above")
    return EXIT_INTERRUPTED if cancel.is_cancelled else EXIT_DONE


def _worded(one: Figure) -> dict[str, Any]:
    """Return a figure with the text of its messages."""
    return {
        "key": one.key,
        "title": what_of(one.title),
        "value": one.value,
        "unit": one.unit if isinstance(one.unit, str) else what_of(one.unit),
        "wanted": what_of(one.wanted) if one.wanted else "",
    }


def _row(figure: Figure) -> str:
    """Return a line of the table, the number with at least three significant digits."""
    one, value = _worded(figure), figure.value
    number = f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
    wanted = one["wanted"] and f"wanted: {one['wanted']}"
    return f"{one['title']:36} {number:>9} {one['unit']:16} {wanted}".rstrip()
