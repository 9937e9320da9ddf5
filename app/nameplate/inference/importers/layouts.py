"""Finds encoders and tokenizer in a folder laid out by a known exporter.

| kind | who makes it | files |
| --- | --- | --- |
| transformers | Optimum, ... | `vision_model*.onnx` + `text_model*.onnx`, or `model*.onnx` |
| immich | immich | `visual/model.onnx`, `textual/model.onnx` |
| rclip | rclip | `visual.onnx`, `textual.onnx` |
| chinese_clip | Chinese-CLIP | `*.img.fp32.onnx`, `*.txt.fp32.onnx` |
| open_clip | several | `open_clip_config.json` beside two graphs of any name |
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from nameplate.domain.errors import ModelError
from nameplate.inference.files import inside, tokenizer_files

Kind = Literal["transformers", "immich", "rclip", "chinese_clip", "open_clip"]

DESCRIPTION_VERSION: Final = 2
"""Raise it when `foreign` describes the same folder differently."""

OPEN_CLIP_CONFIG: Final = "open_clip_config.json"

VARIANTS: Final = ("", "_fp32", "_int8", "_quantized", "_uint8", "_fp16")
"""Best first: exact, then fast on a CPU; fp16 is for GPUs, a CPU converts it at each operation."""

FOUR_BITS: Final = ("_q4", "_q4f16", "_bnb4")
"""Unsupported variants: they change the nearest neighbours of images too much."""

VOCABULARIES: Final = ("tokenizer.json", "bpe_simple_vocab_16e6.txt.gz", "vocab.json", "vocab.txt")


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of a model; all paths are relative to the folder, with `/`.

    Attributes:
        kind: Of the layout.
        image: Graph of the image encoder.
        text: Graph of the text encoder; the same as `image` where one graph is both.
        tokenizer: Its vocabulary.
        combined: A graph that holds both encoders and outputs logits, if there is one.
        is_ordered: Whether the names tell image from text encoder.
    """

    kind: Kind
    image: str
    text: str
    tokenizer: str
    combined: str | None = None
    is_ordered: bool = True


def find_layout(folder: Path) -> Layout | None:
    """Return the layout of `folder`; None if it is unknown.

    Raises:
        ModelError: A part of the layout is missing, or a file leads out of the folder.
    """
    for find in (_transformers, _pair, _chinese_clip, _open_clip):
        if (found := find(folder)) is not None:
            kind, image, text = found
            combined = _variant(folder, "model") if kind == "transformers" else None
            for name in filter(None, (image, text, combined)):
                inside(folder, name)
            ordered = kind != "open_clip"
            return Layout(kind, image, text, _tokenizer(folder, text), combined, ordered)
    return None


Found = tuple[Kind, str, str] | None

_PAIRS: Final[tuple[tuple[Kind, str, str], ...]] = (
    ("immich", "visual/model.onnx", "textual/model.onnx"),
    ("rclip", "visual.onnx", "textual.onnx"),
)
"""Exporters whose graphs always have the same names."""


def _transformers(folder: Path) -> Found:
    image, text = _variant(folder, "vision_model"), _variant(folder, "text_model")
    if image and text:
        return "transformers", image, text
    if combined := _variant(folder, "model"):
        return "transformers", combined, combined
    if image or text:
        raise _one_tower(folder, image, "text_model.onnx" if image else "vision_model.onnx", text)
    if any(
        _exists(folder, f"onnx/{stem}{v}.onnx")
        for v in FOUR_BITS
        for stem in ("vision_model", "model")
    ):
        raise ModelError("only-4-bit", where=str(folder))
    return None


def _chinese_clip(folder: Path) -> Found:
    for precision in ("fp32", "fp16"):
        images = sorted(path.name for path in folder.glob(f"*.img.{precision}.onnx"))
        texts = sorted(path.name for path in folder.glob(f"*.txt.{precision}.onnx"))
        if len(images) > 1 or len(texts) > 1:
            raise ModelError("several-models", where=str(folder))
        if images and texts:
            return "chinese_clip", images[0], texts[0]
        if images or texts:
            missing = "*.txt.*.onnx" if images else "*.img.*.onnx"
            raise _one_tower(folder, next(iter(images), None), missing, next(iter(texts), None))
    return None


def _open_clip(folder: Path) -> Found:
    if not _exists(folder, OPEN_CLIP_CONFIG):
        return None
    graphs = sorted(path.name for path in folder.glob("*.onnx"))
    if len(graphs) != 2:
        raise ModelError(
            "not-two-graphs", where=str(folder), files=len(graphs), beside=OPEN_CLIP_CONFIG
        )
    return "open_clip", graphs[0], graphs[1]


def _pair(folder: Path) -> Found:
    """Return the two graphs of an exporter that always gives them the same names."""
    for kind, image, text in _PAIRS:
        has_image, has_text = _exists(folder, image), _exists(folder, text)
        if has_image and has_text:
            return kind, image, text
        if has_image or has_text:
            missing = text if has_image else image
            raise _one_tower(folder, image if has_image else None, missing, text)
    return None


def _one_tower(folder: Path, image: str | None, missing: str, text: str | None) -> ModelError:
    return ModelError(
        "no-text-encoder" if image else "no-image-encoder",
        where=str(folder), found=image or text or "", missing=missing,
    )  # fmt: skip


def _variant(folder: Path, stem: str) -> str | None:
    """Return the best variant of a Hugging Face graph, in `onnx/` or the folder itself."""
    names = (f"{part}{stem}{variant}.onnx" for variant in VARIANTS for part in ("onnx/", ""))
    return next((name for name in names if _exists(folder, name)), None)


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
