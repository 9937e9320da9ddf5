"""Names pictures: python classify.py PICTURE... (needs onnxruntime, Pillow and numpy)."""

import json
import math
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

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
    picture = ImageOps.exif_transpose(picture)
    if picture.has_transparency_data:
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture.convert("RGBA"))
    picture = picture.convert("RGB")
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
