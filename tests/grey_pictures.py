"""Pictures that the tiny model learns about: their colour is none of the names."""

import io
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageColor

from tiny_model import COLOURS

GREYS, REDS = 60, 30


def draw_greys(root: Path) -> Path:
    """Draw sixty grey pictures, `grey/g00.png` and so on, and thirty red ones; return `root`."""
    for name, content in _drawn().items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


@cache
def _drawn() -> dict[str, bytes]:
    random = np.random.default_rng(5)
    files = {}
    for name, count in (("grey", GREYS), ("red", REDS)):
        for number in range(count):
            pattern = random.integers(-25, 26, (4, 4, 3))
            pattern = pattern - pattern.mean(axis=(0, 1))  # no two alike, but of one colour
            pixels = np.clip(np.array(COLOURS[name]) + pattern, 0, 255).astype(np.uint8)
            stream = io.BytesIO()
            Image.fromarray(pixels).resize((32, 32)).save(stream, "PNG")
            files[f"{name}/{name[0]}{number:02}.png"] = stream.getvalue()
    return files


def draw_colours(folder: Path, each: int) -> Path:
    """Save so many pictures of each colour, all a little different, in folders of their names."""
    for number, colour in enumerate(("red", "green", "blue")):
        (folder / colour).mkdir(parents=True)
        for shade in range(each):
            shaded = list(ImageColor.getrgb(colour))
            shaded[(number + 1) % 3] = shade
            Image.new("RGB", (60, 50), tuple(shaded)).save(folder / colour / f"{shade:02}.png")
    return folder
