"""The measured speed of each model on this machine, by device; bounded and safe to delete."""

import math
import threading
from pathlib import Path
from typing import Final

import platformdirs

from nameplate.storage.folders import own_folder
from nameplate.storage.kept_json import keep, read_kept

MIN_IMAGES: Final = 64
"""A run of fewer measures start-up rather than speed."""

LARGEST: Final = 100_000
"""Bytes; a hundred models on two devices take a tenth."""

MOST: Final = 500
FASTEST: Final = 1e6
LONGEST_NAME: Final = 200

_lock = threading.Lock()

Speeds = dict[tuple[str, str], float]
"""Images per second from file to embedding by (model id, device), those noted last at the end."""


def speeds_path() -> Path:
    """Return the file, in the platform's data folder."""
    return own_folder(platformdirs.user_data_path) / "speeds.json"


def measured_speeds() -> Speeds:
    """Return the valid entries of the file; none if it is missing or damaged."""
    speeds: Speeds = {}
    for entry in read_kept(speeds_path(), LARGEST, list[object]())[-MOST:]:
        match entry:
            case [str(model), str(device), int() | float() as speed] if speed is not True:
                is_named = max(len(model), len(device)) <= LONGEST_NAME
                if is_named and math.isfinite(speed) and 0 < speed <= FASTEST:
                    speeds[model, device] = float(speed)
            case _:
                pass
    return speeds


def record_speed(model_id: str, device: str, *, images: int, seconds: float) -> None:
    """Store the speed of a run; one of fewer than `MIN_IMAGES` images is ignored.

    From the first file to the last embedding, and without images that were cached.
    """
    if images < MIN_IMAGES or seconds <= 0:
        return
    with _lock:
        speeds = measured_speeds()
        speeds.pop((model_id, device), None)
        speeds[model_id, device] = images / seconds
        entries = [[*key, round(speed, 3)] for key, speed in speeds.items()]
        keep(speeds_path(), entries[-MOST:])
