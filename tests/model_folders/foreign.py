"""Model folders as other exporters leave them, around two towers that really know six colours.

    from model_folders.foreign import BUILDERS
    folder = BUILDERS["immich"](tmp_path / "immich")

The towers are those of `tiny_model`; what differs is what exporters differ in: names of files and
tensors, types, batch, unit length, tokenizer, configurations.
"""

import gzip
import itertools
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnx

import tiny_model as tiny
from model_folders.graphs import (
    combined,
    of_halves,
    of_levels,
    renamed,
    save,
    unnormalised,
    with_segments,
    with_signed_convolution,
)
from tiny_model import COLOURS, FILLERS, MEAN, STD, SYNONYMS, TinyOptions

OTHER_WORDS = ("itap", "bad", "origami", "large", "in", "video", "game", "art", "small", "my")
SIGLIP_SCALE, SIGLIP_BIAS = 60.0, -30.0
CHINESE_SCALE = 37.0


def towers(options: TinyOptions, words: Sequence[str]) -> tuple[onnx.ModelProto, onnx.ModelProto]:
    """Return an image and a text tower; the text tower's table has one row for each of `words`."""
    rng = np.random.default_rng(options.seed)
    basis = np.linalg.qr(rng.standard_normal((options.dim, options.dim)))[0].astype(np.float32)
    directions = basis[: len(COLOURS)]
    table = tiny.FILLER * tiny._random_rows(len(words), options.dim, rng)
    names = list(COLOURS)
    for number, word in enumerate(words):
        name = SYNONYMS.get(word.removesuffix("</w>"), word.removesuffix("</w>"))
        if name in names:
            table[number] = directions[names.index(name)]
        elif word.startswith(("[", "<")):
            table[number] *= 0.0 if word in {"[PAD]", "<pad>"} else 0.1
    return tiny._image_graph(options, directions, rng), tiny._text_graph(options, table)


def all_words() -> list[str]:
    return [*tiny.SPECIALS, *COLOURS, *SYNONYMS, *FILLERS, *OTHER_WORDS]


def write_json(path: Path, values: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values), encoding="utf-8")


def processor(**changes: object) -> dict[str, object]:
    """Return a `preprocessor_config.json` of CLIP."""
    return {
        "image_processor_type": "CLIPImageProcessor",
        "do_center_crop": True,
        "crop_size": {"height": 32, "width": 32},
        "size": {"shortest_edge": 32},
        "resample": 3,
        "image_mean": list(MEAN),
        "image_std": list(STD),
        **changes,
    }


def build_transformers(folder: Path) -> Path:
    """Hugging Face, split: vectors of any length, a mask, unneeded variants beside."""
    image, text = towers(TinyOptions(attention_mask=True), all_words())
    for stem, model in (("vision_model", image), ("text_model", text)):
        save(unnormalised(model), folder / "onnx" / f"{stem}.onnx")
        (folder / "onnx" / f"{stem}_q4.onnx").write_bytes(b"not read")
    _transformers_configs(folder, "clip", 16)
    return folder


def build_transformers_fp16(folder: Path) -> Path:
    """Hugging Face, split: only float16 variants, pixels and vectors too."""
    image, text = towers(TinyOptions(image_dtype="float16"), all_words())
    save(of_halves(image), folder / "onnx" / "vision_model_fp16.onnx")
    save(of_halves(text), folder / "onnx" / "text_model_fp16.onnx")
    _transformers_configs(folder, "clip", 16)
    return folder


def build_combined(folder: Path) -> Path:
    """Hugging Face: one graph of both towers, whose scale only its logits tell."""
    save(combined(*towers(TinyOptions(), all_words()), scale=42.0), folder / "onnx" / "model.onnx")
    _transformers_configs(folder, "clip", 16)
    return folder


def build_combined_int8(folder: Path) -> Path:
    """Hugging Face: one quantised graph of both towers, with signed weights in its convolution."""
    image, text = towers(TinyOptions(), all_words())
    both = combined(with_signed_convolution(image), text, scale=42.0)
    save(both, folder / "onnx" / "model_int8.onnx")
    _transformers_configs(folder, "clip", 16)
    return folder


