"""Pixels against both image processors of transformers: on Pillow, and on torchvision's tensors."""

import importlib.util

import numpy as np
import pytest
from PIL import Image

from nameplate.inference.fields import read_json
from nameplate.inference.importers.configs import from_transformers
from nameplate.inference.preprocess import pixels
from nameplate.inference.specs import ImageSpec

pytestmark = [
    pytest.mark.parity,
    pytest.mark.filterwarnings("default"),
    pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs PyTorch"),
]

SIDE = 32
SHAPES = [(SIDE + margin, 40) for margin in range(9)] + [(61, 93), (93, 60), (400, 225)]
LEVEL = 1.001 / 255
"""A level of 8 bits, and the rounding of float32."""


def picture(width, height):
    """Return colours that change smoothly, so that a crop a pixel off is seen everywhere."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [np.sin(x / 5 + k) * 60 + np.cos(y / (4 + k)) * 60 + 128 for k in range(3)]
    return Image.fromarray(np.stack(planes, axis=-1).astype(np.uint8))


def processor_of(backend, folder, resample):
    from transformers import AutoImageProcessor, CLIPImageProcessor

    CLIPImageProcessor(
        size={"shortest_edge": SIDE},
        crop_size={"height": SIDE, "width": SIDE},
        resample=resample,
    ).save_pretrained(folder)
    return AutoImageProcessor.from_pretrained(folder, backend=backend)


@pytest.mark.parametrize("resample", [2, 3])
@pytest.mark.parametrize("backend", ["pil", "torchvision"])
def test_pixels_are_those_of_the_processor_at_odd_margins_too(backend, resample, tmp_path):
    processor = processor_of(backend, tmp_path, resample)
    config = read_json(tmp_path, "preprocessor_config.json")
    values = from_transformers(config, is_siglip=False, size=SIDE)
    spec = ImageSpec(file="image.onnx", **values)
    off = []
    for shape in SHAPES:
        image = picture(*shape)
        its = np.asarray(processor(image)["pixel_values"][0])
        std = np.array(spec.std, np.float32)[:, None, None]
        off.append(float((np.abs(pixels(image, spec) - its) * std).max()))
    assert max(off) <= LEVEL, dict(zip(SHAPES, off, strict=True))
