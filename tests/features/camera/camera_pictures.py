"""Pictures into which a camera wrote what it knows."""

import os
from pathlib import Path
from typing import Final

from PIL import Image

MAKER, MODEL, EXIF, ORIGINAL = 0x010F, 0x0110, 0x8769, 0x9003
A_MINUTE_AGO: Final = 60_000_000_000


def draw(
    path: Path,
    taken: str = "",
    camera: tuple[str, str] = ("", ""),
    colour: str = "red",
) -> Path:
    """Write a picture with what is given; its file is a minute old, and so can be kept."""
    exif = Image.Exif()
    exif[MAKER], exif[MODEL] = camera
    if taken:
        exif.get_ifd(EXIF)[ORIGINAL] = taken
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (48, 32), colour).save(path, exif=exif)
    then = path.stat().st_mtime_ns - A_MINUTE_AGO
    os.utime(path, ns=(then, then))
    return path


def draw_holiday(folder: Path) -> Path:
    """Write five pictures: of two cameras, and one of none."""
    fuji, nikon = ("FUJIFILM", "X100V"), ("NIKON CORPORATION", "NIKON D750")
    draw(folder / "c" / "1.jpg", "2024:06:12 14:03:11", fuji)
    draw(folder / "c" / "2.jpg", "2023:12:31 23:59:59", nikon, colour="blue")
    draw(folder / "c" / "3.jpg", colour="green")
    draw(folder / "c" / "4.jpg", "2024:06:12 09:00:00", fuji, colour="red")
    draw(folder / "c" / "5.jpg", "2024:08:01 00:00:00", nikon, colour="blue")
    return folder
