from pathlib import Path

import numpy as np

from nameplate.domain.concepts import add_all
from nameplate.domain.embeddings import Head, unit
from nameplate.domain.images import BLOCK_ROWS, ImageTable
from nameplate.domain.prompts import TemplateSet
from nameplate.scoring.suggestions import Suggestions, late_rows, score_images, with_late
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
    result = score_images(names, images.blocks())
    images.add([Path(f"{number}.jpg") for number in range(COUNT - 7, COUNT)])
    images.set_embeddings(np.arange(COUNT), embeddings)
    found = late_rows(result, images)
    np.testing.assert_array_equal(found, np.arange(BLOCK_ROWS // 2, COUNT))
    whole = with_late(result, found, images.blocks())
    assert not len(late_rows(whole, images))
    wanted, seen = score_images(names, images.blocks()), Suggestions()
    seen.replace(whole, images)
    np.testing.assert_array_equal(seen.suggested, wanted.suggested)
    np.testing.assert_allclose(seen.probability, wanted.probability, rtol=1e-5)


def test_without_names_no_image_is_late():
    images = ImageTable(2)
    images.add([Path("1.jpg")])
    none = ZeroShot(
        (), np.zeros((0, 2), np.float32), TemplateSet("t", "T", ("{}",)), Head("softmax", 1.0)
    )
    result = score_images(none, images.blocks())
    images.set_embeddings(np.array([0]), np.ones((1, 2), np.float32))
    assert not len(late_rows(result, images))
