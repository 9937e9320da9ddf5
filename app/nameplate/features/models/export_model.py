"""`nameplate export-model`: run the exporter of a source checkout; it needs PyTorch.

The exporter is no part of the package, and the package imports no training framework: it is in
`models/export` and runs in a separate process (docs/adr/0006-exporting.md).
"""

import argparse
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from nameplate.cli.command import EXIT_DONE, EXIT_INTERRUPTED, EXIT_MODEL
from nameplate.cli.options import some_path
from nameplate.domain.errors import ModelError, UsageError
from nameplate.domain.progress import CancelToken
from nameplate.storage.resources import data_root
from nameplate.system.child import own_environment

INSTALL: Final = 'pip install -e ".[cpu,export]"'
LIBRARIES: Final = {"open_clip": "open_clip", "transformers": "transformers"}
"""Kinds of sources, and the modules that each imports."""

_NEEDED: Final = ("torch", "onnx", "onnxscript", "onnxruntime")
_WAIT: Final = 0.2
_STOP_TIMEOUT: Final = 10.0
"""Seconds that an exporter has to remove its files before it is killed."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `export-model`."""
    parser.add_argument(
        "source",
        metavar="SOURCE",
        help=(
            "open_clip:ARCH/TAG, open_clip:ARCH@CHECKPOINT, transformers:NAME_OR_FOLDER, or the "
            "path of a checkpoint or folder with its configuration"
        ),
    )
    help_text = "the folder to make"
    parser.add_argument("--out", type=some_path, required=True, metavar="DIR", help=help_text)
    smaller = parser.add_mutually_exclusive_group()
    help_text = "8-bit weights; refused where results would change"
    smaller.add_argument("--int8", action="store_true", help=help_text)
    smaller.add_argument("--fp16", action="store_true", help="16-bit weights, half the size")
    help_text = "the architecture without trained weights, for tests"
    parser.add_argument("--random-weights", action="store_true", help=help_text)


def run(args: argparse.Namespace, cancel: CancelToken) -> int:
    """Export in a separate process and return its exit code."""
    kind, source = _source(str(args.source))
    if os.path.lexists(args.out):
        raise UsageError("export-is-there", where=str(args.out))
    script = _exporter(kind)
    chosen = [name for name in ("int8", "fp16", "random_weights") if getattr(args, name)]
    options = ["--" + name.replace("_", "-") for name in chosen]
    command = [sys.executable, str(script), source, "--out", str(args.out), *options]
    return _wait(command, cancel)


def _source(text: str) -> tuple[str, str]:
    """Return the library for the source `text`, and the source as the exporter takes it."""
    kind, _, name = text.partition(":")
    if kind in LIBRARIES and name:
        return kind, text
    if not text or not os.path.exists(text):  # noqa: PTH110 - Path's raises for a name too long
        raise UsageError("no-source", source=text[:200])
    path = Path(text).resolve()
    folder = path if path.is_dir() else path.parent
    if (folder / "open_clip_config.json").is_file():
        return "open_clip", f"open_clip:{path}"
    if path.is_dir() and (folder / "config.json").is_file():
        return "transformers", f"transformers:{path}"
    raise UsageError("no-architecture", where=str(path))


def _exporter(kind: str) -> Path:
    """Return the path of the exporter."""
    script = data_root() / "models" / "export" / "run.py"
    if getattr(sys, "frozen", False) or not script.is_file():
        raise ModelError("export-needs-checkout", command=INSTALL)
    missing = [n for n in (*_NEEDED, LIBRARIES[kind]) if importlib.util.find_spec(n) is None]
    if missing:
        folder, count = str(script.parents[2]), len(missing)
        raise ModelError(
            "export-needs-libraries", names=tuple(missing), count=count,
            folder=folder, command=INSTALL,
        )  # fmt: skip
    return script


def _wait(command: list[str], cancel: CancelToken) -> int:
    """Run `command` until it exits, or stop it when `cancel` is set.

    It inherits stdout and stderr.
    """
    # The exporter checks its result with this package, wherever it was started from.
    environment = own_environment(Path(command[1]).parent)
    with subprocess.Popen(command, env=environment) as process:  # noqa: S603 - its own arguments
        while True:
            try:
                code = process.wait(_WAIT)
                break
            except subprocess.TimeoutExpired:
                if cancel.is_cancelled:
                    return _end(process, cancel)
    if cancel.is_cancelled or code == EXIT_INTERRUPTED:
        return EXIT_INTERRUPTED
    return EXIT_DONE if code == 0 else EXIT_MODEL


def _end(process: subprocess.Popen[bytes], cancel: CancelToken) -> int:
    cancel.acknowledge()  # it removes its files
    process.terminate()
    try:
        process.wait(_STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
    return EXIT_INTERRUPTED
