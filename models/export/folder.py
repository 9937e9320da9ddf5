"""Writes the manifest of an exported model, with sizes and hashes of its files."""

import hashlib
from pathlib import Path

import onnx
from loaded import TOKENIZER_FILE, Loaded

from nameplate.inference.manifest import MANIFEST_NAME, manifest_text
from nameplate.inference.specs import ModelFile, ModelManifest


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
    suffix = "" if variant == "fp32" else variant
    paths = sorted(path for path in folder.iterdir() if path.name != MANIFEST_NAME)
    manifest = ModelManifest(
        id="-".join(filter(None, (model.id, suffix))),
        title=f"{model.title} ({suffix})" if suffix else model.title,
        source=model.source,
        licence=model.licence,
        family=model.family,
        embedding_size=embedding_size(folder / model.image.file),
        templates="openai7" if model.head.kind == "softmax" else "simple",
        image=model.image,
        text=model.text,
        head=model.head,
        files=tuple(map(_file, paths)),
    )
    content = manifest_text(manifest)
    (folder / MANIFEST_NAME).write_text(content, encoding="utf-8", newline="\n")


def embedding_size(path: Path) -> int:
    """Return the length of the vectors that the graph at `path` gives."""
    graph = onnx.load(str(path), load_external_data=False).graph
    return graph.output[0].type.tensor_type.shape.dim[1].dim_value


def _file(path: Path) -> ModelFile:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return ModelFile(path.name, path.stat().st_size, digest)
