"""`nameplate`: which command, its exit code, and Ctrl-C."""

import argparse
import difflib
import os
import signal
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final

from nameplate import __version__
from nameplate.cli import (
    benchmark,
    demo,
    doctor,
    embed,
    evaluate,
    export_model,
    label,
    models,
    window,
)
from nameplate.cli.command import EXIT_INTERRUPTED, EXIT_USAGE, STOPS, Command, say
from nameplate.domain.errors import NameplateError, UsageError
from nameplate.domain.progress import CancelledError, CancelToken

COMMANDS: Final[dict[str, Command]] = {
    command.name: command
    for command in (
        demo.COMMAND,
        label.COMMAND,
        embed.COMMAND,
        evaluate.COMMAND,
        models.COMMAND,
        export_model.COMMAND,
        benchmark.COMMAND,
        doctor.COMMAND,
        window.COMMAND,
    )
}

_EPILOG: Final = (
    "Without a command the window opens: nameplate [FOLDER ...]. "
    "Exit codes: 0 done; 1 some images could not be read; 2 wrong usage; "
    "3 model, device or installation problem; 130 interrupted."
)
_OF_THE_PROGRAM: Final = ("-h", "--help", "--version")


def run(arguments: Sequence[str]) -> int:
    """Run one command and return the exit code."""
    _let_streams_print_anything()
    with _interruptible() as cancel:
        try:
            args = _parser().parse_args(_with_command(arguments))
            return args.run(args, cancel)
        except NameplateError as error:
            say(str(error))
            return error.exit_code
        except (CancelledError, KeyboardInterrupt):
            say("interrupted; nothing was written")
            return EXIT_INTERRUPTED
        except (MemoryError, RecursionError, OSError) as error:
            # What no layer below has words for; a traceback would help nobody who uses this.
            say(f"it cannot go on: {type(error).__name__} {error}".rstrip())
            return EXIT_USAGE


def _with_command(arguments: Sequence[str]) -> list[str]:
    """Return `arguments` with `window` before them where they name no command.

    Raises:
        UsageError: The first one is neither a command nor anything that exists.
    """
    first = arguments[0] if arguments else ""
    if first in COMMANDS or first in _OF_THE_PROGRAM:
        return list(arguments)
    if first and not first.startswith("-") and not os.path.lexists(first):
        close = difflib.get_close_matches(first, COMMANDS, n=1)
        remedy = f"Did you mean “{close[0]}”?" if close else "See nameplate --help."
        raise UsageError(f"“{first}” is neither a command nor a file or folder", remedy=remedy)
    return [window.COMMAND.name, *arguments]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nameplate", description="Label pictures by naming things.", epilog=_EPILOG
    )
    parser.add_argument("--version", action="version", version=f"nameplate {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in COMMANDS.values():
        sub = commands.add_parser(
            command.name, help=command.help, description=command.help, epilog=_EPILOG
        )
        command.add_options(sub)
        sub.set_defaults(run=command.run)
    return parser


@contextmanager
def _interruptible() -> Generator[CancelToken]:
    """Yield a token that the first Ctrl-C sets, or the first wish of the system that this ends.

    The second one interrupts at once.
    """
    cancel = CancelToken()

    def on_interrupt(_signal: int, _frame: FrameType | None) -> None:
        if cancel.is_cancelled:
            raise KeyboardInterrupt
        cancel.cancel()
        with suppress(RuntimeError):  # a line is being printed: two at once cannot be
            say("stopping; press Ctrl-C again to end at once")

    before = {kind: signal.signal(kind, on_interrupt) for kind in STOPS}
    try:
        yield cancel
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


def _let_streams_print_anything() -> None:
    # A file name need not be printable in the terminal's encoding; it must never end the work.
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="backslashreplace")
