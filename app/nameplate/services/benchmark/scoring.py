"""How fast names answer: prompts encoded, and many images rated."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import psutil

from nameplate.domain.concepts import Concept, add
from nameplate.domain.images import BLOCK_ROWS
from nameplate.domain.scoring import Head, Vectors, unit
from nameplate.domain.templates import TemplateSet
from nameplate.services.benchmark.figures import Figure, figure, ratios
from nameplate.services.benchmark.setting import Setting, wall
from nameplate.services.rating import Classifier
from nameplate.services.workspace import score

DIMENSION: Final = 512
"""Of the vectors: that of ViT-B/32."""

CONCEPTS: Final = 20
SIZES: Final = (10_000, 100_000, 1_000_000)
_ROWS_FOR_EACH: Final = 10_000
"""Images rated at most for each image of the collection: a short run leaves the million out."""

_PROMPT: Final = "a photo of a cat."


def measure_text(setting: Setting) -> Iterator[Figure]:
    """Measure how long one prompt takes, as each typed name does."""
    model = setting.load()
    model.text.encode([_PROMPT])
    times = [wall(lambda: model.text.encode([_PROMPT])) for _ in range(4 * setting.rounds)]
    yield figure("text.prompt", "a typed name", [1000 * s for s in times], "ms")


def measure_rescore(setting: Setting) -> Iterator[Figure]:
    """Measure how long it takes to rate many images against 20 concepts, from no rating at all."""
    sizes = [n for n in SIZES if n <= setting.collection.images * _ROWS_FOR_EACH]
    while sizes[1:] and 2 * sizes[-1] * DIMENSION * 4 > psutil.virtual_memory().available:
        sizes.pop()
    blocks = _random_blocks(sizes[-1])
    classifier = _classifier(CONCEPTS)
    times: dict[int, list[float]] = {size: [] for size in sizes}
    for _ in range(setting.rounds):
        for size in sizes:
            if setting.cancel.is_cancelled:
                return
            some = _first(blocks, size)
            times[size].append(1000 * wall(lambda: score(classifier, some)))  # noqa: B023
    for size, found in times.items():
        title = f"{size:,} images x {CONCEPTS} names"
        yield figure(f"rescore.{size}", title, found, "ms")
    if sizes[-1] == SIZES[-1]:
        growth = ratios(times[SIZES[2]], times[SIZES[1]])
        yield figure("rescore.growth", "a million to a hundred thousand", growth, "x")


def _random_blocks(rows: int) -> list[Vectors]:
    """Return unit vectors in blocks as an image table keeps them."""
    rng = np.random.default_rng(0)
    sizes = [min(BLOCK_ROWS, rows - start) for start in range(0, rows, BLOCK_ROWS)]
    return [unit(rng.standard_normal((n, DIMENSION), dtype=np.float32)) for n in sizes]


def _first(blocks: list[Vectors], rows: int) -> list[Vectors]:
    starts = range(0, rows, BLOCK_ROWS)
    return [block[: rows - start] for block, start in zip(blocks, starts, strict=False)]


def _classifier(count: int) -> Classifier:
    concepts: tuple[Concept, ...] = ()
    for number in range(count):
        concepts = add(concepts, f"name {number}")
    vectors = unit(np.random.default_rng(1).standard_normal((count, DIMENSION)))
    return Classifier(concepts, vectors, TemplateSet("", "", ("{}",)), Head("softmax", 100.0))
