"""Converts an exporter's configurations to the `[image]` and `[text]` tables of a manifest."""

from typing import Final, cast

from tokenizers import Tokenizer as FastTokenizer

from nameplate.domain.messages import Message
from nameplate.inference.fields import (
    Fields,
    WrongValueError,
    choice,
    flag,
    number,
    numbers,
    string,
    whole,
)
from nameplate.inference.importers.foreign_facts import Facts
from nameplate.inference.importers.known_models import known
from nameplate.inference.specs import LARGEST_ID, CropRounding
from nameplate.inference.vocabularies import END, START

# openai/CLIP, clip/clip.py, `_transform`; the defaults of open_clip and transformers
# (open_clip/constants.py, OPENAI_DATASET_MEAN; transformers/image_utils.py,
# OPENAI_CLIP_MEAN).
OPENAI_MEAN: Final = [0.48145466, 0.4578275, 0.40821073]
OPENAI_STD: Final = [0.26862954, 0.26130258, 0.27577711]

# transformers/models/siglip/image_processing_siglip.py: IMAGENET_STANDARD_MEAN and _STD.
HALF: Final = [0.5, 0.5, 0.5]

_COUNT: Final = whole(0, LARGEST_ID)
"""0 says as little as a key that is missing; what is too large is refused with the manifest."""

PILLOW_FILTERS: Final = {2: "bilinear", 3: "bicubic"}
"""`resample` of transformers' processors, a number of `PIL.Image.Resampling` -> its name."""


CONTEXTS: Final = {"siglip": 64, "siglip2": 64, "chinese_clip": 52}
"""transformers, SiglipTextConfig.max_position_embeddings; cn_clip/clip/utils.py, `tokenize`."""

CLIP_CONTEXT: Final = 77
"""openai/CLIP, clip/clip.py, `tokenize`."""

LONGEST_CONTEXT: Final = 512
"""`model_max_length` is 10**30 where a tokenizer has none."""

_PADS: Final = ("[PAD]", "<pad>", "<|pad|>")


def from_transformers(config: Fields, *, is_siglip: bool, size: int) -> dict[str, object]:
    """Read a `preprocessor_config.json`; `size` is the default side in pixels.

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


def from_open_clip(config: Fields, size: int, rounding: CropRounding) -> dict[str, object]:
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


def _size(config: Fields, key: str, default: int) -> tuple[int, bool]:
    """Return the side under `key`, and whether both sides are given, which means squashing.

    The value is a number, `shortest_edge`, or `height` and `width`
    (transformers/image_processing_utils.py, `get_size_dict`).
    """
    table = config.optional_table(key)
    if not table.exists:
        return config.get(key, _COUNT, 0) or default, False
    if edge := table.get("shortest_edge", _COUNT, 0):
        return edge, False
    height, width = table.get("height", _COUNT, 0), table.get("width", _COUNT, 0)
    if not height or height != width:
        config.refuse(key, Message("must-be-square-or-edge"))
    # For `crop_size` both sides are the usual form and mean nothing more.
    return height, key == "size"


def _side(value: object) -> int:
    """Return a side: a number, or a list of equal numbers."""
    if not isinstance(value, list):
        return _COUNT(value)
    sides = set(numbers(cast("object", value)))
    if len(sides) != 1:
        raise WrongValueError(Message("must-be-square"))
    return _COUNT(sides.pop())


def _filter(value: object) -> str:
    found = _COUNT(value)
    if found not in PILLOW_FILTERS:
        raise WrongValueError(Message("must-be-filter"))
    return PILLOW_FILTERS[found]


def text_table(
    facts: Facts, vocabulary: FastTokenizer, fixed_length: int | None
) -> dict[str, object]:
    """Return the `[text]` table, without file names."""
    is_clip = vocabulary.token_to_id(START) is not None
    from_open_clip = facts.kind != "transformers"
    registered = known(facts.names)
    pads_with_zero = registered is not None and registered.pads_with_zero
    # A causal CLIP reads its vector at the end token, so the padding after it does not matter;
    # every other encoder was trained with padding to the context length.
    is_causal = facts.model_type == "clip" and is_clip and not pads_with_zero
    return {
        "context_length": fixed_length or _context(facts),
        "padding": "longest" if is_causal and not from_open_clip else "max_length",
        # open_clip pads with 0 (open_clip/tokenizer.py, `SimpleTokenizer.__call__`).
        "pad_id": 0 if is_clip and (from_open_clip or pads_with_zero) else _pad(facts, vocabulary),
        "cleaning": _cleaning(facts, is_clip=is_clip),
    }


def _context(facts: Facts) -> int:
    if facts.kind == "chinese_clip" or facts.model_type == "chinese_clip":
        return CONTEXTS["chinese_clip"]  # its BERT takes 512, and was trained with 52
    if facts.kind != "transformers":
        return facts.text.get("context_length", _COUNT, 0) or CLIP_CONTEXT
    stated = facts.text.get("max_position_embeddings", _COUNT, 0) or CONTEXTS.get(facts.model_type)
    limit = facts.tokenizer.get("model_max_length", number(-1, 1e100), 0) or CLIP_CONTEXT
    return stated or (int(limit) if limit <= LONGEST_CONTEXT else CLIP_CONTEXT)


def _pad(facts: Facts, vocabulary: FastTokenizer) -> int:
    """Return the id of the padding token: the configured one, a usual one, or 0."""
    named = facts.tokenizer.optional_table("pad_token")
    where, key = (named, "content") if named.exists else (facts.tokenizer, "pad_token")
    candidates = (where.get(key, string, _PADS[0]), *_PADS, "</s>" if facts.is_siglip else END)
    ids = map(vocabulary.token_to_id, candidates)
    return next((found for found in ids if found is not None), 0)


def _cleaning(facts: Facts, *, is_clip: bool) -> str:
    option = facts.text.optional_table("tokenizer_kwargs").get("clean", string, None)
    if facts.kind == "transformers" and facts.is_siglip and option is None:
        # transformers, Siglip2Tokenizer: lower case, as in training
        return "lower" if facts.model_type == "siglip2" else "siglip"
    if option == "canonicalize" or (facts.is_siglip and option is None):
        return "canonicalize"
    if facts.kind == "chinese_clip":
        return "lower"  # by Python, which has another letter for a final sigma
    if is_clip or option == "lower":
        return "clip"
    return "whitespace" if facts.kind == "transformers" else "repair"
