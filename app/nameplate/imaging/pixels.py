"""Converts decoded images of every mode to upright 8-bit RGB.

Converted before any resize: resampling palette indices, premultiplied or hidden colours gives
pixels that are not in the picture.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""The transposition for each value of the EXIF tag Orientation (EXIF 2.32, 4.6.4 A)."""

_UNMULTIPLIED: Final = {"La": "LA", "RGBa": "RGBA"}
_BLOCK_ROWS: Final = 256
_GREY: Final = 128


def upright(image: Image.Image, orientation: object) -> Image.Image:
    """Return the image rotated by its EXIF orientation; unknown values change nothing."""
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return image if turn is None else image.transpose(turn)


def swaps_sides(orientation: object) -> bool:
    """Return whether `upright` swaps width and height for this orientation."""
    return isinstance(orientation, int) and 5 <= orientation <= 8


def decodes_again(image: Image.Image) -> bool:
    """Return whether reading a loaded image's pixels would decode it again.

    pi_heif decodes a file of several pictures again at each use, even if it was scaled in between.
    """
    return image.format == "HEIF" and getattr(image, "is_animated", False)


def to_rgb(image: Image.Image) -> Image.Image:
    """Return a loaded image as 8-bit RGB, with transparent parts on white.

    One that is RGB as it stands is returned itself: a copy would cost half as much as decoding.
    """
    if image.mode == "RGB" and not image.has_transparency_data:
        return image.copy() if decodes_again(image) else image
    if image.mode in ("I", "F") or image.mode.startswith("I;"):
        rgb = Image.fromarray(to_8_bits(np.asarray(image))).convert("RGB")
    elif image.has_transparency_data:
        rgb = _on_white(image)
    else:
        rgb = image.convert("RGB")
    rgb.info.clear()
    return rgb


def to_8_bits(values: NDArray[np.number]) -> NDArray[np.uint8]:
    """Return grey values (H x W) of a wide type scaled to bytes; Pillow would clip them at 255.

    Integers: the range of the format, judged by the largest value: up to 255 they stay as they are,
    up to 4,095 they are 12 bits, up to 65,535 they are 16 bits, so that a dark picture stays dark.
    Wider or negative integers, and floats, have no usual range: the smallest finite value becomes
    black and the largest white; NaN becomes black, infinities the end they point to, and a
    picture of one value mid-grey.
    """
    low, high = _range(values)
    result = np.empty(values.shape, dtype=np.uint8)
    if low == high:
        result.fill(_GREY)
        return result
    for start in range(0, len(values), _BLOCK_ROWS):
        rows = slice(start, start + _BLOCK_ROWS)
        block = np.nan_to_num(values[rows].astype(np.float64), nan=low, posinf=high, neginf=low)
        # Divided before anything is multiplied: the span of two large floats overflows otherwise.
        scaled = (block / 2 - low / 2) / (high / 2 - low / 2) * 255
        result[rows] = np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
    return result


def _range(values: NDArray[np.number]) -> tuple[float, float]:
    if np.issubdtype(values.dtype, np.floating):
        finite = values[np.isfinite(values)]
        return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    low, high = int(values.min()), int(values.max())
    for usual in (0xFF, 0xFFF, 0xFFFF):
        if low >= 0 and high <= usual:
            return 0.0, float(usual)
    return float(low), float(high)


def _on_white(image: Image.Image) -> Image.Image:
    plain = image.convert(_UNMULTIPLIED[image.mode]) if image.mode in _UNMULTIPLIED else image
    colours = plain if plain.mode == "RGBA" else plain.convert("RGBA")
    canvas = Image.new("RGB", colours.size, "white")
    canvas.paste(colours, mask=colours)
    return canvas
