"""Runs both towers of a folder once, to see what they give."""

import numpy as np

from nameplate.domain.errors import ModelError
from nameplate.inference.runtime.graph_io import (
    IMAGE_OUTPUTS,
    MASK,
    SEGMENTS,
    TEXT_OUTPUTS,
    as_input,
    embedding_output,
    image_input,
    optional_input,
    placeholder_inputs,
    text_input,
)
from nameplate.inference.runtime.session import Array, Session
from nameplate.inference.tokenizer import Tokens


def embedding_size(image: Session, text: Session, tokens: Tokens, side: int) -> int:
    """Return the length of the embeddings of both encoders.

    Args:
        image: Of the image encoder.
        text: Of the text encoder; the same one where one graph is both.
        tokens: Of some prompts.
        side: Of a picture.

    Raises:
        ModelError: One fails, gives something that is not finite, or they differ in length.
    """
    pictures, prompts = _picture(image, side), _prompt(text, tokens, side)
    for session, vectors in ((image, pictures), (text, prompts)):
        if vectors.ndim != 2 or not np.isfinite(vectors.astype(np.float64)).all():
            remedy = "Use the fp32 variant of this model, or get it again."
            raise ModelError("gives no finite vectors", where=session.name, remedy=remedy)
    one, other = pictures.shape[1], prompts.shape[1]
    if one != other:
        what = f"gives {other} numbers a prompt, and the image encoder {one} a picture"
        remedy = "Put the two encoders of one model together."
        raise ModelError(what, where=text.name, remedy=remedy)
    return int(one)


def _picture(session: Session, side: int) -> Array:
    taken = image_input(session)
    noise = np.random.default_rng(0).standard_normal((taken.shape[0] or 1, 3, side, side), "f4")
    output = embedding_output(session, IMAGE_OUTPUTS, None).name
    feeds: dict[str, Array] = {
        **placeholder_inputs(session, [taken.name], side),
        taken.name: as_input(noise, taken),
    }
    return session.run(feeds, [output])[output]


def _prompt(session: Session, tokens: Tokens, side: int) -> Array:
    taken = text_input(session)
    rows = taken.shape[0] or len(tokens.ids)
    chosen = np.resize(np.arange(len(tokens.ids)), rows)
    output = embedding_output(session, TEXT_OUTPUTS, None).name
    feeds: dict[str, Array] = {
        **placeholder_inputs(session, [taken.name, MASK, SEGMENTS], side),
        taken.name: tokens.ids[chosen].astype(taken.dtype),
    }
    if mask := optional_input(session, MASK):
        feeds[MASK] = tokens.mask[chosen].astype(mask.dtype)
    if segments := optional_input(session, SEGMENTS):
        feeds[SEGMENTS] = np.zeros_like(tokens.ids[chosen], dtype=segments.dtype)
    return session.run(feeds, [output])[output]
