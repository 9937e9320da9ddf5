"""Runs both encoders of a folder once, to measure and check their embeddings."""

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
    placeholder_inputs,
    text_feeds,
    text_input,
)
from nameplate.inference.runtime.session import Array, Session
from nameplate.inference.tokenizer import Tokens


def embedding_size(image: Session, text: Session, tokens: Tokens, side: int) -> int:
    """Run both encoders, and return the length of their embeddings.

    Raises:
        ModelError: One fails, gives vectors that are not finite, or their lengths differ.
    """
    images, prompts = _encode_noise(image, side), _encode_prompts(text, tokens, side)
    for session, vectors in ((image, images), (text, prompts)):
        if vectors.ndim != 2 or not np.isfinite(vectors.astype(np.float64)).all():
            raise ModelError("no-finite-vectors", where=session.name)
    one, other = images.shape[1], prompts.shape[1]
    if one != other:
        raise ModelError("encoders-of-two-models", where=text.name, text=other, image=one)
    return int(one)


def _encode_noise(session: Session, side: int) -> Array:
    tensor = image_input(session)
    noise = np.random.default_rng(0).standard_normal((tensor.shape[0] or 1, 3, side, side), "f4")
    output = embedding_output(session, IMAGE_OUTPUTS, None).name
    feeds: dict[str, Array] = {
        **placeholder_inputs(session, [tensor.name], side),
        tensor.name: as_input(noise, tensor),
    }
    return session.run(feeds, [output])[output]


def _encode_prompts(session: Session, tokens: Tokens, side: int) -> Array:
    tensor = text_input(session)
    batch_size = tensor.shape[0] or len(tokens.ids)
    rows = np.resize(np.arange(len(tokens.ids)), batch_size)
    output = embedding_output(session, TEXT_OUTPUTS, None).name
    feeds: dict[str, Array] = {
        **placeholder_inputs(session, [tensor.name, MASK, SEGMENTS], side),
        **text_feeds(session, tokens.ids[rows], tokens.mask[rows]),
    }
    return session.run(feeds, [output])[output]
