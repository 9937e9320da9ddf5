"""Converts an exporter's preprocessing configuration to the `[image]` table of a manifest."""

from typing import Final, cast

from nameplate.domain.messages import Message
from nameplate.inference.fields import (
    Table,
    WrongValueError,
    choice,
    flag,
    number,
    numbers,
    string,
    whole,
)
from nameplate.inference.specs import LARGEST_ID, CropRounding

# openai/CLIP, clip/clip.py, `_transform`; the defaults of open_clip and transformers
# (open_clip/constants.py, OPENAI_DATASET_MEAN; transformers/image_utils.py,
# OPENAI_CLIP_MEAN).
OPENAI_MEAN: Final = [0.48145466, 0.4578275, 0.40821073]
OPENAI_STD: Final = [0.26862954, 0.26130258, 0.27577711]

# transformers/models/siglip/image_processing_siglip.py: IMAGENET_STANDARD_MEAN and _STD.
HALF: Final = [0.5, 0.5, 0.5]

_SIDE: Final = whole(0, LARGEST_ID)
"""0 says as little as a key that is missing; what is too large is refused with the manifest."""

PILLOW_FILTERS: Final = {2: "bilinear", 3: "bicubic"}
"""`resample` of transformers' processors, a number of `PIL.Image.Resampling` -> its name."""


def from_transformers(config: Table, *, is_siglip: bool, size: int) -> dict[str, object]:
    """Read a `preprocessor_config.json`.

    Args:
        config: The file.
        is_siglip: Whether its defaults are SigLIP's and not CLIP's.
        size: Default of the side, from the graph or the model's configuration.

    Raises:
        ModelError: It needs a preprocessing that is not supported.
    """
    processor = config.get("feature_extractor_type", string, "")
    processor = config.get("image_processor_type", string, processor)
    cuts = config.get("do_center_crop", flag, not is_siglip and "Siglip" not in processor)
    resized, is_square = _size(config, "size", size)
    cropped = _size(config, "crop_size", resized)[0] if cuts else resized
    if not config.get("do_resize", flag, default=True):
        config.refuse("do_resize", Message("must-resize"))
    factor = config.get("rescale_factor", number(0, 1), 1 / 255)
    if not config.get("do_rescale", flag, default=True) or abs(factor * 255 - 1) > 1e-3:
        config.refuse("rescale_factor", Message("must-be-a-255th"))
    normalises = config.get("do_normalize", flag, default=True)
    mean = config.get("image_mean", numbers, HALF if is_siglip else OPENAI_MEAN)
    std = config.get("image_std", numbers, HALF if is_siglip else OPENAI_STD)
    return {
        "size": cropped,
        "resize": "squash" if is_square or not cuts else "shortest",
        "crop": cuts,
        "interpolation": config.get("resample", _filter, "bicubic"),
        "mean": mean if normalises else [0.0, 0.0, 0.0],
        "std": std if normalises else [1.0, 1.0, 1.0],
        **({"resize_to": resized} if resized != cropped else {}),
        **({"crop_rounding": "down"} if cuts else {}),
    }


def from_open_clip(config: Table, size: int, rounding: CropRounding) -> dict[str, object]:
    """Read a `preprocess_cfg` of open_clip, which immich writes too.

    Missing keys have open_clip's defaults (open_clip/transform.py, `PreprocessCfg`).

    Args:
        config: The object.
        size: Default of the side, from the graph or `vision_cfg`.
        rounding: Of the crop; no file contains it.

    Raises:
        ModelError: It needs a preprocessing that is not supported.
    """
    mode = config.get("resize_mode", choice("shortest", "squash"), "shortest")
    return {
        "size": config.get("size", _side, 0) or size,
        "resize": mode,
        "crop": mode == "shortest",
        "interpolation": config.get("interpolation", choice("bicubic", "bilinear"), "bicubic"),
        "mean": config.get("mean", numbers, OPENAI_MEAN),
        "std": config.get("std", numbers, OPENAI_STD),
        "crop_rounding": rounding,
    }


def openai_defaults(size: int, *, resize: str = "shortest") -> dict[str, object]:
    """Return CLIP's original preprocessing, for folders without a configuration."""
    return {
        "size": size,
        "resize": resize,
        "crop": resize == "shortest",
        "interpolation": "bicubic",
        "mean": OPENAI_MEAN,
        "std": OPENAI_STD,
    }


def _size(config: Table, key: str, default: int) -> tuple[int, bool]:
    """Return the side under `key`, and whether both sides are given, which means squashing.

    The value is a number, `shortest_edge`, or `height` and `width`
    (transformers/image_processing_utils.py, `get_size_dict`).
    """
    table = config.optional_table(key)
    if not table.exists:
        return config.get(key, _SIDE, 0) or default, False
    if edge := table.get("shortest_edge", _SIDE, 0):
        return edge, False
    height, width = table.get("height", _SIDE, 0), table.get("width", _SIDE, 0)
    if not height or height != width:
        config.refuse(key, Message("must-be-square-or-edge"))
    # For `crop_size` both sides are the usual form and mean nothing more.
    return height, key == "size"


def _side(value: object) -> int:
    """Return a side: a number, or a list of equal numbers."""
    if not isinstance(value, list):
        return _SIDE(value)
    sides = set(numbers(cast("object", value)))
    if len(sides) != 1:
        raise WrongValueError(Message("must-be-square"))
    return _SIDE(sides.pop())


def _filter(value: object) -> str:
    found = _SIDE(value)
    if found not in PILLOW_FILTERS:
        raise WrongValueError(Message("must-be-filter"))
    return PILLOW_FILTERS[found]
