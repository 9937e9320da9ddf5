"""A model loaded from a library, before it is written to files."""

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from nameplate.domain.embeddings import Head
from nameplate.inference.specs import ImageSpec, TextSpec

IMAGE_FILE = "image.onnx"
TEXT_FILE = "text.onnx"
TOKENIZER_FILE = "tokenizer.json"


class ExportError(Exception):
    """The export cannot be done; the text says why and what to do."""


@dataclass(frozen=True)
class Loaded:
    """A model in torch, with its library's own way from files and texts to its inputs.

    Attributes:
        id: For the manifest.
        title: Likewise.
        source: Likewise.
        licence: Likewise.
        family: `clip` or `siglip`.
        image_tower: float32 B x 3 x size x size to unit vectors.
        text_tower: int64 B x context to unit vectors.
        image: How pixels are made.
        text: How tokens are made.
        head: Scores to probabilities.
        tokenizer: Content of the tokenizer.json.
        tokens: The library's own tokenizer: texts to int64 P x context.
        transform: The library's own transform: an RGB picture to float32 3 x size x size.
    """

    id: str
    title: str
    source: str
    licence: str
    family: str
    image_tower: torch.nn.Module
    text_tower: torch.nn.Module
    image: ImageSpec
    text: TextSpec
    head: Head
    tokenizer: str
    tokens: Callable[[Sequence[str]], NDArray[np.int64]]
    transform: Callable[[Image.Image], NDArray[np.float32]]

    def encode_images(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what torch makes of pixels: unit vectors."""
        return _run(self.image_tower, torch.from_numpy(batch))

    def encode_texts(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return what torch makes of tokens: unit vectors."""
        return _run(self.text_tower, torch.from_numpy(ids))


class Tower(torch.nn.Module):
    """One half of a model as a function of one input, its vectors of unit length."""

    def __init__(self, model: torch.nn.Module, method: str) -> None:
        super().__init__()
        self.model = model
        self.method = method

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return unit vectors."""
        out = getattr(self.model, self.method)(x)
        # transformers 5 returns the pooled vector inside an object, earlier ones return it bare.
        out = getattr(out, "pooler_output", out)
        return torch.nn.functional.normalize(out, dim=-1)


def _run(tower: torch.nn.Module, batch: torch.Tensor) -> NDArray[np.float32]:
    with torch.inference_mode():
        return np.concatenate([tower(part).float().numpy() for part in batch.split(16)])


def reason_of(error: Exception, most: int = 200) -> str:
    """Return the first line of what `error` says, cut after `most` letters."""
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return textwrap.shorten(line, most, placeholder="…")


def model_id(name: str) -> str:
    """Return `name` as an id that the manifest takes: letters, digits, dots, dashes."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in name)
    return kept.strip("._-")[:90] or "model"
