"""Failures of plug-ins: caught where their code is called, and told once for each package."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Final, NamedTuple

from nameplate.domain.errors import NameplateError
from nameplate.domain.progress import CancelledError

GROUP: Final = "nameplate.features"
"""The entry points that other packages declare their features in."""

_LONGEST: Final = 200
"""Letters that are told of an error at most."""


class PlugInFailure(NamedTuple):
    """The first failure of a plug-in.

    Attributes:
        name: The package, as pip calls it.
        why: The error in a few words.
    """

    name: str
    why: str
    error: BaseException


Listener = Callable[[PlugInFailure], object]

FAILURES: Final = dict[str, PlugInFailure]()
"""The plug-ins that failed in this process, by name."""

_listeners: Final = dict[str, Listener]()
_lock: Final = threading.RLock()


def follow_failures(place: str, listener: Listener) -> None:
    """Call `listener` with the first failure of each plug-in, also with earlier ones.

    Args:
        place: Where it says so, such as "window"; it replaces the listener of that place.
        listener: Called on the thread of the failure.
    """
    with _lock:
        _listeners[place] = listener
        earlier = tuple(FAILURES.values())
    for failure in earlier:
        listener(failure)


def _tell(name: str, error: BaseException) -> None:
    said, kind = " ".join(str(error).split())[:_LONGEST], type(error).__name__
    with _lock:
        if name in FAILURES:
            return
        FAILURES[name] = failure = PlugInFailure(name, f"{kind}: {said}" if said else kind, error)
        listeners = tuple(_listeners.values())
    for listener in listeners:
        listener(failure)


@contextmanager
def contained(module: str) -> Generator[None]:
    """Go on after a failure of a plug-in, `sys.exit()` included, and tell of it.

    Errors of our own modules are raised, as are a person's interrupt and errors that are meant to
    be shown.
    """
    try:
        yield
    except (NameplateError, CancelledError):
        raise
    except (Exception, SystemExit) as error:
        if is_ours(module):
            raise
        _tell(_package_of(module) or module, error)


def tell_of_plug_in(error: BaseException) -> bool:
    """Tell of a failure if the code of a plug-in raised it; return whether it did."""
    if isinstance(error, (NameplateError, CancelledError, KeyboardInterrupt)):
        return False
    for module in _modules_of(error):
        if name := _package_of(module):
            _tell(name, error)
            return True
    return False


def is_ours(module: str) -> bool:
    """Return whether a module is one of Nameplate's."""
    return module.partition(".")[0] == "nameplate"


def _package_of(module: str) -> str:
    """Return the package that a module of a plug-in came with, as pip calls it, else nothing."""
    for length in (None, 1):  # the module that is declared, or one beside it
        for entry_point in plug_ins():
            declared = entry_point.module.split(".")[:length]
            if module.split(".")[: len(declared)] == declared:
                return str(entry_point.dist.name) if entry_point.dist else entry_point.module
    return ""


@cache
def plug_ins() -> tuple[EntryPoint, ...]:
    """Return the entry points of the plug-ins that are installed."""
    return tuple(entry_points(group=GROUP))


def _modules_of(error: BaseException) -> list[str]:
    """Return the modules in the traceback of an error."""
    found, at = list[str](), error.__traceback__
    while at is not None:
        found.append(str(at.tb_frame.f_globals.get("__name__", "")))
        at = at.tb_next
    return found
