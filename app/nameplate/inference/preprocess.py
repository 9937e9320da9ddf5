"""Preprocesses an image for the image encoder, exactly as torchvision and open_clip do.

The reference is open_clip's `image_transform` (src/open_clip/transform.py): torchvision's `Resize`
and `CenterCrop` on a Pillow image, `ToTensor`, `Normalize`. Pillow resizes with antialiasing and
rounds to 8 bits before the conversion to float; that rounding is part of the reference.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nameplate.inference.specs import ImageSpec

FILTERS: Final = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}

LONG_STRIP: Final = 16
"""From this ratio of the sides on only the cropped part is resized. A strip of 30,000 x 1 pixels
would otherwise be resized to 6,720,000 x 224, which is 4.5 GB."""


def pixels(image: Image.Image, spec: ImageSpec, *, is_exact: bool = True) -> NDArray[np.float32]:
    """Return the preprocessed pixels of `image`.

    Args:
        image: Mode RGB, EXIF orientation applied, at least 1 x 1.
        spec: Of the model.
        is_exact: Whether every pixel must equal the reference. Otherwise only the cropped part is
            resized, a quarter faster; one of 10,000 pixels then differs by 1 of 255 levels.

    Returns:
        float32, 3 x size x size (red, green, blue), `(pixel / 255 - mean) / std`.

    Raises:
        ValueError: The image has another mode; the decoder resolves transparency and palettes.
    """
    if image.mode != "RGB":
        raise ValueError(f"an RGB image is needed, not {image.mode}")
    planes = np.empty((3, spec.size, spec.size), dtype=np.float32)
    mean, std = np.asarray(spec.mean, np.float32), np.asarray(spec.std, np.float32)
    # In place and by channel, which fits into a CPU cache: a quarter of the time.
    # The order of operations and their precision are ToTensor's and Normalize's.
    for channel, band in enumerate(_square(image, spec, is_exact=is_exact).split()):
        planes[channel] = np.asarray(band)
        planes[channel] /= np.float32(255.0)
        planes[channel] -= mean[channel]
        planes[channel] /= std[channel]
    return planes


def crop_box(width: int, height: int, spec: ImageSpec) -> tuple[float, float, float, float]:
    """Return the part of a `width` x `height` image that the model sees.

    Returns:
        Left, top, right and bottom in pixels of the original image.
    """
    new_width, new_height = resized_shape(width, height, spec)
    if not spec.crop:
        return 0.0, 0.0, float(width), float(height)
    left, top = _corner((new_width, new_height), spec)
    x, y = width / new_width, height / new_height
    return left * x, top * y, (left + spec.size) * x, (top + spec.size) * y


def resized_shape(width: int, height: int, spec: ImageSpec) -> tuple[int, int]:
    """Return width and height after the resize and before the crop.

    The long side is rounded down, as in torchvision's `_compute_resized_output_size`
    (torchvision/transforms/functional.py).
    """
    side = spec.resized
    if spec.resize == "squash":
        return side, side
    if width <= height:
        return side, int(side * height / width)
    return int(side * width / height), side


def _corner(shape: tuple[int, int], spec: ImageSpec) -> tuple[int, int]:
    """Return left and top of the centred crop in an image resized to `shape`.

    `round` is torchvision's `center_crop` (torchvision/transforms/functional.py), which goes to the
    even number at a half; `down` is that of transformers (image_transforms.py, `center_crop`).
    """
    across, down = (side - spec.size for side in shape)
    if spec.crop_rounding == "down":
        return across // 2, down // 2
    return round(across / 2.0), round(down / 2.0)


def _square(image: Image.Image, spec: ImageSpec, *, is_exact: bool) -> Image.Image:
    """Resize and crop `image` to size x size."""
    resample = FILTERS[spec.interpolation]
    shape = resized_shape(image.width, image.height, spec)
    if spec.crop and (not is_exact or max(shape) >= LONG_STRIP * min(shape)):
        box = crop_box(image.width, image.height, spec)
        return image.resize((spec.size, spec.size), resample, box=box)
    resized = image if shape == image.size else image.resize(shape, resample)
    if not spec.crop:
        return resized
    left, top = _corner(shape, spec)
    return resized.crop((left, top, left + spec.size, top + spec.size))
