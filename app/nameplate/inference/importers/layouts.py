"""Finds encoders and tokenizer in a folder laid out by a known exporter.

| kind | who makes it | files |
| --- | --- | --- |
| transformers | Optimum, ... | `vision_model*.onnx` + `text_model*.onnx`, or `model*.onnx` |
| immich | immich | `visual/model.onnx`, `textual/model.onnx` |
| rclip | rclip | `visual.onnx`, `textual.onnx` |
| chinese_clip | Chinese-CLIP | `*.img.fp32.onnx`, `*.txt.fp32.onnx` |
| open_clip | several | `open_clip_config.json` beside two graphs of any name |
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from nameplate.domain.errors import ModelError
from nameplate.inference.model_files import inside, tokenizer_files

Kind = Literal["transformers", "immich", "rclip", "chinese_clip", "open_clip"]

DESCRIPTION_VERSION: Final = 2
"""Raise it when `foreign` describes the same folder differently."""

OPEN_CLIP_CONFIG: Final = "open_clip_config.json"

VARIANTS: Final = ("", "_fp32", "_int8", "_quantized", "_uint8", "_fp16")
"""Best first: exact, then fast on a CPU; fp16 is for GPUs, a CPU converts it at each operation."""

_FOUR_BITS: Final = tuple(
    f"onnx/{stem}{variant}.onnx"
    for stem in ("vision_model", "model")
    for variant in ("_q4", "_q4f16", "_bnb4")
)
"""Unsupported: they change the nearest neighbours of images too much."""

VOCABULARIES: Final = ("tokenizer.json", "bpe_simple_vocab_16e6.txt.gz", "vocab.json", "vocab.txt")


@dataclass(frozen=True, slots=True)
class ModelLayout:
    """The files of a model; all paths are relative to the folder, with `/`.

    Attributes:
        image: Graph of the image encoder.
        text: Graph of the text encoder; the same as `image` where one graph is both.
        tokenizer: Its vocabulary.
        combined: A graph that holds both encoders and outputs logits, if there is one.
    """

    kind: Kind
    image: str
    text: str
    tokenizer: str
    combined: str | None = None


Names = tuple[str, ...]
"""Of a graph, the best first; `*` stands for any letters."""


def _variants(stem: str) -> Names:
    return tuple(f"{part}{stem}{variant}.onnx" for variant in VARIANTS for part in ("onnx/", ""))


_COMBINED: Final = _variants("model")
_EXPORTERS: Final[tuple[tuple[Kind, Names, Names], ...]] = (
    ("transformers", _variants("vision_model"), _variants("text_model")),
    ("immich", ("visual/model.onnx",), ("textual/model.onnx",)),
    ("rclip", ("visual.onnx",), ("textual.onnx",)),
    ("chinese_clip", ("*.img.fp32.onnx",), ("*.txt.fp32.onnx",)),
    ("chinese_clip", ("*.img.fp16.onnx",), ("*.txt.fp16.onnx",)),
)
"""The graphs of image and text encoder, where their names tell which is which."""


def find_layout(folder: Path) -> ModelLayout | None:
    """Return the layout of `folder`; None if it is unknown.

    Raises:
        ModelError: A part of the layout is missing, or a file leads out of the folder.
    """
    for kind, images, texts in _EXPORTERS:
        image, text = _graph(folder, images), _graph(folder, texts)
        combined = _graph(folder, _COMBINED) if kind == "transformers" else None
        if combined and not (image and text):
            image = text = combined
        if image and text:
            return _layout(folder, kind, image, text, combined)
        if image or text:
            raise _one_encoder(folder, image, text, texts if image else images)
        if kind == "transformers" and _graph(folder, _FOUR_BITS):
            raise ModelError("only-4-bit", where=str(folder))
    return _open_clip(folder)


def _layout(folder: Path, kind: Kind, image: str, text: str, combined: str | None) -> ModelLayout:
    for name in filter(None, (image, text, combined)):
        inside(folder, name)
    return ModelLayout(kind, image, text, _tokenizer(folder, text), combined)


def _graph(folder: Path, names: Names) -> str | None:
    """Return the first of `names` that is there.

    Raises:
        ModelError: Several files have it.
    """
    for name in names:
        found = [path.name for path in folder.glob(name)] if "*" in name else [name]
        if len(found) > 1:
            raise ModelError("several-models", where=str(folder))
        if found and _exists(folder, found[0]):
            return found[0]
    return None


def _one_encoder(folder: Path, image: str | None, text: str | None, missing: Names) -> ModelError:
    usual = re.sub("fp32|fp16", "*", missing[0].removeprefix("onnx/"))
    return ModelError(
        "no-text-encoder" if image else "no-image-encoder",
        where=str(folder), found=image or text or "", missing=usual,
    )  # fmt: skip


def _open_clip(folder: Path) -> ModelLayout | None:
    if not _exists(folder, OPEN_CLIP_CONFIG):
        return None
    graphs = sorted(path.name for path in folder.glob("*.onnx"))
    if len(graphs) != 2:
        raise ModelError(
            "not-two-graphs", where=str(folder), files=len(graphs), beside=OPEN_CLIP_CONFIG
        )
    return _layout(folder, "open_clip", graphs[0], graphs[1], None)


def _tokenizer(folder: Path, text: str) -> str:
    """Return the path of the vocabulary: beside the text encoder, else in a usual place."""
    names = list(dict.fromkeys(_places(text)))
    found = next((name for name in names if _exists(folder, name)), None)
    if found is None:
        raise ModelError("no-vocabulary", where=str(folder), names=VOCABULARIES)
    for part in tokenizer_files(Path(found)):
        if not _exists(folder, part.as_posix()):
            raise ModelError(
                "half-a-tokenizer", where=str(folder), found=found, missing=part.as_posix()
            )
        inside(folder, part.as_posix())
    return found


def _places(text: str) -> Iterator[str]:
    home = text.rpartition("/")[0]
    for name in VOCABULARIES:
        for part in (home, "", "tokenizer", "textual"):
            yield f"{part}/{name}" if part else name


def _exists(folder: Path, name: str) -> bool:
    path = folder / name
    return path.is_file() or path.is_symlink()