def build_siglip(folder: Path) -> Path:
    """SigLIP: `pooler_output`, whole length, no mask, a combined graph beside."""
    options = TinyOptions(context_length=64, fixed_length=True, padding="max_length")
    image, text = towers(options, all_words())
    save(renamed(image, image_embeds="pooler_output"), folder / "onnx" / "vision_model.onnx")
    save(renamed(text, text_embeds="pooler_output"), folder / "onnx" / "text_model.onnx")
    both = combined(image, text, SIGLIP_SCALE, SIGLIP_BIAS)
    save(both, folder / "onnx" / "model.onnx")
    _siglip_configs(folder)
    return folder


def build_siglip_combined(folder: Path) -> Path:
    """SigLIP in one graph at the top, which alone knows scale and bias."""
    options = TinyOptions(context_length=64, fixed_length=True, padding="max_length")
    both = combined(*towers(options, all_words()), SIGLIP_SCALE, SIGLIP_BIAS)
    save(both, folder / "model.onnx")
    _siglip_configs(folder)
    return folder


def build_chinese_clip_combined(folder: Path) -> Path:
    """Chinese-CLIP of Hugging Face in one graph: word pieces, a mask, segment ids."""
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *all_words()[len(tiny.SPECIALS) :], "."]
    image, text = towers(TinyOptions(attention_mask=True), words)
    save(combined(image, with_segments(text), CHINESE_SCALE), folder / "onnx" / "model.onnx")
    _transformers_configs(folder, "chinese_clip", 512)
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    size = {"height": 32, "width": 32}
    changes = {"image_processor_type": "ChineseCLIPImageProcessor", "size": size}
    write_json(folder / "preprocessor_config.json", processor(**changes, do_center_crop=False))
    return folder


