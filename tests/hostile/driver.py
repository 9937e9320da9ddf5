"""Does one thing to each entry of a folder, one after the other; a process of its own.

Arguments: `read MODEL FOLDER` reads files as the window and as the model does; `check FOLDER` tries
model folders out. Prints a line of JSON before each entry, and one after it with the seconds and
the reason why it cannot be used.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from nameplate.domain.errors import NameplateError
from nameplate.domain.text import escaped
from nameplate.imaging.pictures import thumbnail
from nameplate.inference.manifest import read_manifest
from nameplate.inference.specs import ImageSpec
from nameplate.model_hub import trial
from nameplate.pipeline.reading.prefetch import read_pixels
from nameplate.wording.texts import error_text

limits_of = trial.limits_of
SLOW = 3.0
"""Seconds; what took that long for the window is not read for the model as well."""


def main(act: str, *places: str) -> None:
    *others, folder = map(Path, places)
    spec = read_manifest(others[0]).image if others else None
    for path in sorted(folder.iterdir()):
        tell(name=path.name)
        longest, reason = timed(lambda: thumbnail(path, 256) if spec else check(path))  # noqa: B023
        if spec and longest < SLOW:
            longest = max(longest, timed(lambda: read(path, spec))[0])  # noqa: B023
        tell(name=path.name, seconds=longest, reason=reason)


def read(path: Path, spec: ImageSpec) -> None:
    read_pixels(path, spec)


def check(folder: Path) -> None:
    """Try a folder in a child that all share: a new one for each takes longer than the trial.

    What one leaves in it meets the next, too. In the program each has its own.
    """
    limits = replace(limits_of(folder), bytes=trial.BYTES, keep=True)
    trial.limits_of = lambda _: limits
    if problems := trial.try_out(folder):
        raise NameplateError("faulty-model", problems=problems, remedy="")


def timed(act: Callable[[], object]) -> tuple[float, str]:
    begun, reason = time.monotonic(), ""
    try:
        act()
    except NameplateError as error:
        reason = escaped(error_text(error))  # as it comes onto a terminal
    return time.monotonic() - begun, reason


def tell(**values: object) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
