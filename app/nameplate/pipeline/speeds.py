"""The measured speed of each model on this machine, by device."""

import threading
from typing import Final

from nameplate.storage.speeds_file import Speeds, read_speeds, write_speeds

MIN_IMAGES: Final = 64
"""A run of fewer measures start-up rather than speed."""

_lock = threading.Lock()


def measured_speeds() -> Speeds:
    """Return images per second from file to embedding, by (model id, device)."""
    return read_speeds()


def record_speed(model_id: str, device: str, *, images: int, seconds: float) -> None:
    """Store the speed of a run; one of fewer than `MIN_IMAGES` images is ignored.

    Args:
        model_id: Of the manifest.
        device: What it really ran on.
        images: How many were decoded and encoded, cached ones not counted.
        seconds: From the first file to the last embedding.
    """
    if images < MIN_IMAGES or seconds <= 0:
        return
    key = (model_id, device)
    with _lock:
        others = {k: v for k, v in read_speeds().items() if k != key}
        write_speeds({**others, key: images / seconds})
