"""`nameplate [FOLDER ...]`: the window."""

import argparse
import sys
from pathlib import Path

from nameplate.cli.command import Command
from nameplate.cli.options import add_model_options, model_folder
from nameplate.domain.progress import CancelToken
from nameplate.inference.runtime import load_runtime


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the window."""
    parser.add_argument("paths", nargs="*", type=Path, metavar="FOLDER", help="images and folders")
    add_model_options(parser)


def run(args: argparse.Namespace, _cancel: CancelToken) -> int:
    """Show the window until it is closed."""
    if sys.platform == "win32":
        # WORKAROUND for https://github.com/microsoft/onnxruntime/issues/26127: the runtime must
        # load its libraries before Qt loads other versions of them.
        load_runtime()
    from nameplate.ui.app import run_window  # noqa: PLC0415 - Qt is loaded only for a window

    return run_window(
        args.paths, model_folder(args.model), args.device, use_cache=not args.no_cache
    )


COMMAND = Command("window", "Open the window (the default).", add_options, run)
