"""`nameplate settings`: show and change the settings for all projects."""

import argparse
import json

from nameplate.cli.command import EXIT_DONE, put, say_message
from nameplate.domain.errors import UsageError
from nameplate.domain.progress import CancelToken
from nameplate.inference.runtime.providers import device_names
from nameplate.storage.preferences import (
    PREFERENCES,
    USUAL,
    keep_preference,
    parse_preference,
    possible_values,
    preferences,
)
from nameplate.wording.translation import NAMES


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the name and the value of a setting."""
    names = ", ".join(PREFERENCES)
    parser.add_argument("name", nargs="?", metavar="NAME", help=f"{names}; all without one")
    parser.add_argument("value", nargs="?", metavar="VALUE", help="the new value; shown without")


def run(args: argparse.Namespace, _cancel: CancelToken) -> int:
    """Print all settings as they are in the file, print one, or change one."""
    values = preferences()
    if args.name is None:
        for name in PREFERENCES:  # defaults, which the file does not have, as comments
            mark = "# " if values[name] == USUAL[name] else ""
            put(f"{mark}{name} = {json.dumps(values[name], ensure_ascii=False)}")
    elif args.name not in PREFERENCES:
        raise UsageError("no-such-setting", name=args.name, names=tuple(PREFERENCES))
    elif args.value is None:
        value = values[args.name]
        put(value if isinstance(value, str) else json.dumps(value))
    elif problem := keep_preference(args.name, _checked(args.name, args.value)):
        say_message(problem)
    return EXIT_DONE


def _checked(name: str, text: str) -> object:
    """Parse a typed value.

    Raises:
        UsageError: The setting cannot have it, at least on this system.
    """
    here = {"device": device_names(), "language": ("", *NAMES)}.get(name)
    value = parse_preference(name, text)
    if (here and value not in here) or not PREFERENCES[name].takes(value, USUAL[name]):
        values = possible_values(name) if here is None else ", ".join(filter(None, here))
        raise UsageError("no-such-value", name=name, value=text[:40], values=values)
    return value
