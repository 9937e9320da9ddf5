"""`nameplate`: which command, its exit code, and Ctrl-C."""

import argparse
import signal
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Final

from nameplate import __version__
from nameplate.cli import demo, doctor, embed, evaluate, label, window
from nameplate.cli.command import EXIT_INTERRUPTED, EXIT_USAGE, Command
from nameplate.domain.errors import NameplateError
from nameplate.domain.progress import CancelToken

COMMANDS: Final[dict[str, Command]] = {
    command.name: command
    for command in (
        demo.COMMAND,
        label.COMMAND,
        embed.COMMAND,
        evaluate.COMMAND,
        doctor.COMMAND,
    )
}

_EPILOG: Final = (
    "Without a command the window opens: nameplate [FOLDER ...]. "
    "Exit codes: 0 done; 1 some images could not be read; 2 wrong usage; "
    "3 model or device problem; 130 interrupted."
)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return the exit code."""
    _let_streams_print_anything()
    if not arguments or (arguments[0] not in COMMANDS and not arguments[0].startswith("-")):
        arguments = [window.COMMAND.name, *arguments]
    args = _parser().parse_args(arguments)
    with _interruptible() as cancel:
        try:
            return args.run(args, cancel)
        except NameplateError as error:
            print(f"nameplate: {error}", file=sys.stderr)  # noqa: T201
            return error.exit_code
        except KeyboardInterrupt:
            return EXIT_INTERRUPTED
        except BrokenPipeError:
            # The reader of stdout (`| head`) has what it wanted; Python would complain at exit.
            sys.stderr.close()
            return EXIT_USAGE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nameplate", description="Label pictures by naming things.", epilog=_EPILOG
    )
    parser.add_argument("--version", action="version", version=f"nameplate {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in (*COMMANDS.values(), window.COMMAND):
        sub = commands.add_parser(
            command.name, help=command.help, description=command.help, epilog=_EPILOG
        )
        command.add_options(sub)
        sub.set_defaults(run=command.run)
    return parser


@contextmanager
def _interruptible() -> Generator[CancelToken]:
    """Yield a token that the first Ctrl-C sets; the second one interrupts at once."""
    cancel = CancelToken()

    def on_interrupt(_signal: int, _frame: FrameType | None) -> None:
        if cancel.is_cancelled:
            raise KeyboardInterrupt
        cancel.cancel()
        print("\nnameplate: stopping; press Ctrl-C again to end at once", file=sys.stderr)  # noqa: T201

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield cancel
    finally:
        signal.signal(signal.SIGINT, before)


def _let_streams_print_anything() -> None:
    # A file name need not be printable in the terminal's encoding; it must never end the work.
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="backslashreplace")
