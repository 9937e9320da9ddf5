"""How fast models were on this machine, for who has to choose one or to wait for one."""

import threading
from typing import Final

from nameplate.storage.speeds_file import Speeds, read_speeds, write_speeds

LEAST_IMAGES: Final = 64
"""Fewer tell of start-up rather than of speed."""

_one_at_a_time = threading.Lock()


def measured_speeds() -> Speeds:
    """Return images per second from file to embedding, by (model id, device)."""
    return read_speeds()


def note_speed(model_id: str, device: str, *, images: int, seconds: float) -> None:
    """Remember how long it took to read and encode `images`; too few of them are not noted.

    Args:
        model_id: Of the manifest.
        device: What it really ran on.
        images: That were decoded and encoded; those that a cache knew do not count.
        seconds: From the first file to the last embedding.
    """
    if images < LEAST_IMAGES or seconds <= 0:
        return
    key = (model_id, device)
    with _one_at_a_time:
        others = {k: v for k, v in read_speeds().items() if k != key}
        write_speeds({**others, key: images / seconds})
