"""`nameplate doctor`: versions, folders, devices, and the self-check of the model."""

import argparse

from nameplate.cli.command import EXIT_DONE, EXIT_MODEL, put, put_json
from nameplate.cli.options import add_json_option, add_model_options
from nameplate.domain.errors import OutputError
from nameplate.domain.progress import CancelToken
from nameplate.features.models.diagnosis import diagnose, facts_of, report_of
from nameplate.pipeline.caches import clear_caches
from nameplate.storage.agreed_hosts import forget
from nameplate.system.waiting import answer_of
from nameplate.wording.texts import text_of


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `doctor`."""
    add_json_option(parser)
    parser.add_argument(
        "--clear-cache",
        action="store_true",
        help="first forget what was read of pictures and names; they are read anew when needed",
    )
    parser.add_argument(
        "--forget-hosts",
        action="store_true",
        help="first forget which other computers you agreed to contact",
    )
    add_model_options(parser)


def run(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Print what is installed, which device really runs, and problems."""
    if args.clear_cache and (problem := clear_caches()):
        raise OutputError(problem)
    if args.forget_hosts:
        forget()
    found = answer_of(lambda: diagnose(args.model, args.device), cancel)
    if args.json:
        problems = [text_of(problem) for problem in found.problems]
        put_json({**facts_of(found), "problems": problems})
    else:
        put(report_of(found))
    return EXIT_MODEL if found.problems else EXIT_DONE
