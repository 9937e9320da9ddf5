"""The entry point of `nameplate`: finds the command, handles errors and Ctrl-C."""

import argparse
import difflib
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Final

from nameplate import __version__
from nameplate.cli.command import EXIT_INTERRUPTED, EXIT_USAGE, run_failed, say, say_message
from nameplate.cli.options import refuse_url
from nameplate.cli.refused import check_refused
from nameplate.cli.stop_signals import stop_signals
from nameplate.domain.errors import NameplateError, UsageError
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelledError
from nameplate.plug_ins.failures import (
    PlugInFailure,
    contained,
    follow_failures,
    tell_of_plug_in,
)
from nameplate.plug_ins.feature import Command
from nameplate.plug_ins.registry import commands, not_taken
from nameplate.storage.preferences import check_settings_file, preferences
from nameplate.wording.texts import error_text
from nameplate.wording.translation import in_english

_OF_FRAME: Final = (
    Command("demo", "Label the bundled samples and show them.", "nameplate.cli.commands.demo"),
    Command(
        "label", "Label pictures by naming things, into a CSV.", "nameplate.cli.commands.label"
    ),
    Command(
        "embed", "Turn pictures or prompts into vectors (.npz).", "nameplate.cli.commands.embed"
    ),
    Command(
        "project",
        "Create, inspect, check and merge projects.",
        "nameplate.cli.commands.project",
    ),
    Command(
        "export",
        "Export the labels of a project.",
        "nameplate.cli.commands.export",
    ),
    Command(
        "search", "Find pictures by a sentence or another picture.", "nameplate.cli.commands.search"
    ),
    Command("settings", "Show or change a setting.", "nameplate.cli.commands.settings"),
    Command("window", "Open the window (the default).", "nameplate.cli.commands.window"),
)


def _all_commands() -> dict[str, Command]:
    found = {command.name: command for command in _OF_FRAME}
    own = (command for command in commands() if " " not in command.name)  # and none of `project`
    further = not_taken("command", own, lambda command: command.name, found)
    return found | {command.name: command for command in further}


COMMANDS: Final = _all_commands()
"""All commands by name: the frame's, and then those of the features."""

_EPILOG: Final = (
    "Without a command the window opens: nameplate [FOLDER ...]. "
    "Exit codes: 0 done; 1 some pictures could not be read; 2 wrong usage; "
    "3 model, device or installation problem; 130 interrupted."
)
_ENCODING: Final = "PYTHONIOENCODING"
_OF_THE_PROGRAM: Final = ("-h", "--help", "--version")


def run(arguments: Sequence[str]) -> int:
    """Run one command and return the exit code."""
    _let_streams_print_anything()
    follow_failures("terminal", _say_plug_in)
    with stop_signals() as cancel:
        try:
            words = _with_command(arguments)
            _use_preferences(words[0])
            args = parser_of(words[0]).parse_args(words)
            return args.run(args, cancel)
        except NameplateError as error:
            with in_english():  # the window may have set its language
                say(error_text(error))
            return error.exit_code
        except (CancelledError, KeyboardInterrupt):
            say("interrupted; nothing was written")
            return EXIT_INTERRUPTED
        except (Exception, SystemExit) as error:
            if tell_of_plug_in(error):
                return EXIT_USAGE
            if not isinstance(error, (MemoryError, RecursionError, OSError)):
                raise
            # An error that no lower layer reports; a traceback would not help a user.
            why = f"{type(error).__name__} {error}".rstrip()
            say(f"can't continue: {why}")
            return EXIT_USAGE


def _say_plug_in(failure: PlugInFailure) -> None:
    """Say on stderr which plug-in failed; the traceback is in the log alone."""
    from nameplate.storage.failure_log import log_plug_in  # noqa: PLC0415 - rarely needed

    log_plug_in(failure.name, failure.error)
    with in_english():
        say_message(Message("plug-in-failed", {"name": failure.name, "why": failure.why}))


def _use_preferences(command: str) -> None:
    """Apply the settings to a command, and report unusable ones; the window does so itself."""
    for problem in check_settings_file() if command != "window" else ():
        say_message(problem)
    if count := preferences().processors:
        from nameplate.system.processors import limit_processors  # noqa: PLC0415 - 9 ms

        limit_processors(count)


def _with_command(arguments: Sequence[str]) -> list[str]:
    """Return `arguments` with `window` prepended if they name no command.

    Raises:
        UsageError: The first one is neither a command nor an existing path, or they ask for what
            Nameplate does not do.
    """
    first = arguments[0] if arguments else ""
    refuse_url(first)
    if first in COMMANDS or not os.path.lexists(first):
        check_refused(arguments)
    if first in COMMANDS or first in _OF_THE_PROGRAM:
        return list(arguments)
    if first and not first.startswith("-") and not os.path.lexists(first):
        close = difflib.get_close_matches(first, COMMANDS, n=1)
        if close:
            raise UsageError("no-such-command-but", command=first, close=close[0])
        raise UsageError("no-such-command", command=first)
    return ["window", *arguments]


def parser_of(*names: str) -> argparse.ArgumentParser:
    """Return the parser of the commands `names` with their options.

    Where none of them is a command, it is that of all, without options: for help and errors.
    """
    chosen = [COMMANDS[name] for name in names if name in COMMANDS]
    parser = argparse.ArgumentParser(
        prog="nameplate", description="Label pictures by naming things.", epilog=_EPILOG
    )
    parser.add_argument("--version", action="version", version=f"nameplate {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in chosen or COMMANDS.values():
        sub = commands.add_parser(
            command.name, help=command.help, description=command.help, epilog=_EPILOG
        )
        if chosen:
            sub.set_defaults(run=run_failed)
            with contained(command.module):
                module = importlib.import_module(command.module)
                module.add_options(sub)
                sub.set_defaults(run=module.run)
    return parser


def _let_streams_print_anything() -> None:
    # A file name may be unprintable in the terminal's encoding; that must not raise.
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="backslashreplace")
            # Windows would take the code page of old programs for files and pipes.
            if sys.platform == "win32" and not stream.isatty() and _ENCODING not in os.environ:
                reconfigure(encoding="utf-8")
