"""Reads and writes the file of measured speeds; it is bounded and safe to delete."""

import json
import math
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, cast

import platformdirs

from nameplate.domain.errors import OutputError
from nameplate.storage.atomic import write_bytes
from nameplate.storage.folders import make_private_folder, own_folder
from nameplate.storage.text_files import read_json

LARGEST: Final = 100_000
"""Bytes; a hundred models on two devices take a tenth."""

MOST: Final = 500
FASTEST: Final = 1e6
LONGEST_NAME: Final = 200

Speeds = dict[tuple[str, str], float]
"""Images per second by (model id, device), those noted last at the end."""


def speeds_path() -> Path:
    """Return the file, in the platform's data folder."""
    return own_folder(platformdirs.user_data_path) / "speeds.json"


def read_speeds() -> Speeds:
    """Return the valid entries of the file; none where it is missing or damaged."""
    try:
        entries = read_json(speeds_path(), LARGEST)
    except (OSError, ValueError):
        return {}
    if not isinstance(entries, list):
        return {}
    speeds: Speeds = {}
    for entry in cast("list[object]", entries)[-MOST:]:
        if (checked := _checked(entry)) is not None:
            speeds[checked[0], checked[1]] = checked[2]
    return speeds


def write_speeds(speeds: Mapping[tuple[str, str], float]) -> None:
    """Replace the file; where it cannot be written, leave it as it is."""
    entries = [[*key, round(speed, 3)] for key, speed in speeds.items()][-MOST:]
    data = json.dumps(entries, ensure_ascii=True, indent=0).encode()
    path = speeds_path()

    with suppress(OSError, OutputError):
        make_private_folder(path.parent)
        write_bytes(path, data, is_private=True)


def _checked(entry: object) -> tuple[str, str, float] | None:
    """Return an entry of the file, None where it is invalid."""
    match entry:
        case [str(model), str(device), int() | float() as speed] if speed is not True:
            names = max(len(model), len(device)) <= LONGEST_NAME
            is_one = names and math.isfinite(speed) and 0 < speed <= FASTEST
            return (model, device, float(speed)) if is_one else None
        case _:
            return None
