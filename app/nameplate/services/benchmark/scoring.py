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
    """Measure how long many images take: 20 new names, and one more beside 19 that are there."""
    sizes = [n for n in SIZES if n <= setting.collection.images * _ROWS_FOR_EACH]
    while sizes[1:] and 2 * sizes[-1] * DIMENSION * 4 > psutil.virtual_memory().available:
        sizes.pop()
    blocks = _random_blocks(sizes[-1])
    whole, added = dict[int, list[float]](), dict[int, list[float]]()
    for _ in range(setting.rounds):
        for size in sizes:
            if setting.cancel.is_cancelled:
                return
            times = _rated(_first(blocks, size))
            whole.setdefault(size, []).append(times[0])
            added.setdefault(size, []).append(times[1])
    for size in sizes:
        title = f"{size:,} images x {CONCEPTS} names"
        yield figure(f"rescore.{size}", title, whole[size], "ms")
        yield figure(f"rescore.{size}.add", "one name more", added[size], "ms")
    if sizes[-1] == SIZES[-1]:
        growth = ratios(whole[SIZES[2]], whole[SIZES[1]])
        yield figure("rescore.growth", "a million to a hundred thousand", growth, "x")


def _rated(blocks: list[Vectors]) -> tuple[float, float]:
    """Return the milliseconds of rating all names, and of rating the last one more."""
    all_names = _classifier(CONCEPTS)
    known = score(_classifier(CONCEPTS - 1), blocks).scores
    added = 1000 * wall(lambda: score(all_names, blocks, known))
    return 1000 * wall(lambda: score(all_names, blocks)), added


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
    vectors = unit(np.random.default_rng(1).standard_normal((CONCEPTS, DIMENSION)))[:count]
    return Classifier(concepts, vectors, TemplateSet("", "", ("{}",)), Head("softmax", 100.0))
