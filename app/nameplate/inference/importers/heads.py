"""Finds scale and bias that a folder does not state: by a fit, from known models, or assumed."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np

from nameplate.domain.errors import ModelError
from nameplate.domain.messages import Message
from nameplate.inference.importers.known_models import ASSUMED_SCALE, ASSUMED_SIGMOID, known
from nameplate.inference.runtime.graph_io import (
    IMAGE_OUTPUTS,
    TEXT_OUTPUTS,
    as_input,
    image_input,
    text_feeds,
    text_input,
)
from nameplate.inference.runtime.session import Array, OnnxSession
from nameplate.inference.tokenizer import Tokens

LOGITS: Final = "logits_per_image"
IMAGES: Final = 4
MAX_RESIDUAL: Final = 0.1
"""Largest residual of the linear fit, as a part of the logits' range."""

ScaleAndBias = tuple[float, float]


def head_table(
    names: Iterable[str], *, is_sigmoid: bool, fitted: ScaleAndBias | None
) -> tuple[dict[str, object], tuple[Message, ...]]:
    """Return the `[head]` table of a manifest, and notes on assumptions.

    Args:
        names: Names that `known_models` may have for the model.
        is_sigmoid: Whether it was trained with a sigmoid (SigLIP).
        fitted: Scale and bias from its own graph.
    """
    facts = known(names)
    if fitted is not None:
        scale, bias, notes = *fitted, ()
    elif facts is not None and facts.scale is not None and (facts.bias is not None) == is_sigmoid:
        scale, bias, notes = facts.scale, facts.bias or 0.0, ()
    elif is_sigmoid:
        scale, bias = ASSUMED_SIGMOID
        notes = (Message("assumed-scale-and-bias", {"scale": scale, "bias": bias}),)
    else:
        scale, bias = ASSUMED_SCALE, 0.0
        notes = (Message("assumed-scale", {"scale": scale}),)
    if not is_sigmoid:
        return {"kind": "softmax", "scale": scale}, notes
    return {"kind": "sigmoid", "scale": scale, "bias": bias}, notes


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
