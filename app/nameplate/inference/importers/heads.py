"""Scale and bias of a folder that does not name them: known, recovered from a graph, or assumed."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np

from nameplate.domain.errors import ModelError
from nameplate.inference.importers.known_models import ASSUMED_SCALE, ASSUMED_SIGMOID, known
from nameplate.inference.runtime.graph_io import (
    IMAGE_OUTPUTS,
    MASK,
    SEGMENTS,
    TEXT_OUTPUTS,
    as_input,
    image_input,
    optional_input,
    text_input,
)
from nameplate.inference.runtime.session import Array, OnnxSession
from nameplate.inference.tokenizer import Tokens

LOGITS: Final = "logits_per_image"
PICTURES: Final = 4
SLACK: Final = 0.1
"""Largest part of the logits' spread that a straight line may leave unexplained."""

Line = tuple[float, float]


def head_table(
    names: Iterable[str], *, is_sigmoid: bool, line: Line | None
) -> tuple[dict[str, object], tuple[str, ...]]:
    """Return the `[head]` table of a manifest, and what had to be assumed.

    Args:
        names: What the model may be known by.
        is_sigmoid: Whether it was trained with a sigmoid (SigLIP).
        line: Scale and bias that its own graph gave.
    """
    facts = known(names)
    if line is not None:
        scale, bias, notes = *line, ()
    elif facts is not None and facts.scale is not None and (facts.bias is not None) == is_sigmoid:
        scale, bias, notes = facts.scale, facts.bias or 0.0, ()
    elif is_sigmoid:
        scale, bias = ASSUMED_SIGMOID
        notes = (f"The scale {scale:g} and the bias {bias:g} are assumed, those of a relative.",)
    else:
        scale, bias = ASSUMED_SCALE, 0.0
        notes = (f"The scale {scale:g} is assumed, CLIP's own: the folder does not hold it.",)
    if not is_sigmoid:
        return {"kind": "softmax", "scale": scale}, notes
    return {"kind": "sigmoid", "scale": scale, "bias": bias}, notes


def recovered_line(path: Path, tokens: Tokens, side: int) -> Line | None:
    """Return scale and bias of the graph in `path`, which gives logits; None where it tells none.

    The logits are scale x cosine + bias, so that a straight line through the logits of a few
    pictures and prompts has both.

    Args:
        path: Of a graph that holds both towers.
        tokens: Of some prompts.
        side: Of a picture.
    """
    try:
        session = OnnxSession(path, device="cpu")
        outputs = {output.name for output in session.outputs}
        wanted = (LOGITS, IMAGE_OUTPUTS[0], TEXT_OUTPUTS[0])
        picture, text = image_input(session), text_input(session)
        if not outputs.issuperset(wanted) or picture.shape[0] or text.shape[0]:
            return None
        rng = np.random.default_rng(0)
        shades = np.linspace(-1.5, 1.5, PICTURES)[:, None, None, None]
        noise = (rng.standard_normal((PICTURES, 3, side, side)) + shades).astype(np.float32)
        feeds: dict[str, Array] = {
            picture.name: as_input(noise, picture),
            text.name: tokens.ids.astype(text.dtype),
        }
        if mask := optional_input(session, MASK):
            feeds[MASK] = tokens.mask.astype(mask.dtype)
        if segments := optional_input(session, SEGMENTS):
            feeds[SEGMENTS] = np.zeros_like(tokens.ids, dtype=segments.dtype)
        out = session.run(feeds, wanted)
    except ModelError:
        return None
    return _line(out[LOGITS], out[IMAGE_OUTPUTS[0]], out[TEXT_OUTPUTS[0]])


def _line(logits: Array, images: Array, texts: Array) -> Line | None:
    """Return slope and height of the straight line from cosines to logits."""
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
    mean, level = float(cosines.mean()), float(values.mean())
    slope = float(((cosines - mean) * (values - level)).sum() / np.square(cosines - mean).sum())
    height = level - slope * mean
    rest = values - (slope * cosines + height)
    if slope <= 0 or np.abs(rest).max() > SLACK * max(np.ptp(values), 1e-9):
        return None
    return round(slope, 4), round(height, 4)
