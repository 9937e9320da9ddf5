"""Loads an open_clip model: `open_clip:ARCH[/TAG]`, `ARCH@FILE` or `FILE_OR_FOLDER`.

A checkpoint file is read as data alone: PyTorch refuses one that would run code.
"""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import clip_bpe
import numpy as np
import open_clip
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
from open_clip.pretrained import get_pretrained_cfg
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image

from nameplate.domain.embeddings import Head
from nameplate.inference.specs import ImageSpec, TextSpec

CLEANINGS = {"lower": "clip", "canonicalize": "canonicalize", "whitespace": "repair"}
NO_WEIGHTS = (
    "Name the weights, as in open_clip:ViT-B-32/laion2b_s34b_b79k, or a checkpoint file, as in "
    "open_clip:ViT-B-32@FILE; --random-weights exports the architecture alone."
)
CONFIG = "open_clip_config.json"
CHECKPOINTS = (".safetensors", ".pt", ".pth", ".bin")
WEIGHTS = "open_clip_model"
"""Stem of the checkpoint that open_clip writes, which is taken where a folder holds several."""

PREPROCESSING = ("mean", "std", "interpolation", "resize_mode")


def load(name: str, *, random_weights: bool) -> Loaded:
    """Load `ARCH`, `ARCH/TAG`, `ARCH@FILE`, or the checkpoint or folder of a path.

    The activation (QuickGELU or GELU) is the tag's, since weights trained with one and run with the
    other lose several points of accuracy without any error.

    Raises:
        ExportError: There is no such model, or its weights cannot be got.
    """
    if Path(name).is_absolute():
        return _local(Path(name), random_weights=random_weights)
    arch, tag = _arch_and_tag(name)
    if open_clip.get_model_config(arch) is None:
        if Path(name).exists():
            return _local(Path(name).resolve(), random_weights=random_weights)
        raise ExportError(f"open_clip has no model “{arch}”. See open_clip.list_models().")
    if not tag and not random_weights:
        raise ExportError(f"no weights are named for {arch}. {NO_WEIGHTS}")
    known = get_pretrained_cfg(arch, tag) if tag else {}
    is_file = Path(tag).is_file()
    if tag and not known and not is_file:
        tags = ", ".join(open_clip.list_pretrained_tags_by_model(arch)) or "none"
        raise ExportError(f"“{tag}” is neither a file nor a tag of {arch}. Its tags are: {tags}.")
    if is_file:
        known = usual_preprocessing(arch)
    model = _create(arch, None if random_weights or is_file else tag, known)
    if is_file and not random_weights:
        _load_weights(model, Path(tag), arch)
    title = f"{arch}/{Path(tag).name}" if tag else arch
    return _loaded(model.eval(), _tokenizer_of(arch), title, is_random=random_weights)


def _arch_and_tag(name: str) -> tuple[str, str]:
    arch, at, file = name.partition("@")
    if at:
        return arch, file
    arch, _, tag = name.partition("/")
    return arch, tag


def usual_preprocessing(arch: str) -> dict[str, Any]:
    """Return how all weights that open_clip knows for `arch` have their pictures made.

    A checkpoint does not say it, and open_clip takes CLIP's way for every file, also where all tags
    (of SigLIP, of MobileCLIP) have another one. What is taken instead is printed.

    Returns:
        Mean, deviation, interpolation and resize mode; nothing where that is CLIP's way, where tags
        differ, or where there are none.
    """
    tags = open_clip.list_pretrained_tags_by_model(arch)
    known = [get_pretrained_cfg(arch, tag) for tag in tags]
    found = [{key: one[key] for key in PREPROCESSING if key in one} for one in known]
    usual = asdict(PreprocessCfg())
    is_usual = all(usual[key] == value for one in found for key, value in one.items())
    if is_usual or any(one != found[0] for one in found):
        return {}
    what = ", ".join(f"{key} {value}" for key, value in found[0].items())
    print(f"nameplate: pictures are made as with every tag of {arch}: {what}", file=sys.stderr)
    return found[0]


def _local(path: Path, *, random_weights: bool) -> Loaded:
    """Load a checkpoint with its `open_clip_config.json` beside it, or the folder of both.

    Raises:
        ExportError: One of them is missing or damaged, or they do not belong together.
    """
    folder = path if path.is_dir() else path.parent
    if not (folder / CONFIG).is_file():
        raise ExportError(
            f"there is no {CONFIG} in {folder}, so the architecture is not known. "
            "Name it: open_clip:ARCH@FILE."
        )
    schema = f"local-dir:{folder}"
    name = path.name if path.is_dir() else path.stem
    checkpoint = _checkpoint(folder) if path.is_dir() and not random_weights else path
    try:
        model = open_clip.create_model(schema, load_weights=False, pretrained_text=False)
    except Exception as error:
        raise ExportError(f"{folder / CONFIG} cannot be used ({reason_of(error)})") from error
    if not random_weights:
        _load_weights(model, checkpoint, CONFIG)
    return _loaded(model.eval(), _tokenizer_of(schema), name, is_random=random_weights)


