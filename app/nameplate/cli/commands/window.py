"""`nameplate [FOLDER ...]`: open the window."""

import argparse
import sys

from nameplate.cli.command import EXIT_INTERRUPTED, say_message
from nameplate.cli.options import add_model_options, add_paths
from nameplate.domain.progress import CancelToken
from nameplate.inference.runtime.library import load_runtime
from nameplate.model_hub.installed import model_folder
from nameplate.system.screen import check_window, letters_missing


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the window."""
    add_paths(parser, "*", "FOLDER")
    add_model_options(parser, default=None)


def run(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Show the window until it is closed."""
    if sys.platform == "win32":
        # WORKAROUND for https://github.com/microsoft/onnxruntime/issues/26127: the runtime must
        # load its libraries before Qt loads other versions of them.
        load_runtime()
    check_window()
    if note := letters_missing():
        say_message(note)
    from nameplate.ui.app import run_window  # noqa: PLC0415 - Qt only for a window

    if cancel.is_cancelled:  # during the import of Qt
        return EXIT_INTERRUPTED
    folder = None if args.model is None else model_folder(args.model)
    code = run_window(args.paths, folder, args.device, cancel, use_cache=not args.no_cache)
    return EXIT_INTERRUPTED if cancel.is_cancelled else code
