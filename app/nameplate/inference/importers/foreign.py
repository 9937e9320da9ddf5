"""Describes a model folder of another exporter as the values of a `model.toml`."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nameplate.domain.messages import Message, as_json
from nameplate.inference.external import external_files
from nameplate.inference.fields import Fields, whole
from nameplate.inference.importers.configs import (
    from_open_clip,
    from_transformers,
    openai_defaults,
    text_table,
)
from nameplate.inference.importers.foreign_facts import Facts, read_facts
from nameplate.inference.importers.known_models import head_table, known
from nameplate.inference.importers.layouts import ModelLayout, find_layout
from nameplate.inference.importers.tower_probe import (
    ScaleAndBias,
    embedding_size,
    fit_scale_and_bias,
)
from nameplate.inference.model_files import Digests, reading, tokenizer_files
from nameplate.inference.runtime.graph_io import UINT8, image_input, text_input
from nameplate.inference.runtime.heap import separate_large_blocks
from nameplate.inference.runtime.session import OnnxSession
from nameplate.inference.specs import LARGEST_ID, SIDES, text_spec
from nameplate.inference.tokenizer import Tokenizer, Tokens
from nameplate.inference.vocabularies import read_tokenizer

CLIP_SIDE: Final = 224
NO_LICENCE: Final = Message("no-licence-stated")
PROMPTS: Final = ("a photo of a dog", "red", "a diagram of an engine", "two cars at night")


@dataclass(frozen=True, slots=True)
class _Opened:
    """A model folder with open sessions of its graphs."""

    folder: Path
    layout: ModelLayout
    facts: Facts
    image: OnnxSession
    text: OnnxSession


def describe(folder: Path, digests: Digests) -> dict[str, object] | None:
    """Return the values of a `model.toml` for `folder`; None if the layout is unknown.

    Raises:
        ModelError: A part is missing, damaged or not what its name says, or the two encoders do not
            belong together.
    """
    layout = find_layout(folder)
    if layout is None:
        return None
    external = [name for graph in _graphs(layout) for name in external_files(folder, graph)]
    opened = _open(folder, layout)
    layout, facts = opened.layout, opened.facts
    notes: list[Message] = []
    image = _image_table(opened, notes)
    text = _text_table(opened)
    side = Fields(image, folder, "image.").get("size", whole(*SIDES))
    tokens = _tokens(opened, text)
    size = embedding_size(opened.image, opened.text, tokens, side)
    head, assumed = head_table(
        facts.names, is_sigmoid=facts.is_siglip, fitted=_fitted_head(opened, tokens, side)
    )
    notes += [*assumed, *_other_notes(opened)]
    tokenizer = [part.as_posix() for part in tokenizer_files(Path(layout.tokenizer))]
    used = dict.fromkeys([layout.image, layout.text, *tokenizer, *external])
    return {
        "id": facts.model_id,
        "title": facts.title,
        "source": facts.source,
        "licence": facts.licence or "not stated",
        **({"languages": facts.languages} if facts.languages else {}),
        "family": "siglip" if facts.is_siglip else facts.model_type or "clip",
        "embedding_size": size,
        "templates": "none" if _is_chinese(opened) else "openai7",
        "image": {"file": layout.image, **image},
        "text": text,
        "head": head,
        "files": [_file(folder, name, digests) for name in used],
        "notes": [as_json(note) for note in notes],
    }


def _graphs(layout: ModelLayout) -> tuple[str, ...]:
    return tuple(dict.fromkeys((layout.image, layout.text)))


def _open(folder: Path, layout: ModelLayout) -> _Opened:
    """Open both graphs; if names do not tell which encoder is which, the inputs do."""
    separate_large_blocks()
    graphs = {name: OnnxSession(folder / name, device="cpu") for name in _graphs(layout)}
    image, text = layout.image, layout.text
    if layout.kind == "open_clip" and not any(len(i.shape) == 4 for i in graphs[image].inputs):
        image, text = text, image
        layout = ModelLayout(layout.kind, image, text, layout.tokenizer)
    image_input(graphs[image])
    text_input(graphs[text])
    return _Opened(folder, layout, read_facts(folder, layout), graphs[image], graphs[text])


def _image_table(opened: _Opened, notes: list[Message]) -> dict[str, object]:
    table = _configured_preprocessing(opened, notes)
    if image_input(opened.image).dtype == UINT8:  # the graph normalises by itself
        return {**table, "mean": [0.0] * 3, "std": [1.0] * 3}
    return table


def _configured_preprocessing(opened: _Opened, notes: list[Message]) -> dict[str, object]:
    facts, kind = opened.facts, opened.layout.kind
    fixed = image_input(opened.image).shape[2]
    side = fixed or facts.vision.get("image_size", whole(0, LARGEST_ID), 0) or CLIP_SIDE
    if facts.preprocess.exists:
        if kind == "transformers":
            return from_transformers(facts.preprocess, is_siglip=facts.is_siglip, size=side)
        # immich rounds the crop down (immich_ml/models/transforms.py, `crop_pil`).
        return from_open_clip(facts.preprocess, side, "down" if kind == "immich" else "round")
    if kind == "chinese_clip":  # cn_clip/clip/utils.py, `image_transform`: both sides at once
        return openai_defaults(side, resize="squash")
    if kind == "transformers" and facts.is_siglip:
        notes.append(Message("assumed-as-siglip"))
        return from_transformers(facts.preprocess, is_siglip=True, size=side)
    if kind != "open_clip":
        notes.append(Message("assumed-as-clip"))
    return openai_defaults(side)


def _text_table(opened: _Opened) -> dict[str, object]:
    vocabulary = read_tokenizer(opened.folder / opened.layout.tokenizer)
    table = text_table(opened.facts, vocabulary, text_input(opened.text).shape[1])
    return {"file": opened.layout.text, "tokenizer": opened.layout.tokenizer, **table}


def _tokens(opened: _Opened, text: dict[str, object]) -> Tokens:
    """Return the tokens of a few prompts, by the `[text]` table."""
    spec = text_spec(Fields(text, opened.folder, "text."), opened.folder)
    tokenizer = Tokenizer(opened.folder / opened.layout.tokenizer, spec)
    return tokenizer.tokens(PROMPTS, text_input(opened.text).shape[1])


def _fitted_head(opened: _Opened, tokens: Tokens, side: int) -> ScaleAndBias | None:
    """Return scale and bias from the folder's combined graph, if it has one.

    A combined graph that is not used itself is large, so it is opened only where the model is not
    among the known ones.
    """
    combined, registered = opened.layout.combined, known(opened.facts.names)
    if combined is None:
        return None
    is_used = combined == opened.layout.image
    if not is_used and registered is not None and registered.scale is not None:
        return None
    return fit_scale_and_bias(opened.folder / combined, tokens, side)


def _other_notes(opened: _Opened) -> list[Message]:
    notes: list[Message] = []
    if opened.facts.licence is None:
        notes.append(NO_LICENCE)
    if re.search(r"_(int8|quantized|uint8|fp16)\.onnx$", opened.layout.image):
        notes.append(Message("no-fp32-encoder", {"file": opened.layout.image}))
    return notes


def _is_chinese(opened: _Opened) -> bool:
    return "chinese_clip" in {opened.layout.kind, opened.facts.model_type}


def _file(folder: Path, name: str, digests: Digests) -> dict[str, object]:
    path = folder / name
    with reading(path, Message("copy-model-again")):
        return {"name": name, "bytes": path.stat().st_size, "sha256": digests.of(path)}
