"""Shared parts of commands: extension by features, exit codes, output to stdout and stderr."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeVar

from nameplate.domain.images import ImageTable
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelToken
from nameplate.domain.text import cells, escaped, padded
from nameplate.formats.outputs.output import standard_output
from nameplate.imaging.scan import ScanProblem
from nameplate.plug_ins.failures import contained, is_ours
from nameplate.plug_ins.registry import features
from nameplate.wording.numbers import format_number
from nameplate.wording.texts import text_of, what_of

EXIT_DONE: Final = 0
EXIT_SOME_UNREADABLE: Final = 1
EXIT_USAGE: Final = 2
EXIT_MODEL: Final = 3
EXIT_INTERRUPTED: Final = 130

_MOST_LISTED: Final = 20
_MOST_OF_A_REASON: Final = 5

_Found = TypeVar("_Found")


def add_feature_options(
    command: str, parser: argparse.ArgumentParser, *groups: Any, after: str = ""
) -> None:
    """Add the options by which features extend a command; see `Extension`.

    The parser's defaults have those of a plug-in too, by its module.
    """
    for module in _extending(command, after):
        with contained(module):
            add_options = import_module(module).add_options
            add_options(parser, *groups)
            if not is_ours(module):
                alone = argparse.ArgumentParser(add_help=False)
                add_options(alone, *([alone] * len(groups)))
                parser.set_defaults(**{module: vars(alone.parse_known_args([])[0])})


def run_feature(command: str, args: argparse.Namespace, cancel: CancelToken) -> int | None:
    """Run a command by the feature whose options were given; return None if none were given.

    Where that is a plug-in that fails, the exit code is that of wrong usage.
    """
    for module in _extending(command):
        defaults: dict[str, object] = getattr(args, module, {})
        is_given = any(getattr(args, name) != value for name, value in defaults.items())
        code = EXIT_USAGE if is_given else None
        with contained(module):
            code = import_module(module).run(args, cancel)
        if code is not None:
            return code
    return None


def from_extensions(command: str, found: Callable[[Any], _Found]) -> Iterator[_Found]:
    """Yield a value of each module that extends a command, without those of failing plug-ins."""
    for module in _extending(command):
        values = list[_Found]()
        with contained(module):
            values.append(found(import_module(module)))
        yield from values


def run_failed(*_: object) -> int:
    """Return the exit code of a command of a plug-in that failed before it could run."""
    return EXIT_USAGE


def _extending(command: str, after: str | None = None) -> Iterator[str]:
    """Yield the modules with which features extend a command; see `Extension`.

    With `after`, only those whose options come after these.
    """
    for feature in features():
        for extension in feature.extensions:
            if extension.command == command and after in (None, extension.after):
                yield f"{feature.package}.{extension.module}"


def put_counts(counts: Iterable[tuple[str, int]]) -> None:
    """Print names with their counts, in two columns."""
    rows = [(escaped(name), format_number(count, "6,")) for name, count in counts]
    width = max((cells(name) for name, _ in rows), default=0)
    for name, count in rows:
        put(f"{padded(name, width)}  {count}")


def finish(images: ImageTable, problems: Iterable[ScanProblem], cancel: CancelToken) -> int:
    """List unreadable files on stderr and return the exit code."""
    unread = [(problem.path, what_of(problem.reason)) for problem in problems]
    unread += [(images.paths[row], what_of(why)) for row, why in images.reasons.items()]
    if cancel.is_cancelled:
        say("interrupted; what was done is kept")
        return EXIT_INTERRUPTED
    lines = _by_reason(unread)
    say_some(lines, len(lines))
    return EXIT_SOME_UNREADABLE if unread else EXIT_DONE


def say_some(lines: Iterable[str], count: int) -> None:
    """Print the first of `count` lines on stderr, and how many more there are."""
    for line in islice(lines, _MOST_LISTED):
        say(line)
    if count > _MOST_LISTED:
        say(f"and {count - _MOST_LISTED:,} more")


def _by_reason(unread: Iterable[tuple[Path, str]]) -> list[str]:
    """Return a line for each file, or for each reason that many files share."""
    files = dict[str, list[Path]]()
    for path, reason in unread:
        files.setdefault(reason, []).append(path)
    lines = list[str]()
    for reason, paths in files.items():
        if len(paths) <= _MOST_OF_A_REASON:
            lines += [f"{path}: {reason}" for path in paths]
        else:
            lines.append(files_text(len(paths), reason, paths[0]))
    return lines


def files_text(count: int, reason: str, first: object) -> str:
    """Return a line about `count` files that could not be read for the same reason."""
    return f"{counted(count, 'file')}: {reason}; the first is {first}"


def counted(count: int, noun: str) -> str:
    """Return a count with its noun; the plural of `noun` ends in s.

    >>> counted(1, "image"), counted(1200, "image")
    ('1 image', '1,200 images')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def say(text: str) -> None:
    """Print a message, one line on stderr."""
    with suppress(OSError):  # stderr is closed: continue
        print(f"nameplate: {escaped(text)}", file=sys.stderr)  # noqa: T201


def say_message(message: Message) -> None:
    """Print a message with its remedy, one line on stderr."""
    say(text_of(message))


def put(text: str) -> None:
    """Print a line of data on stdout.

    Raises:
        OutputError: It cannot be written. A closed pipe (`| head`) is no error.
    """
    with standard_output() as stdout:
        print(text, file=stdout, flush=True)


def put_json(value: object) -> None:
    """Print `value` as JSON on stdout."""
    put(json.dumps(value, ensure_ascii=False, indent=2))
