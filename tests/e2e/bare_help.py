"""Hides system libraries from a process: for its loader they are files of nothing."""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path


def python_without(
    libraries: Iterable[str], folder: Path, *words: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run Python with `words` where `libraries` cannot be loaded, and return what it said.

    Nothing of the caller's screen is known to it but what `environment` says.
    """
    folder.mkdir(exist_ok=True)
    for name in libraries:
        (folder / name).touch()  # the loader takes the first file of that name, and refuses it
    screens = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    rest = {name: value for name, value in os.environ.items() if name not in screens}
    return subprocess.run(
        [sys.executable, *words],
        env={**rest, "LD_LIBRARY_PATH": str(folder), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