def _checkpoint(folder: Path) -> Path:
    found = sorted(path for path in folder.iterdir() if path.suffix in CHECKPOINTS)
    usual = [path for path in found if path.stem == WEIGHTS] or found
    if not usual or (len(usual) > 1 and usual == found):
        names = ", ".join(path.name for path in found) or "none"
        raise ExportError(f"{folder} does not hold one checkpoint but: {names}. Name the file.")
    return min(usual, key=lambda path: CHECKPOINTS.index(path.suffix))


def _load_weights(model: torch.nn.Module, path: Path, what: str) -> None:
    try:
        open_clip.load_checkpoint(model, str(path), weights_only=True)
    except Exception as error:
        raise ExportError(
            f"{path} does not hold the weights of {what} ({reason_of(error)}). It must be a state "
            "dictionary of open_clip: .safetensors, or .pt with tensors alone."
        ) from error


def _tokenizer_of(name: str) -> Any:
    try:
        return open_clip.get_tokenizer(name)
    except Exception as error:
        raise ExportError(_unreachable(f"the tokenizer of {name}", error)) from error


def _create(arch: str, tag: str | None, known: dict[str, Any]) -> torch.nn.Module:
    options: dict[str, Any] = {"quick_gelu": True} if known.get("quick_gelu") else {}
    try:
        return open_clip.create_model(
            arch,
            pretrained=tag,
            pretrained_text=False,
            force_preprocess_cfg=known,
            require_pretrained=tag is not None,
            **options,
        )
    except Exception as error:
        raise ExportError(_unreachable(f"the weights {tag} of {arch}", error)) from error


def _unreachable(what: str, error: Exception) -> str:
    return (
        f"{what} cannot be loaded ({reason_of(error)}). They come from a model hub: connect to the "
        "network, set HF_ENDPOINT to a mirror, or name a local checkpoint file."
    )


def _loaded(model: Any, tokenizer: Any, name: str, *, is_random: bool) -> Loaded:
    config = open_clip.get_model_preprocess_cfg(model)
    content, text = _text(tokenizer)
    transform = image_transform_v2(PreprocessCfg(**config), is_train=False)
    bias = getattr(model, "logit_bias", None)
    title = f"{name} with random weights" if is_random else name
    return Loaded(
        id=model_id(f"{name}-random-weights" if is_random else name),
        title=title,
        source=f"open_clip:{title}",
        licence="none: random weights"
        if is_random
        else "that of the weights; see their model card",
        family="clip" if bias is None else "siglip",
        image_tower=Tower(model, "encode_image").eval(),
        text_tower=Tower(model, "encode_text").eval(),
        image=image_spec(config),
        text=text,
        head=Head(
            kind="softmax" if bias is None else "sigmoid",
            scale=float(model.logit_scale.detach().exp()),
            bias=None if bias is None else float(bias.detach()),
        ),
        tokenizer=content,
        tokens=lambda texts: tokenizer(list(texts)).numpy(),
        transform=as_pixels(transform),
    )


def as_pixels(transform: Any) -> Callable[[Image.Image], NDArray[np.float32]]:
    """Return torchvision's `transform` as a function to numpy."""
    return lambda image: transform(image).numpy()


def image_spec(config: dict[str, Any]) -> ImageSpec:
    """Return the spec for open_clip's preprocessing `config`.

    Raises:
        ExportError: It has a resize that Nameplate does not know.
    """
    sides = config["size"] if isinstance(config["size"], Sequence) else [config["size"]]
    if len(set(sides)) != 1 or config["resize_mode"] not in ("shortest", "squash"):
        raise ExportError(f"its preprocessing is not one that Nameplate knows: {config}")
    is_squash = config["resize_mode"] == "squash"
    return ImageSpec(
        file=IMAGE_FILE,
        size=int(sides[0]),
        resize="squash" if is_squash else "shortest",
        crop=not is_squash,
        # As open_clip: what is not bilinear is bicubic (its `random` is for training).
        interpolation="bilinear" if config["interpolation"] == "bilinear" else "bicubic",
        mean=tuple(float(m) for m in config["mean"]),
        std=tuple(float(s) for s in config["std"]),
    )


def _text(tokenizer: Any) -> tuple[str, TextSpec]:
    """Return the content of tokenizer.json, and the spec.

    Raises:
        ExportError: The tokenizer is of a kind that has no such file.
    """
    clean = tokenizer.clean_fn.__name__.removeprefix("_clean_")
    inner = getattr(tokenizer, "tokenizer", None)
    if isinstance(tokenizer, open_clip.SimpleTokenizer):
        content, pad = clip_bpe.tokenizer_json(tokenizer), 0
    elif (
        getattr(inner, "is_fast", False)
        and not tokenizer.tokenizer_mode
        and not tokenizer.strip_sep_token
    ):
        content = json.dumps(json.loads(inner.backend_tokenizer.to_str()), ensure_ascii=False)
        pad = int(inner.pad_token_id)
    else:
        raise ExportError(f"its tokenizer ({type(tokenizer).__name__}) has no tokenizers file")
    return content, TextSpec(
        file=TEXT_FILE,
        tokenizer=TOKENIZER_FILE,
        context_length=int(tokenizer.context_length),
        padding="max_length",
        pad_id=pad,
        cleaning=CLEANINGS[clean],
    )
