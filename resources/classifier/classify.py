"""Names pictures: python classify.py PICTURE... (needs onnxruntime, Pillow and numpy)."""

import json
import math
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image, ImageOps


def to_rgb(picture: Image.Image) -> Image.Image:
    """Return a picture of any mode as RGB, transparent parts on white."""
    if picture.mode in ("I", "F") or picture.mode.startswith("I;"):
        return Image.fromarray(to_8_bits(np.asarray(picture))).convert("RGB")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    if picture.mode == "La":  # which is converted to this mode alone
        picture = picture.convert("LA")
    picture, canvas = picture.convert("RGBA"), Image.new("RGB", picture.size, "white")
    canvas.paste(picture, mask=picture)
    return canvas


def to_8_bits(values: np.ndarray) -> np.ndarray:
    """Scale 16-bit, 32-bit and float grey values as Nameplate does; Pillow clips them at 255."""
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    if values.dtype.kind != "f" and low >= 0 and high <= 0xFFFF:
        low, high = 0.0, float(next(usual for usual in (0xFF, 0xFFF, 0xFFFF) if high <= usual))
    if low == high:
        return np.full(values.shape, 128, np.uint8)
    values = np.nan_to_num(values.astype(np.float64), nan=low, posinf=high, neginf=low)
    scaled = (values / 2 - low / 2) / (high / 2 - low / 2) * 255
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)


here = Path(__file__).resolve().parent
names = (here / "labels.txt").read_text(encoding="utf-8").splitlines()
how = json.loads((here / "preprocessor_config.json").read_text(encoding="utf-8"))
session = onnxruntime.InferenceSession(str(here / "onnx" / "model.onnx"))
[pixels] = session.get_inputs()
dtype = np.float16 if "float16" in pixels.type else np.float32
mean, std = (np.array(how[key], np.float32) for key in ("image_mean", "image_std"))
keeps_shape = "shortest_edge" in how["size"]
side, crop = next(iter(how["size"].values())), how["crop_size"]["height"]
draft = 2 * math.ceil(how["draft_factor"] * side)
for path in sys.argv[1:]:
    picture = Image.open(path)
    picture.draft(None, (draft, draft))  # a large JPEG is read at a part of its size
    picture = to_rgb(ImageOps.exif_transpose(picture))
    across, down = picture.size if keeps_shape else (side, side)
    shortest = min(across, down)
    picture = picture.resize((side * across // shortest, side * down // shortest), how["resample"])
    if how["do_center_crop"]:
        margins = [(length - crop) / 2 for length in picture.size]
        rounded = round if how["crop_rounding"] == "round" else math.floor
        left, top = map(rounded, margins)
        picture = picture.crop((left, top, left + crop, top + crop))
    batch = ((np.asarray(picture, np.float32) / np.float32(255) - mean) / std).astype(dtype)
    [[found]] = session.run(["probabilities"], {pixels.name: batch.transpose(2, 0, 1)[None]})
    for place in np.argsort(-found)[:5]:
        print(path, names[place], f"{found[place]:.6f}", sep="\t")