def build_vocab_and_merges(folder: Path) -> Path:
    """Hugging Face's older folders: CLIP's words and merges in two files."""
    words, merges = clip_merges()
    image, text = towers(TinyOptions(attention_mask=True), words)
    save(image, folder / "vision_model.onnx")
    save(text, folder / "text_model.onnx")
    _transformers_configs(folder, "clip", 16)
    (folder / "tokenizer.json").unlink()
    write_json(folder / "vocab.json", {word: number for number, word in enumerate(words)})
    lines = ["#version: 0.2", *(" ".join(pair) for pair in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def build_external(folder: Path) -> Path:
    """Hugging Face, split: weights in files of their own with names as long as a disk takes."""
    build_transformers(folder)
    for stem in ("vision_model", "text_model"):
        path = folder / "onnx" / f"{stem}.onnx"
        data = {"save_as_external_data": True, "size_threshold": 64}
        onnx.save(onnx.load(path), path, location=f"{stem}_{'weights' * 30}.onnx_data", **data)
    return folder


def _siglip_configs(folder: Path) -> None:
    _transformers_configs(folder, "siglip", 64)
    size = {"height": 32, "width": 32}
    changes = {"image_processor_type": "SiglipImageProcessor", "size": size, "do_center_crop": None}
    write_json(folder / "preprocessor_config.json", processor(**changes))


def build_immich(folder: Path) -> Path:
    """immich: one picture at a time, int32 tokens of a fixed number."""
    options = TinyOptions(fixed_batch=True, ids_dtype="int32", fixed_length=True)
    image, text = towers(options, all_words())
    save(
        renamed(image, pixel_values="image", image_embeds="embedding"), folder / "visual/model.onnx"
    )
    save(renamed(text, input_ids="text", text_embeds="embedding"), folder / "textual/model.onnx")
    cfg = {"size": [32, 32], "mean": MEAN, "std": STD, "interpolation": "bicubic"}
    write_json(folder / "visual/preprocess_cfg.json", {**cfg, "resize_mode": "shortest"})
    write_json(folder / "config.json", open_clip_cfg())
    (folder / "textual/tokenizer.json").write_text(tiny._tokenizer(all_words()), encoding="utf-8")
    write_json(folder / "textual/tokenizer_config.json", {"pad_token": "[PAD]"})
    return folder


def build_immich_levels(folder: Path) -> Path:
    """immich: a tower that takes uint8 pictures, colours last, and normalises them itself."""
    build_immich(folder)
    path = folder / "visual/model.onnx"
    save(of_levels(renamed(onnx.load(path), image="pixel_values")), path)
    return folder


def build_open_clip(folder: Path) -> Path:
    """open_clip's configuration beside two graphs whose names say nothing."""
    image, text = towers(TinyOptions(), all_words())
    save(text, folder / "a.onnx")
    save(image, folder / "b.onnx")
    write_json(
        folder / "open_clip_config.json",
        {"model_cfg": open_clip_cfg(), "preprocess_cfg": {"mean": MEAN, "std": STD}},
    )
    (folder / "tokenizer.json").write_text(tiny._tokenizer(all_words()), encoding="utf-8")
    return folder


def build_rclip(folder: Path) -> Path:
    """rclip: two graphs and CLIP's merges, no configuration."""
    words, merges = clip_merges()
    image, text = towers(TinyOptions(context_length=77, fixed_length=True), words)
    save(renamed(image, pixel_values="input", image_embeds="output"), folder / "visual.onnx")
    save(renamed(text, input_ids="input", text_embeds="output"), folder / "textual.onnx")
    (folder / "tokenizer").mkdir()
    with gzip.open(folder / "tokenizer/bpe_simple_vocab_16e6.txt.gz", "wt", encoding="utf-8") as s:
        s.write("\n".join(["#version: 0.2", *(" ".join(pair) for pair in merges)]) + "\n")
    return folder


def build_chinese_clip(folder: Path) -> Path:
    """Chinese-CLIP: word pieces, one row at a time, vectors of any length."""
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *all_words()[len(tiny.SPECIALS) :], "."]
    options = TinyOptions(fixed_batch=True, context_length=52, fixed_length=True)
    image, text = (unnormalised(m) for m in towers(options, words))
    image = renamed(image, pixel_values="image", image_embeds="unnorm_image_features")
    text = renamed(text, input_ids="text", text_embeds="unnorm_text_features")
    save(image, folder / "vit-b-16.img.fp32.onnx")
    save(text, folder / "vit-b-16.txt.fp32.onnx")
    (folder / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    return folder


def clip_merges() -> tuple[list[str], list[tuple[str, str]]]:
    """Return a vocabulary in CLIP's order, and the merges that make the known words."""
    from nameplate.inference.vocabularies import END, START, _byte_letters

    merges: list[tuple[str, str]] = []
    for word in dict.fromkeys([*COLOURS, *SYNONYMS, *FILLERS]):
        while len(parts := _merged(word, merges)) > 1:
            merges.append((parts[0], parts[1]))
    letters = _byte_letters()
    made = [one + other for one, other in merges]
    return [*letters, *(f"{c}</w>" for c in letters), *made, START, END], merges


def _merged(word: str, merges: list[tuple[str, str]]) -> list[str]:
    parts = [*word[:-1], f"{word[-1]}</w>"]
    while known := [pair for pair in itertools.pairwise(parts) if pair in merges]:
        first = min(known, key=merges.index)
        place = list(itertools.pairwise(parts)).index(first)
        parts[place : place + 2] = ["".join(first)]
    return parts


def open_clip_cfg() -> dict[str, object]:
    return {
        "embed_dim": 16,
        "vision_cfg": {"image_size": 32},
        "text_cfg": {"context_length": 16, "vocab_size": 99},
    }


def _transformers_configs(folder: Path, model_type: str, length: int) -> None:
    write_json(
        folder / "config.json",
        {
            "model_type": model_type,
            "logit_scale_init_value": 2.6592,
            "text_config": {"max_position_embeddings": length},
        },
    )
    write_json(folder / "preprocessor_config.json", processor())
    (folder / "tokenizer.json").write_text(tiny._tokenizer(all_words()), encoding="utf-8")
    write_json(folder / "tokenizer_config.json", {"pad_token": {"content": "[PAD]"}})
    (folder / "README.md").write_text("---\nlicense: mit\n---\n", encoding="utf-8")


BUILDERS: dict[str, Callable[[Path], Path]] = {
    "transformers": build_transformers,
    "transformers-fp16": build_transformers_fp16,
    "combined": build_combined,
    "combined-int8": build_combined_int8,
    "siglip": build_siglip,
    "siglip-combined": build_siglip_combined,
    "chinese-clip-combined": build_chinese_clip_combined,
    "vocab-and-merges": build_vocab_and_merges,
    "external": build_external,
    "immich": build_immich,
    "immich-levels": build_immich_levels,
    "open-clip": build_open_clip,
    "rclip": build_rclip,
    "chinese-clip": build_chinese_clip,
}
