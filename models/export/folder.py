"""The manifest of an exported model, with the sizes and hashes of its files."""

import hashlib
import json
from pathlib import Path

import onnx
from loaded import TOKENIZER_FILE, Loaded

MANIFEST = "model.toml"


def write_tokenizer(model: Loaded, folder: Path) -> None:
    """Write tokenizer.json."""
    (folder / TOKENIZER_FILE).write_text(model.tokenizer, encoding="utf-8", newline="\n")


def write_manifest(model: Loaded, folder: Path, variant: str) -> None:
    """Write model.toml for the files that lie in `folder`.

    Args:
        model: What they were made from.
        folder: Where they are.
        variant: `fp32`, `fp16` or `int8`.
    """
    image, text, head = model.image, model.text, model.head
    suffix = "" if variant == "fp32" else f" ({variant})"
    templates = "openai7" if head.kind == "softmax" else "simple"
    lines = [
        f"id = {_quoted(model.id + suffix.replace(' (', '-').rstrip(')'))}",
        f"title = {_quoted(model.title + suffix)}",
        f"source = {_quoted(model.source)}",
        f"licence = {_quoted(model.licence)}",
        f'family = "{model.family}"',
        f"embedding_size = {embedding_size(folder / image.file)}",
        f'templates = "{templates}"',
        f'\n[image]\nfile = "{image.file}"\nsize = {image.size}\nresize = "{image.resize}"',
        f'crop = {str(image.crop).lower()}\ninterpolation = "{image.interpolation}"',
        f"mean = {list(image.mean)}\nstd = {list(image.std)}",
    ]
    if image.resize_to is not None:
        lines.append(f"resize_to = {image.resize_to}")
    if image.crop_rounding != "round":
        lines.append(f'crop_rounding = "{image.crop_rounding}"')
    lines += [
        f'\n[text]\nfile = "{text.file}"\ntokenizer = "{text.tokenizer}"',
        f'context_length = {text.context_length}\npadding = "{text.padding}"',
        f'pad_id = {text.pad_id}\ncleaning = "{text.cleaning}"',
        f'\n[head]\nkind = "{head.kind}"\nscale = {head.scale}',
        *([] if head.bias is None else [f"bias = {head.bias}"]),
        *(_file(path) for path in sorted(folder.iterdir()) if path.name != MANIFEST),
    ]
    (folder / MANIFEST).write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def embedding_size(path: Path) -> int:
    """Return the length of the vectors that the graph at `path` gives."""
    graph = onnx.load(str(path), load_external_data=False).graph
    return graph.output[0].type.tensor_type.shape.dim[1].dim_value


def _file(path: Path) -> str:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    size = path.stat().st_size
    return f'\n[[files]]\nname = "{path.name}"\nbytes = {size}\nsha256 = "{digest}"'


def _quoted(text: str) -> str:
    # JSON's strings are TOML's basic strings, but for the delete character.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "")
