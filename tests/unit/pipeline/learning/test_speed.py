"""Time to fit a probe: `pytest -m perf -s tests/unit/pipeline/learning/test_speed.py`.

On a busy machine with OPENBLAS_NUM_THREADS=1: threads that wait for one another count as work.
"""

import time

import numpy as np
import pytest

from nameplate.domain.concepts import Concept
from nameplate.domain.embeddings import Head, ImageVectors, unit
from nameplate.domain.images import BLOCK_ROWS
from nameplate.domain.prompts import TemplateSet
from nameplate.pipeline.learning.decisions import Decisions
from nameplate.pipeline.learning.learning import Sample, learn
from nameplate.scoring.suggestions import score_images
from nameplate.scoring.zero_shot import ZeroShot

pytestmark = pytest.mark.perf

DIMENSION, DESCRIBED = 512, 1488  # of the starter model
PLAIN = TemplateSet("", "", ("{}",))


def folder(images: int, concepts: int, described: int) -> tuple[ZeroShot, ImageVectors, np.ndarray]:
    """Images around centres to which a third of the names do not lead."""
    generator = np.random.default_rng(0)
    vectors = unit(generator.standard_normal((concepts, DIMENSION)))
    centres = vectors + unit(generator.standard_normal((concepts, DIMENSION)))
    centres[::3] = unit(generator.standard_normal(centres[::3].shape))
    truth = generator.integers(0, concepts, images)
    noise = generator.standard_normal((images, DIMENSION), dtype=np.float32)
    names = tuple(Concept(key, f"name {key}") for key in range(concepts))
    embeddings = unit(centres[truth] + 0.08 * noise)
    mixing = generator.standard_normal((DIMENSION, described), dtype=np.float32)
    descriptors = unit(embeddings @ mixing).astype(np.float16)
    seen = ImageVectors.of(embeddings, descriptors)
    return ZeroShot(names, vectors, PLAIN, Head("softmax", 20.0)), seen, truth


@pytest.mark.parametrize(
    ("images", "concepts", "decided", "described", "most"),
    [
        (10_000, 50, 300, 0, 0.3),
        (10_000, 50, 1000, 0, 0.6),
        (100_000, 20, 2000, 0, 2.0),
        (100_000, 20, 160, DESCRIBED, 2.0),
        (100_000, 20, 2000, DESCRIBED, 4.0),
    ],
)
def test_a_refit_and_new_scores(
    images: int, concepts: int, decided: int, described: int, most: float
):
    names, seen, truth = folder(images, concepts, described)
    blocks = [seen.take(slice(at, at + BLOCK_ROWS)) for at in range(0, images, BLOCK_ROWS)]
    known = score_images(names, blocks).scores
    shown = np.eye(concepts, dtype=np.bool_)[truth[:decided]]
    decisions = Decisions(seen.take(slice(decided)), shown, ~shown)
    sample, times = Sample.of(blocks), list[tuple[float, float, float, float]]()
    start = time.perf_counter()
    assert sample.directions
    axes = time.perf_counter() - start
    learned = learn(names, decisions, sample)
    for _ in range(3):
        start, processor = time.perf_counter(), time.process_time()
        again = learn(names, decisions, sample)
        middle = time.perf_counter()
        score_images(again.classifier, blocks, known)
        end, processor = time.perf_counter(), time.process_time() - processor
        times.append((processor, end - start, middle - start, end - middle))
    processor, whole, fitted, scored = min(times)
    print(  # noqa: T201
        f"{images} images, {concepts} names, {decided} decisions, descriptors of {described}:"
        f" axes {1000 * axes:.0f} ms, then {1000 * whole:.0f}"
        f" ({1000 * fitted:.0f} to fit, {1000 * scored:.0f} to score),"
        f" {1000 * processor:.0f} of one processor; in use: {learned.evidence.is_used}"
    )
    assert processor < 2 * most, "on two processors"
