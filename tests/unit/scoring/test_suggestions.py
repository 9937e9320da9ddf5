from pathlib import Path

import numpy as np
import pytest

from nameplate.domain.concepts import add_all
from nameplate.domain.embeddings import Head, unit
from nameplate.domain.images import BLOCK_ROWS, ImageTable
from nameplate.domain.labels import NO_CONCEPT
from nameplate.domain.prompts import TemplateSet
from nameplate.scoring.suggestions import Suggestions, score_images
from nameplate.scoring.zero_shot import ZeroShot

COUNT = 3 * BLOCK_ROWS


def test_images_that_were_read_while_others_were_scored_get_the_same_scores_later():
    rng = np.random.default_rng(0)
    concepts, _ = add_all((), ["ape", "bee", "cat"])
    vectors = unit(rng.standard_normal((3, 8))).astype(np.float32)
    plain = TemplateSet("t", "T", ("{}",))
    names = ZeroShot(concepts, vectors, plain, Head("softmax", 10.0))
    embeddings = unit(rng.standard_normal((COUNT, 8))).astype(np.float32)
    images, late = ImageTable(8), np.arange(BLOCK_ROWS // 2, COUNT - 5)
    early = np.setdiff1d(np.arange(COUNT), late)
    images.add([Path(f"{number}.jpg") for number in range(COUNT - 7)])
    images.set_embeddings(early[early < COUNT - 7], embeddings[early[early < COUNT - 7]])
    result = score_images(names, images.vectors())
    images.add([Path(f"{number}.jpg") for number in range(COUNT - 7, COUNT)])
    images.set_embeddings(np.arange(COUNT), embeddings)
    found = result.late_rows(images)
    np.testing.assert_array_equal(found, np.arange(BLOCK_ROWS // 2, COUNT))
    result.add_late(found, images.vectors())
    assert not len(result.late_rows(images))
    wanted, seen = score_images(names, images.vectors()), Suggestions()
    seen.replace(result, images)
    np.testing.assert_array_equal(seen.suggested, wanted.suggested)
    np.testing.assert_allclose(seen.probability, wanted.probability, rtol=1e-5)


@pytest.mark.parametrize("scored_later", [False, True])
def test_an_image_is_suggested_as_the_best_of_what_it_was_not_rejected_from(scored_later):
    rng = np.random.default_rng(1)
    concepts, _ = add_all((), ["ape", "bee", "cat"])
    vectors = unit(rng.standard_normal((3, 8))).astype(np.float32)
    names = ZeroShot(concepts, vectors, TemplateSet("t", "T", ("{}",)), Head("softmax", 10.0))
    images, rows, count = ImageTable(8), np.arange(40), 40
    images.add([Path(f"{number}.jpg") for number in range(count)])
    images.set_embeddings(rows, unit(rng.standard_normal((count, 8))).astype(np.float32))
    result, seen = score_images(names, images.vectors()), Suggestions()
    keys = np.array([concept.key for concept in concepts])
    drawn = [frozenset(keys[rng.random(3) < 0.5].tolist()) for _ in rows]
    rejected = {row: out for row, out in enumerate(drawn) if out}
    if not scored_later:
        seen.replace(result, images)
    seen.reject(rows, rejected)
    seen.replace(result, images)
    for row in rows:
        chances = dict(zip(keys.tolist(), seen.scored_images(rows).probabilities[row], strict=True))
        left = {key: chance for key, chance in chances.items() if key not in drawn[row]}
        best = max(left, key=left.__getitem__, default=NO_CONCEPT)
        assert seen.suggested[row] == best
        assert seen.all_rejected(rows)[row] == (not left)
        np.testing.assert_allclose(seen.probability[row], left.get(best, np.nan), rtol=1e-5)
    other = seen.copy()
    other.reject(rows, {})
    for of, wanted in ((other, score_images(names, images.vectors())), (seen.copy(), seen)):
        np.testing.assert_array_equal(of.suggested, wanted.suggested[:count])
        np.testing.assert_allclose(of.margin, wanted.margin[:count], rtol=1e-4)


def test_without_names_no_image_is_late():
    images = ImageTable(2)
    images.add([Path("1.jpg")])
    none = ZeroShot(
        (), np.zeros((0, 2), np.float32), TemplateSet("t", "T", ("{}",)), Head("softmax", 1.0)
    )
    result = score_images(none, images.vectors())
    images.set_embeddings(np.array([0]), np.ones((1, 2), np.float32))
    assert not len(result.late_rows(images))
