"""Runs the encoders of a folder once: to check their embeddings, and to find scale and bias."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from nameplate.domain.errors import ModelError
from nameplate.inference.runtime.graph_io import (
    IMAGE_OUTPUTS,
    TEXT_OUTPUTS,
    as_input,
    embedding_output,
    image_input,
    placeholder_inputs,
    text_feeds,
    text_input,
)
from nameplate.inference.runtime.session import Array, OnnxSession, Session
from nameplate.inference.tokenizer import Tokens

LOGITS: Final = "logits_per_image"
IMAGES: Final = 4
MAX_RESIDUAL: Final = 0.1
"""Largest residual of the linear fit, as a part of the logits' range."""

ScaleAndBias = tuple[float, float]


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


def fit_scale_and_bias(path: Path, tokens: Tokens, side: int) -> ScaleAndBias | None:
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


def _fit(logits: Array, images: Array, texts: Array) -> ScaleAndBias | None:
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
