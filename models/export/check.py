"""Compares an exported folder with the original in torch: tokens, pixels, vectors, best label."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from examples import TEXTS, pictures
from loaded import ExportError, Loaded
from numpy.typing import NDArray

from nameplate.inference.model import LoadedModel, load_model
from nameplate.inference.preprocess import pixels
from nameplate.inference.self_check import self_check

LEAST_COSINE = 0.9999
MOST_OFF = 1.001 / 255
"""A level of 8 bits, and the rounding of float32."""

TIE = 1e-5
"""Scores that are nearer than this are equal: float32 sums in another order differ by as much."""

CHOICES = tuple(f"a photo of a {word}" for word in ("dog", "cat", "car", "house", "tree", "boat"))


@dataclass(frozen=True)
class Figures:
    """How near the export is.

    Attributes:
        texts: How many were compared.
        tokens: How many of them got the same tokens.
        pixels: Largest difference of a pixel, 1 = from black to white.
        image: Least cosine of an image's vectors.
        text: Least cosine of a text's vectors.
        images: How many were compared.
        top: How many of them got the same best label.
    """

    texts: int
    tokens: int
    pixels: float
    image: float
    text: float
    images: int
    top: int

    def __str__(self) -> str:
        return (
            f"tokens identical {self.tokens} of {self.texts}; "
            f"pixels within {self.pixels * 255:.3f}/255; "
            f"least cosine: images {self.image:.7f}, texts {self.text:.7f}; "
            f"same best label {self.top} of {self.images}"
        )


def compare(original: Loaded, folder: Path) -> Figures:
    """Run both on `examples` and return how far they are apart.

    Raises:
        nameplate.domain.errors.ModelError: The folder cannot be loaded.
        ExportError: Nameplate's own check of a model finds something.
    """
    model = load_model(folder, device="cpu")
    if not original.source.endswith("random weights") and (problems := self_check(model)):
        raise ExportError("; ".join(problems))
    mine, its = _pixels(original, model)
    std = np.asarray(original.image.std, dtype=np.float32)[:, None, None]
    own_ids, its_ids = model.text.tokenizer.tokens(TEXTS).ids, original.tokens(TEXTS)
    own_image, its_image = model.image.encode(mine), original.encode_images(its)
    own_text, its_text = model.text.encode(TEXTS), original.encode_texts(its_ids)
    own_labels = model.text.encode(CHOICES)
    its_labels = original.encode_texts(original.tokens(CHOICES))
    return Figures(
        texts=len(TEXTS),
        tokens=int((own_ids == its_ids).all(axis=1).sum()),
        pixels=float((np.abs(mine - its) * std).max()),
        image=float((own_image * its_image).sum(axis=1).min()),
        text=float((own_text * its_text).sum(axis=1).min()),
        images=len(mine),
        top=same_best(own_image @ own_labels.T, its_image @ its_labels.T),
    )


def require_near(figures: Figures, least_cosine: float = LEAST_COSINE) -> None:
    """Refuse an export that is not its original.

    Raises:
        ExportError: It says what differs.
    """
    faults = list[str]()
    if figures.tokens < figures.texts:
        faults.append("tokens differ")
    if figures.pixels > MOST_OFF:
        faults.append("pixels differ by more than 1/255")
    if not min(figures.image, figures.text) >= least_cosine:  # not <, for NaN
        faults.append(f"vectors differ (cosine below {least_cosine})")
    if figures.top < figures.images and least_cosine >= LEAST_COSINE:
        faults.append("best labels differ")
    if faults:
        raise ExportError(f"the export is not the original: {', '.join(faults)}. {figures}")


def same_best(own: NDArray[np.float32], its: NDArray[np.float32]) -> int:
    """Return in how many rows both have the same best column; ties count as the same."""
    rows = np.arange(len(its))
    return int((its[rows, own.argmax(axis=1)] >= its.max(axis=1) - TIE).sum())


def _pixels(
    original: Loaded, model: LoadedModel
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    images = pictures()
    mine = np.stack([pixels(image, model.manifest.image) for image in images])
    return mine, np.stack([original.transform(image) for image in images])
