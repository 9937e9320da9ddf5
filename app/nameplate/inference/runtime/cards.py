"""The NVIDIA graphics cards of this machine, read from `nvidia-smi`."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import Final

_QUERY: Final = ("--query-gpu=name,driver_version,memory.free", "--format=csv,noheader,nounits")
_SECONDS: Final = 5.0
_MEBIBYTE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Card:
    """A graphics card: its name, the version of its driver, and its memory that is free now."""

    name: str
    driver: str
    free_bytes: int


def nvidia_cards() -> tuple[Card, ...]:
    """Return the NVIDIA cards; none without a driver, or if it does not answer.

    Read from `nvidia-smi`, which is part of every driver: a CUDA context would take some hundred MB
    of the card's memory.
    """
    tool = _tool("nvidia-smi.exe" if os.name == "nt" else "nvidia-smi")
    if tool is None:
        return ()
    # On Windows a console program would open a window for a moment.
    flags = 0x08000000 if os.name == "nt" else 0
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments
            [tool, *_QUERY], capture_output=True, timeout=_SECONDS, check=True, creationflags=flags
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    lines = bytes(done.stdout).decode("utf-8", "replace").splitlines()
    return tuple(card for line in lines if (card := _card(line)) is not None)


def _tool(name: str) -> str | None:
    """Return where a program is; never in the current folder, where Windows looks first."""
    folders = filter(os.path.isabs, os.get_exec_path())
    return next(filter(None, (shutil.which(os.path.join(one, name)) for one in folders)), None)  # noqa: PTH118


def _card(line: str) -> Card | None:
    parts = [part.strip() for part in line.rsplit(",", 2)]
    if len(parts) != 3 or not parts[2].isdecimal():
        return None
    return Card(parts[0], parts[1], int(parts[2]) * _MEBIBYTE)
