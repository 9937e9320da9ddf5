"""Loads a CLIP or SigLIP of Hugging Face: `transformers:NAME_OR_FOLDER`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from loaded import (
    IMAGE_FILE,
    TEXT_FILE,
    TOKENIZER_FILE,
    ExportError,
    Loaded,
    Tower,
    model_id,
    reason_of,
)
from numpy.typing import NDArray
from PIL import Image
from transformers import AutoConfig, AutoImageProcessor, AutoModel, AutoTokenizer

from nameplate.domain.embeddings import Head
from nameplate.inference.specs import ImageSpec, TextSpec

FAMILIES = {"clip": "clip", "siglip": "siglip"}
INTERPOLATIONS = {2: "bilinear", 3: "bicubic"}
"""Pillow's numbers, which the processors use."""

NO_FILE = (
    "its tokenizer has no tokenizer.json that transformers uses, but a model of SentencePiece. "
    "open_clip has such models too: export them from there, as in open_clip:ViT-B-16-SigLIP/webli."
)


def load(name: str, *, random_weights: bool) -> Loaded:
    """Load a model of the hub or a folder; code that lies in it is never run.

    Raises:
        ExportError: It is not there, is no CLIP or SigLIP, or lacks a fast tokenizer.
    """
    try:
        config = _known(AutoConfig.from_pretrained(name), name)
        # With "sdpa" attention is one call, which `lean` writes as one operator.
        options = {"attn_implementation": "sdpa", "dtype": torch.float32}
        if random_weights:
            model = AutoModel.from_config(config, **options)
        else:
            model = AutoModel.from_pretrained(name, **options)
        tokenizer = _tokenizer(name)
        processor = AutoImageProcessor.from_pretrained(name, backend="pil")
    except ExportError:
        raise
    except Exception as error:
        remedy = (
            "Check that it holds config.json, the weights, the tokenizer and the preprocessor."
            if Path(name).is_dir()
            else "Models come from a hub: connect to the network, set HF_ENDPOINT to a mirror, or "
            "name a local folder."
        )
        raise ExportError(f"{name} cannot be loaded ({reason_of(error)}). {remedy}") from error
    # The name of a folder, and not where it lies on this machine.
    known_as = Path(name).resolve().name if Path(name).is_dir() else name
    title = known_as + (" with random weights" if random_weights else "")
    return _loaded(model.eval(), tokenizer, processor, title)


def _tokenizer(name: str) -> Any:
    try:
        tokenizer = AutoTokenizer.from_pretrained(name)
    except ImportError as error:  # of SentencePiece, with which the tokenizer would be a slow one
        raise ExportError(NO_FILE) from error
    if not getattr(tokenizer, "is_fast", False):
        raise ExportError(NO_FILE)
    return tokenizer


def _known(config: Any, name: str) -> Any:
    if config.model_type not in FAMILIES:
        known = ", ".join(FAMILIES)
        raise ExportError(f"{name} is a {config.model_type}; what can be exported: {known}.")
    return config


def _loaded(model: Any, tokenizer: Any, processor: Any, title: str) -> Loaded:
    bias = getattr(model, "logit_bias", None)
    context = int(model.config.text_config.max_position_embeddings)
    is_random = title.endswith("random weights")
    image = image_spec(processor)
    return Loaded(
        id=model_id(title.rstrip("/").rpartition("/")[2].replace(" ", "-")),
        title=title,
        source=f"transformers:{title}",
        licence="none: random weights"
        if is_random
        else "that of the weights; see their model card",
        family=FAMILIES[model.config.model_type],
        image_tower=Tower(model, "get_image_features").eval(),
        text_tower=Tower(model, "get_text_features").eval(),
        image=image,
        text=_text_spec(tokenizer, context),
        head=Head(
            kind="softmax" if bias is None else "sigmoid",
            scale=float(model.logit_scale.detach().exp()),
            bias=None if bias is None else float(bias.detach()),
        ),
        tokenizer=json.dumps(json.loads(tokenizer.backend_tokenizer.to_str()), ensure_ascii=False),
        tokens=lambda texts: tokenizer(
            list(texts), padding="max_length", max_length=context, truncation=True
        ).convert_to_tensors("np")["input_ids"],
        transform=_transform(processor),
    )


def _text_spec(tokenizer: Any, context: int) -> TextSpec:
    return TextSpec(
        file=TEXT_FILE,
        tokenizer=TOKENIZER_FILE,
        context_length=context,
        padding="max_length",
        pad_id=int(tokenizer.pad_token_id),
        # transformers cleans inside the tokenizer's file, white space too, and some keep all of it.
        cleaning="none",
    )


def image_spec(processor: Any) -> ImageSpec:
    """Return the spec for an image processor of transformers.

    Raises:
        ExportError: It does something that Nameplate does not.
    """
    size = dict(processor.size)
    shortest = size.get("shortest_edge")
    crops = bool(getattr(processor, "do_center_crop", None))
    sides = dict(processor.crop_size) if crops else size
    side = sides.get("height")
    target = shortest or size.get("height")
    is_known = processor.do_resize and processor.do_rescale and processor.do_normalize
    is_square = side and side == sides.get("width") and target >= side
    interpolation = INTERPOLATIONS.get(int(processor.resample))
    if not is_known or not is_square or interpolation is None or bool(shortest) != crops:
        raise ExportError(f"its preprocessing is not one that Nameplate knows: {size}")
    return ImageSpec(
        file=IMAGE_FILE,
        size=int(side),
        resize="shortest" if shortest else "squash",
        crop=crops,
        interpolation=interpolation,
        mean=tuple(float(m) for m in processor.image_mean),
        std=tuple(float(s) for s in processor.image_std),
        resize_to=int(target) if target != side else None,
        crop_rounding="down" if crops else "round",
    )


def _transform(processor: Any) -> Callable[[Image.Image], NDArray[np.float32]]:
    """Return the processor, on Pillow as the weights were trained, as a function to numpy."""
    return lambda image: np.asarray(processor(image)["pixel_values"][0], dtype=np.float32)
