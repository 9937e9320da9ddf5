"""Output files of the commands: their options, and the check against overwriting inputs."""

import argparse
import os
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext, redirect_stdout, suppress
from dataclasses import replace
from pathlib import Path

from nameplate.cli.command import say
from nameplate.domain.errors import NameplateError, OutputError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.domain.text import escaped
from nameplate.formats.outputs.output import STDOUT, Kind, Output
from nameplate.model_hub.installed import model_folder
from nameplate.system.failures import words_of


def add_overwrite_option(parser: argparse.ArgumentParser) -> None:
    """Add `--overwrite`."""
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help=(
            "replace existing files, whatever they are; pictures, models and inputs "
            "are never replaced"
        ),
    )


def add_output_options(parser: argparse.ArgumentParser, name: str) -> None:
    """Add the option `name` of the file to write, and `--overwrite`."""
    help_text = "where to write; - for standard output"
    parser.add_argument(name, type=output_file, required=True, metavar="FILE", help=help_text)
    add_overwrite_option(parser)


def add_scores_option(parser: argparse.ArgumentParser) -> None:
    """Add `--scores`."""
    help_text = "all: a column with the probability of every concept"
    parser.add_argument("--scores", choices=["top", "all"], default="top", help=help_text)


def output_file(text: str) -> Path:
    """Parse an output path (argparse type): a file, or `-` for standard output."""
    if not text:
        raise argparse.ArgumentTypeError("empty path")
    if os.path.basename(text) in ("", ".", ".."):  # noqa: PTH119 - Path drops a `/` at the end
        shown = escaped(text[:200])
        why = f"“{shown}” names a folder, and a file is to be written: add the file's name"
        raise argparse.ArgumentTypeError(why)
    path = Path(text)
    return path.absolute() if path == STDOUT and text != str(STDOUT) else path


def output_of(args: argparse.Namespace, path: Path, kind: Kind) -> Output:
    """Return an output that refuses to overwrite the inputs named by the options."""
    named = {
        Message("truth-file"): getattr(args, "truth", None),
        Message("learned-file"): getattr(args, "learn_from", None),
        Message("concepts-file"): getattr(args, "concepts", None),
        Message("prompts-file"): getattr(args, "text", None),
    }
    words = ("folders", "decisions")
    inputs = {what: Path(file) for what, file in named.items() if file and file not in words}
    return Output(path, kind, args.overwrite, inputs=inputs, model=named_model(args))


def named_model(args: argparse.Namespace) -> Path | None:
    """Return the folder of the model that the options name; None where there is none."""
    with suppress(NameplateError):  # reported when the model is opened
        return model_folder(args.model)
    return None


def outputs_in(
    args: argparse.Namespace, folder: Path, option: str, kinds: Mapping[str, Kind]
) -> tuple[Output, ...]:
    """Return checked outputs in a folder, which is created."""
    elsewhere = Message("choose-another-folder", {"option": option})
    outputs = tuple(
        replace(output_of(args, folder / name, kind), elsewhere=elsewhere)
        for name, kind in kinds.items()
    )
    for output in outputs:
        output.refuse_loss()  # before a folder is created
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = words_of(error)
        raise OutputError("folder-not-made", where=str(folder), why=why, option=option) from error
    for output in outputs:
        output.check()
    return outputs


def keeps_earlier(output: Output, cancel: CancelToken) -> bool:
    """Return whether to keep an earlier result because this run was interrupted."""
    if not (cancel.is_cancelled and output.exists and output.path.stat().st_size):
        return False
    say(f"{output.path} is unchanged; run it again for a complete result")
    return True


def stdout_redirected(output: Output) -> AbstractContextManager[object]:
    """Redirect stdout to stderr in this context if `output` is written to stdout."""
    return redirect_stdout(sys.stderr) if output.is_stdout else nullcontext()
