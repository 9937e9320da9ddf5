"""`nameplate check-certificate FILE`: say whether a certificate fits what lies beside it."""

import argparse
from typing import Final

from nameplate.cli.command import EXIT_DONE, put
from nameplate.cli.options import some_path
from nameplate.domain.progress import CancelToken
from nameplate.features.promise.certificates import check_certificate
from nameplate.wording.texts import what_of

_EXIT_DIFFERS: Final = 1


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `check-certificate`."""
    help_text = "the certificate, or the labels that it lies beside"
    parser.add_argument("file", type=some_path, metavar="FILE", help=help_text)
    parser.add_argument(
        "--pictures",
        type=some_path,
        metavar="DIR",
        help="the folder that paths in the labels begin at: compare the pictures, too",
    )


def run(args: argparse.Namespace, _cancel: CancelToken) -> int:
    """Say what fits and what does not; return 0 where all does, 1 where something does not."""
    found = check_certificate(args.file, args.pictures)
    for message in found.fits:
        put(f"fits: {what_of(message)}")
    for message in found.differs:
        put(f"does not fit: {what_of(message)}")
    for message in found.not_compared:
        put(f"not compared: {what_of(message)}")
    return _EXIT_DIFFERS if found.differs else EXIT_DONE
