"""The progress bar of the command line: on stderr, drawn only on a terminal."""

import sys
import time
from collections.abc import Callable, Generator
from typing import Final, TypeVar

from nameplate.domain.progress import Progress
from nameplate.wording.numbers import format_number, time_left

_WIDTH: Final = 28
_SECONDS_BETWEEN: Final = 0.1

T = TypeVar("T")


def _whole(number: float) -> str:
    return format_number(number, ",.0f")


class ProgressBar:
    """Draws one line with units done, rate and time left."""

    def __init__(self, verb: str, format_units: Callable[[float], str] = _whole) -> None:
        """Create a bar that is not drawn yet; `verb` is the activity, such as “Reading”."""
        self._verb = verb
        self._format_units = format_units
        self._is_shown = sys.stderr is not None and sys.stderr.isatty()
        self._last = 0.0

    def __call__(self, progress: Progress) -> None:
        """Draw `progress`, at most ten times a second."""
        now = time.monotonic()
        is_last = progress.done >= progress.total
        if not self._is_shown or (now - self._last < _SECONDS_BETWEEN and not is_last):
            return
        self._last = now
        filled = _WIDTH * progress.done // max(1, progress.total)
        bar = "█" * filled + "░" * (_WIDTH - filled)
        units = self._format_units
        amount = f"{units(progress.done)} of {units(progress.total)}  {units(progress.rate)}/s"
        line = f"{self._verb} {bar} {amount}  {time_left(progress.seconds_left)}"
        sys.stderr.write(f"\r{line}\x1b[K" + ("\n" if is_last else ""))
        sys.stderr.flush()


def result_of(work: Generator[Progress, None, T], bar: Callable[[Progress], object]) -> T:
    """Run `work` to its end, showing its progress; return its result."""
    while True:
        try:
            bar(next(work))
        except StopIteration as end:
            return end.value
