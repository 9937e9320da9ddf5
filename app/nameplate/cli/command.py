"""What a command is, and what they all end with."""

import argparse
import signal
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nameplate.domain.errors import OutputError
from nameplate.domain.images import ImageTable
from nameplate.domain.progress import CancelToken
from nameplate.domain.text import escaped
from nameplate.formats.outputs import standard_output
from nameplate.imaging.scan import ScanProblem

EXIT_DONE: Final = 0
EXIT_SOME_UNREADABLE: Final = 1
EXIT_USAGE: Final = 2
EXIT_MODEL: Final = 3
EXIT_INTERRUPTED: Final = 130

STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
"""What asks a command to stop: Ctrl-C, and the system or another program."""

_MOST_LISTED: Final = 20
_MOST_OF_A_REASON: Final = 5


@dataclass(frozen=True, slots=True)
class Command:
    """One command of the command line.

    Attributes:
        name: What is typed.
        help: One sentence.
        add_options: Fills the command's parser.
        run: Does the work and returns the exit code.
    """

    name: str
    help: str
    add_options: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, CancelToken], int]


def finish(images: ImageTable, problems: Iterable[ScanProblem], cancel: CancelToken) -> int:
    """List what could not be read on stderr and return the exit code."""
    unread = [(problem.path, problem.reason) for problem in problems]
    unread += [(images.paths[row], reason) for row, reason in images.reasons.items()]
    if cancel.is_cancelled:
        say("interrupted; what was done is kept")
        return EXIT_INTERRUPTED
    lines = _by_reason(unread)
    for line in lines[:_MOST_LISTED]:
        say(line)
    if len(lines) > _MOST_LISTED:
        say(f"and {len(lines) - _MOST_LISTED:,} more")
    return EXIT_SOME_UNREADABLE if unread else EXIT_DONE


def _by_reason(unread: Iterable[tuple[Path, str]]) -> list[str]:
    """Return a line for each file, or one for all of a reason that many share."""
    files = dict[str, list[Path]]()
    for path, reason in unread:
        files.setdefault(reason, []).append(path)
    lines = list[str]()
    for reason, paths in files.items():
        if len(paths) <= _MOST_OF_A_REASON:
            lines += [f"{path}: {reason}" for path in paths]
        else:
            lines.append(f"{len(paths):,} files: {reason}; the first is {paths[0]}")
    return lines


def make_folder(folder: Path, option: str) -> None:
    """Make the folder that `option` names, where it is not there yet.

    Raises:
        OutputError: It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"the folder cannot be made ({error.strerror})"
        remedy = f"Choose another one with {option}."
        raise OutputError(what, where=str(folder), remedy=remedy) from error


def say(text: str) -> None:
    """Print a message for the person, one line on stderr."""
    with suppress(OSError):  # nobody listens: the work goes on
        print(f"nameplate: {escaped(text)}", file=sys.stderr)  # noqa: T201


def put(text: str) -> None:
    """Print data, on stdout.

    Raises:
        OutputError: It cannot be written. A reader that has gone (`| head`) had what it wanted.
    """
    with standard_output() as stdout:
        print(text, file=stdout, flush=True)
