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
    return _write(_greys(), root)


def draw_colours(root: Path, each: int, wrong: frozenset[tuple[str, int]] = frozenset()) -> Path:
    """Draw so many pictures of each colour, no two alike, in folders of their names.

    Those in `wrong` (colour, number) show the next colour.
    """
    return _write(_colours(each, wrong), root)


def _write(files: dict[str, bytes], root: Path) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


@cache
def _colours(each: int, wrong: frozenset[tuple[str, int]]) -> dict[str, bytes]:
    names, files = ("red", "green", "blue"), {}
    for number, colour in enumerate(names):
        for shade in range(each):
            shown = (number + ((colour, shade) in wrong)) % 3
            rgb = list(ImageColor.getrgb(names[shown]))
            rgb[(shown + 1) % 3] = shade
            files[f"{colour}/{shade:02}.png"] = _png(Image.new("RGB", (60, 50), tuple(rgb)))
    return files


def _png(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


@cache
def _greys() -> dict[str, bytes]:
    random = np.random.default_rng(5)
    files = {}
    for name, count in (("grey", GREYS), ("red", REDS)):
        for number in range(count):
            pattern = random.integers(-25, 26, (4, 4, 3))
            pattern = pattern - pattern.mean(axis=(0, 1))  # no two alike, but of one colour
            pixels = np.clip(np.array(COLOURS[name]) + pattern, 0, 255).astype(np.uint8)
            picture = Image.fromarray(pixels).resize((32, 32))
            files[f"{name}/{name[0]}{number:02}.png"] = _png(picture)
    return files
