"""What a command is, and what they all end with."""

import argparse
import os
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
from nameplate.storage.scan import ScanProblem

EXIT_DONE: Final = 0
EXIT_SOME_UNREADABLE: Final = 1
EXIT_USAGE: Final = 2
EXIT_MODEL: Final = 3
EXIT_INTERRUPTED: Final = 130

_MOST_LISTED: Final = 20


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
    unread = [f"{problem.path}: {problem.reason}" for problem in problems]
    unread += [f"{images.paths[row]}: {reason}" for row, reason in images.reasons.items()]
    if cancel.is_cancelled:
        say("interrupted; what was done is kept")
        return EXIT_INTERRUPTED
    for line in unread[:_MOST_LISTED]:
        say(line)
    if len(unread) > _MOST_LISTED:
        say(f"and {len(unread) - _MOST_LISTED:,} more")
    return EXIT_SOME_UNREADABLE if unread else EXIT_DONE


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
    try:
        print(text, flush=True)  # noqa: T201
    except BrokenPipeError:
        # Python would try again at exit, and complain.
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    except OSError as error:
        sys.stdout = None
        raise OutputError(f"cannot be written ({error.strerror})", where="stdout") from error
