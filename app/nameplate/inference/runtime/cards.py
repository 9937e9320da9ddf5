"""NVIDIA cards of this machine, as the driver's own tool tells of them."""

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
    """A graphics card.

    Attributes:
        name: As its maker calls it.
        driver: Version of its driver.
        free_bytes: Memory of the card that nobody uses now.
    """

    name: str
    driver: str
    free_bytes: int


def nvidia_cards() -> tuple[Card, ...]:
    """Return the NVIDIA cards; none where there is no driver, or it does not answer.

    Asked of `nvidia-smi`, which every driver brings: calling the CUDA library instead would take
    some hundred MB of the card for the answer.
    """
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ()
    # On Windows a console program would open a window for a moment.
    flags = 0x08000000 if os.name == "nt" else 0
    try:
        done = subprocess.run(  # noqa: S603 - a fixed question to the driver's tool
            [tool, *_QUERY], capture_output=True, timeout=_SECONDS, check=True, creationflags=flags
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    lines = bytes(done.stdout).decode("utf-8", "replace").splitlines()
    return tuple(card for line in lines if (card := _card(line)) is not None)


def _card(line: str) -> Card | None:
    parts = [part.strip() for part in line.rsplit(",", 2)]
    if len(parts) != 3 or not parts[2].isdecimal():
        return None
    return Card(parts[0], parts[1], int(parts[2]) * _MEBIBYTE)
