"""The functions of the program that lie between an event of a person and its effect."""

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import nameplate

_PACKAGE = str(Path(nameplate.__file__).parent)

Goal = Callable[..., Any]


def calls_to(goal: Goal, act: Callable[[], object]) -> list[str]:
    """Return the functions of `nameplate` on the stack when `goal` is first called during `act`.

    The outermost is the first, `goal` the last; empty where it is not called.
    Comprehensions and what other packages call in between are left out.
    """
    return next(iter(stacks_at([goal], act)), [])


def stacks_at(goals: list[Goal], act: Callable[[], object]) -> list[list[str]]:
    """Return the functions of `nameplate` on the stack at each call of one of `goals`, in order.

    As `calls_to`, also in threads that begin during `act`; the same path is returned once.
    """
    codes = {goal.__code__ for goal in goals}
    found = list[list[str]]()

    def note(frame: FrameType, event: str, _arg: object) -> None:
        if event == "call" and frame.f_code in codes:
            path = [*_names(frame)][::-1]
            if path not in found:  # a generator is called each time that it goes on
                found.append(path)

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return found


def _names(frame: FrameType | None) -> Iterator[str]:
    """Return the names of functions from `frame` outwards."""
    while frame is not None:
        code = frame.f_code
        if code.co_filename.startswith(_PACKAGE) and not code.co_name.startswith("<"):
            yield code.co_qualname
        frame = frame.f_back
