"""Describes a model folder of another exporter as the values of a `model.toml`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from nameplate.domain.errors import ModelError
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
from nameplate.inference.model_files import Digests, reading, tokenizer_files
from nameplate.inference.runtime.graph_io import (
    IMAGE_OUTPUTS,
    TEXT_OUTPUTS,
    UINT8,
    as_input,
    embedding_output,
    image_input,
    placeholder_inputs,
    text_feeds,
    text_input,
)
from nameplate.inference.runtime.heap import separate_large_blocks
from nameplate.inference.runtime.session import Array, OnnxSession, Session
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
        "templates": "none" if "chinese_clip" in (layout.kind, facts.model_type) else "openai7",
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


def _fitted_head(opened: _Opened, tokens: Tokens, side: int) -> tuple[float, float] | None:
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


def _file(folder: Path, name: str, digests: Digests) -> dict[str, object]:
    path = folder / name
    with reading(path, Message("copy-model-again")):
        return {"name": name, "bytes": path.stat().st_size, "sha256": digests.of(path)}


LOGITS: Final = "logits_per_image"
IMAGES: Final = 4
MAX_RESIDUAL: Final = 0.1
"""Largest residual of the linear fit, as a part of the logits' range."""


def embedding_size(image: Session, text: Session, tokens: Tokens, side: int) -> int:
    """Run both encoders, and return the length of their embeddings.

    Raises:
        ModelError: One fails, gives vectors that are not finite, or their lengths differ.
    """
    tensor = image_input(image)
    shape = (tensor.shape[0] or 1, 3, side, side)
    noise = as_input(np.random.default_rng(0).standard_normal(shape, "f4"), tensor)
    images = _vectors(image, {tensor.name: noise}, IMAGE_OUTPUTS, side)
    rows = np.resize(np.arange(len(tokens.ids)), text_input(text).shape[0] or len(tokens.ids))
    feeds = text_feeds(text, tokens.ids[rows], tokens.mask[rows])
    prompts = _vectors(text, feeds, TEXT_OUTPUTS, side)
    for session, vectors in ((image, images), (text, prompts)):
        if vectors.ndim != 2 or not np.isfinite(vectors.astype(np.float64)).all():
            raise ModelError("no-finite-vectors", where=session.name)
    one, other = images.shape[1], prompts.shape[1]
    if one != other:
        raise ModelError("encoders-of-two-models", where=text.name, text=other, image=one)
    return int(one)


def _vectors(session: Session, feeds: dict[str, Array], outputs: Sequence[str], side: int) -> Array:
    output = embedding_output(session, outputs, None).name
    return session.run({**placeholder_inputs(session, feeds, side), **feeds}, [output])[output]


def fit_scale_and_bias(path: Path, tokens: Tokens, side: int) -> tuple[float, float] | None:
    """Return scale and bias of the graph in `path`; None without logits, or if the fit is bad.

    The logits are scale x cosine + bias, so a linear fit over a few images and prompts gives both.
    """
    try:
        session = OnnxSession(path, device="cpu")
        outputs = {output.name for output in session.outputs}
        output_names = (LOGITS, IMAGE_OUTPUTS[0], TEXT_OUTPUTS[0])
        image, text = image_input(session), text_input(session)
        if not outputs.issuperset(output_names) or image.shape[0] or text.shape[0]:
            return None
        rng = np.random.default_rng(0)
        shades = np.linspace(-1.5, 1.5, IMAGES)[:, None, None, None]
        noise = (rng.standard_normal((IMAGES, 3, side, side)) + shades).astype(np.float32)
        feeds: dict[str, Array] = {
            image.name: as_input(noise, image),
            **text_feeds(session, tokens.ids, tokens.mask),
        }
        out = session.run(feeds, output_names)
    except ModelError:
        return None
    return _fit(out[LOGITS], out[IMAGE_OUTPUTS[0]], out[TEXT_OUTPUTS[0]])


def _fit(logits: Array, images: Array, texts: Array) -> tuple[float, float] | None:
    """Return slope and intercept of a linear fit from cosines to logits; None if it is bad."""
    if images.ndim != 2 or texts.ndim != 2 or images.shape[1] != texts.shape[1]:
        return None
    one, other = (rows.astype(np.float64) for rows in (images, texts))
    with np.errstate(all="ignore"):
        one /= np.linalg.norm(one, axis=1, keepdims=True)
        other /= np.linalg.norm(other, axis=1, keepdims=True)
    cosines, values = (one @ other.T).ravel(), logits.astype(np.float64).ravel()
    if cosines.shape != values.shape or not np.isfinite(cosines).all() or np.ptp(cosines) < 1e-4:
        return None
    if not np.isfinite(values).all():
        return None
    mean, mean_value = float(cosines.mean()), float(values.mean())
    slope = float(
        ((cosines - mean) * (values - mean_value)).sum() / np.square(cosines - mean).sum()
    )
    intercept = mean_value - slope * mean
    residual = values - (slope * cosines + intercept)
    if slope <= 0 or np.abs(residual).max() > MAX_RESIDUAL * max(np.ptp(values), 1e-9):
        return None
    return round(slope, 4), round(intercept, 4)
