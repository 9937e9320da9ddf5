"""Converts an exporter's preprocessing configuration to the `[image]` table of a manifest."""

from typing import Final

from nameplate.inference.importers.json_config import Config
from nameplate.inference.specs import CropRounding

# openai/CLIP, clip/clip.py, `_transform`; the defaults of open_clip and transformers
# (open_clip/constants.py, OPENAI_DATASET_MEAN; transformers/image_utils.py,
# OPENAI_CLIP_MEAN).
OPENAI_MEAN: Final = [0.48145466, 0.4578275, 0.40821073]
OPENAI_STD: Final = [0.26862954, 0.26130258, 0.27577711]

# transformers/models/siglip/image_processing_siglip.py: IMAGENET_STANDARD_MEAN and _STD.
HALF: Final = [0.5, 0.5, 0.5]

PILLOW_FILTERS: Final = {2: "bilinear", 3: "bicubic"}
"""`resample` of transformers' processors, a number of `PIL.Image.Resampling` -> its name."""


def from_transformers(config: Config, *, is_siglip: bool, size: int) -> dict[str, object]:
    """Read a `preprocessor_config.json`.

    Args:
        config: The file.
        is_siglip: Whether its defaults are SigLIP's and not CLIP's.
        size: Default of the side, from the graph or the model's configuration.

    Raises:
        ModelError: It needs a preprocessing that is not supported.
    """
    kind = config.text("image_processor_type") or config.text("feature_extractor_type") or ""
    cuts = config.flag("do_center_crop", default=not is_siglip and "Siglip" not in kind)
    resized, is_square = _size(config, "size", size)
    cropped = _size(config, "crop_size", resized)[0] if cuts else resized
    if not config.flag("do_resize", default=True):
        raise config.refuse("do_resize", "must be true: pictures of any size come in")
    factor = config.number("rescale_factor")
    if not config.flag("do_rescale", default=True) or abs((factor or 1 / 255) * 255 - 1) > 1e-3:
        raise config.refuse("rescale_factor", "must be 1/255")
    normalises = config.flag("do_normalize", default=True)
    mean = config.numbers("image_mean") or (HALF if is_siglip else OPENAI_MEAN)
    std = config.numbers("image_std") or (HALF if is_siglip else OPENAI_STD)
    return {
        "size": cropped,
        "resize": "squash" if is_square or not cuts else "shortest",
        "crop": cuts,
        "interpolation": _filter(config),
        "mean": mean if normalises else [0.0, 0.0, 0.0],
        "std": std if normalises else [1.0, 1.0, 1.0],
        **({"resize_to": resized} if resized != cropped else {}),
        **({"crop_rounding": "down"} if cuts else {}),
    }


def from_open_clip(config: Config, size: int, rounding: CropRounding) -> dict[str, object]:
    """Read a `preprocess_cfg` of open_clip, which immich writes too.

    Missing keys have open_clip's defaults (open_clip/transform.py, `PreprocessCfg`).

    Args:
        config: The object.
        size: Default of the side, from the graph or `vision_cfg`.
        rounding: Of the crop; no file contains it.

    Raises:
        ModelError: It needs a preprocessing that is not supported.
    """
    mode = config.text("resize_mode") or "shortest"
    if mode not in {"shortest", "squash"}:
        raise config.refuse("resize_mode", f"must be shortest or squash, not “{mode}”")
    interpolation = config.text("interpolation") or "bicubic"
    if interpolation not in {"bicubic", "bilinear"}:
        raise config.refuse("interpolation", "must be bicubic or bilinear")
    return {
        "size": _side(config, "size", size),
        "resize": mode,
        "crop": mode == "shortest",
        "interpolation": interpolation,
        "mean": config.numbers("mean") or OPENAI_MEAN,
        "std": config.numbers("std") or OPENAI_STD,
        "crop_rounding": rounding,
    }


def openai_defaults(size: int, *, resize: str = "shortest") -> dict[str, object]:
    """Return CLIP's own preprocessing, for folders without a configuration."""
    return {
        "size": size,
        "resize": resize,
        "crop": resize == "shortest",
        "interpolation": "bicubic",
        "mean": OPENAI_MEAN,
        "std": OPENAI_STD,
    }


def _size(config: Config, key: str, default: int) -> tuple[int, bool]:
    """Return the side under `key`, and whether it gives both sides, which means squashing.

    The value is a number, `shortest_edge`, or `height` and `width`
    (transformers/image_processing_utils.py, `get_size_dict`).
    """
    table = config.table(key)
    if not table.exists:
        return config.whole(key) or default, False
    if edge := table.whole("shortest_edge"):
        return edge, False
    height, width = table.whole("height"), table.whole("width")
    if not height or height != width:
        raise config.refuse(key, "must be a square or a shortest edge")
    # For `crop_size` both sides are the usual form and mean nothing more.
    return height, key == "size"


def _side(config: Config, key: str, default: int) -> int:
    """Return the side under `key`: a number, or a list of equal numbers."""
    if not isinstance(config.raw(key), list):
        return config.whole(key) or default
    sides = config.numbers(key) or []
    if not sides or len(set(sides)) != 1:
        raise config.refuse(key, "must be a square")
    return int(sides[0])


def _filter(config: Config) -> str:
    number = config.whole("resample")
    if number is None:
        return "bicubic"
    if number not in PILLOW_FILTERS:
        raise config.refuse("resample", "must be 2 (bilinear) or 3 (bicubic)")
    return PILLOW_FILTERS[number]
