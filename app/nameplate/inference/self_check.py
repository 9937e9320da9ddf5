"""Checks a model by running generated images and known prompts through it."""

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nameplate.domain.embeddings import Vectors
from nameplate.domain.errors import ModelError
from nameplate.domain.messages import Message
from nameplate.inference.encoders import TextEncoder
from nameplate.inference.model import LoadedModel
from nameplate.inference.preprocess import pixels

SAME_COSINE: Final = 0.99
"""From which two embeddings of one input count as equal. Low, since graphs with dynamic
quantisation take their range from the whole batch; swapped rows are far below."""

CONSTANT_COSINE: Final = 0.99999
"""Above which embeddings of different inputs count as equal."""

MAX_VOCABULARY_RATIO: Final = 1.25
"""Times its tokenizer's vocabulary that a text encoder's may be: many are padded to a round number,
which adds a hundredth at most."""

_IMAGE: Final = Message("image-encoder")
_TEXT: Final = Message("text-encoder")
_NAMES: Final = Message("names-encoder")

PROMPTS: Final = ("a photo of a dog.", "red", "a diagram", "two green and blue cars at night")


def self_check(model: LoadedModel) -> tuple[Message, ...]:
    """Load all of `model`, and run generated images and known prompts through it.

    Returns:
        Problems; empty where there are none.

    Raises:
        ModelError: A part of it cannot be loaded.
    """
    model.load()
    batch = np.stack([pixels(image, model.manifest.image) for image in _images()])

    others = model.text.others
    return (
        *_problems(_IMAGE, lambda rows: model.image.encode(batch[rows]), len(batch)),
        *_text_problems(_TEXT, model.text),
        *(_text_problems(_NAMES, others.encoder.get()) if others else ()),
    )


def _text_problems(what: Message, text: TextEncoder) -> list[Message]:
    found = _problems(what, lambda rows: text.encode([PROMPTS[i] for i in rows]), len(PROMPTS))
    return found or _tokenizer_problems(text)


def _tokenizer_problems(text: TextEncoder) -> list[Message]:
    """Return the sign that the tokenizer belongs to another model, if there is one."""
    if text.tokenizer.knows_none_of(PROMPTS):
        return [Message("knows-no-word")]
    if not text.takes_id(text.tokenizer.highest_id):
        return [Message("more-tokens-than-encoder")]
    if text.takes_id(math.ceil(MAX_VOCABULARY_RATIO * text.tokenizer.vocabulary_size)):
        return [Message("fewer-tokens-than-encoder")]
    return []


def _problems(what: Message, encode: Callable[[list[int]], Vectors], count: int) -> list[Message]:
    """Return the problems of one encoder; `encode` takes indices of `count` inputs."""
    try:
        together = encode(list(range(count)))
        alone = np.concatenate([encode([row]) for row in range(count)])
    except ModelError as error:
        return [Message("encoder-fails", {"encoder": what, "reason": error.reason})]
    if not (np.isfinite(together).all() and np.isfinite(alone).all()):
        return [Message("vectors-not-finite", {"encoder": what})]
    found: list[Message] = []
    if not np.allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-3):
        found.append(Message("vectors-not-unit", {"encoder": what}))
    cosines = together @ together.T
    if (cosines[~np.eye(count, dtype=bool)] > CONSTANT_COSINE).all():
        found.append(Message("vectors-all-same", {"encoder": what}))
    if (np.einsum("nd,nd->n", together, alone) < SAME_COSINE).any():
        found.append(Message("vectors-by-batch", {"encoder": what}))
    return found


def _images() -> list[Image.Image]:
    """Return images of several shapes: plain, a gradient, stripes, noise."""
    ramp: NDArray[np.uint8] = np.linspace(0, 255, 300).astype(np.uint8)
    noise = np.random.default_rng(0).integers(0, 256, (97, 64, 3), dtype=np.uint8)
    stripes = np.zeros((128, 160, 3), dtype=np.uint8)
    stripes[:, ::8, 1:] = 255
    return [
        Image.new("RGB", (64, 64), (200, 30, 30)),
        Image.fromarray(np.repeat(np.tile(ramp, (90, 1))[:, :, None], 3, axis=2)),
        Image.fromarray(stripes),
        Image.fromarray(noise),
    ]
