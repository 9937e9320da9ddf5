"""Makes tests/unit/inference/golden_preprocess.npz with torchvision and transformers themselves.

Run it in an environment with torch, torchvision and transformers (extra `export`):

    python tests/parity/make_golden_preprocess.py

The transforms are those of open_clip's `image_transform` (src/open_clip/transform.py): `Resize` of
the shorter side and `CenterCrop`, or `Resize` of both sides, then `ToTensor` and `Normalize`. Where
the crop rounds down, `CLIPImageProcessorPil` of transformers makes the pixels.
"""

import json
from pathlib import Path

import numpy as np
import torchvision
import transformers
from numpy.typing import NDArray
from PIL import Image
from torchvision.transforms import (
    CenterCrop,
    Compose,
    InterpolationMode,
    Normalize,
    Resize,
    ToTensor,
)
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

TARGET = Path(__file__).parents[1] / "unit" / "inference" / "golden_preprocess.npz"

OPENAI = ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))
HALF = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
PLAIN = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))

# Odd sides, margins of n + 0.5 to both sides of an even number, enlarging, and one long strip.
SHAPES = ((31, 47), (47, 32), (20, 21), (20, 23), (51, 20), (20, 20), (9, 13), (170, 9), (9, 170))
CASES = [
    *[(shape, "shortest", "bicubic", 20, None, OPENAI) for shape in SHAPES],
    ((53, 37), "shortest", "bilinear", 20, None, PLAIN),
    ((31, 66), "shortest", "bilinear", 20, 23, PLAIN),
    ((66, 31), "shortest", "bicubic", 19, 20, OPENAI),
    ((53, 37), "squash", "bicubic", 20, None, HALF),
    ((13, 40), "squash", "bilinear", 20, None, HALF),
]
ODD_MARGINS = ((31, 47), (47, 32), (20, 21), (20, 23), (23, 20), (51, 20))


def picture(width: int, height: int, seed: int) -> NDArray[np.uint8]:
    """Return smooth colours with sharp edges and some noise, so that every filter tap matters."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    waves = [np.sin(x / 3.1 + k) + np.cos(y / (4.3 + k)) for k in range(3)]
    smooth = (np.stack(waves, axis=-1) + 2) * 50
    smooth[(x // 7 + y // 5) % 3 == 0] *= 0.3
    return np.clip(smooth + rng.integers(0, 6, smooth.shape) * 8, 0, 255).astype(np.uint8)


def of_transformers(image: NDArray[np.uint8], size: int) -> NDArray[np.float32]:
    """Return what transformers makes of `image`: float32, 3 x size x size."""
    processor = CLIPImageProcessorPil(
        size={"shortest_edge": size}, crop_size={"height": size, "width": size}
    )
    return np.asarray(processor(Image.fromarray(image))["pixel_values"][0], dtype=np.float32)


def main() -> None:
    """Write the pictures, the specs and what the references make of them."""
    arrays: dict[str, NDArray] = {}
    specs = []
    for number, (shape, resize, interpolation, size, resize_to, (mean, std)) in enumerate(CASES):
        side = resize_to or size
        steps = [
            Resize(
                side if resize == "shortest" else (side, side), InterpolationMode(interpolation)
            ),
            *([CenterCrop(size)] if resize == "shortest" else []),
            ToTensor(),
            Normalize(mean, std),
        ]
        image = picture(*shape, seed=number)
        arrays[f"image_{number}"] = image
        arrays[f"pixels_{number}"] = Compose(steps)(Image.fromarray(image)).numpy()
        keys = ("size", "resize", "interpolation", "resize_to", "mean", "std")
        values = (size, resize, interpolation, resize_to, mean, std)
        specs.append(dict(zip(keys, values, strict=True)))
    for number, shape in enumerate(ODD_MARGINS, len(CASES)):
        image = picture(*shape, seed=number)
        arrays[f"image_{number}"] = image
        arrays[f"pixels_{number}"] = of_transformers(image, 20)
        mean, std = OPENAI
        specs.append(
            {"size": 20, "resize": "shortest", "interpolation": "bicubic", "resize_to": None}
            | {"mean": mean, "std": std, "crop_rounding": "down"}
        )
    made_with = {
        "torchvision": torchvision.__version__,
        "transformers": transformers.__version__,
        "specs": specs,
    }
    arrays["about"] = np.array(json.dumps(made_with))
    np.savez_compressed(TARGET, **arrays)


if __name__ == "__main__":
    main()
