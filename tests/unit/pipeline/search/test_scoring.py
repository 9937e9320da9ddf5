"""What a filter asks for, as the likeness of all images."""

from pathlib import PurePath

import numpy as np
import pytest

from nameplate.domain.embeddings import unit
from nameplate.domain.filtering.chosen import ImageIds, Like
from nameplate.domain.filtering.filters import Filter, Term
from nameplate.domain.images import ImageTable
from nameplate.domain.messages import Message
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.pipeline.models.loading import load
from nameplate.pipeline.search.rules import query_of
from nameplate.pipeline.search.scoring import similarity_of

IDS = np.array([2, 3, 5, 8])


@pytest.fixture(scope="module")
def ready(tiny_model):
    return load(tiny_model, "cpu")


@pytest.fixture
def embeddings(ready):
    rng = np.random.default_rng(1)
    return unit(rng.standard_normal((4, ready.model.manifest.embedding_size)))


def likeness(ready, embeddings, *terms, pictures=None, cancel=None):
    return similarity_of(terms, IDS, [embeddings], pictures or {}, ready, cancel or CancelToken())


def test_each_term_is_asked_for_and_its_opposite_taken_off(ready, embeddings):
    terms = (Term(Like("red")), Term(Like(ImageIds(((2, 3),)))), Term(Like("green"), is_not=True))
    red, green = ready.model.text.encode(["red", "green"])
    vectors = np.stack([red, unit(embeddings[:2].mean(axis=0)), green])
    query = query_of(vectors[:2], vectors[2:], [embeddings])
    found = likeness(ready, embeddings, *terms)
    np.testing.assert_allclose(found.scores, embeddings @ query, atol=1e-6)
    assert (found.asked, found.problems, found.is_partial) == (terms, (), False)


def test_what_cannot_be_looked_for_is_told_and_the_rest_counts(ready, embeddings):
    gone, broken = Like(ImageIds(((6, 7),))), Like(PurePath("/a/broken.png"))
    pictures = {broken.target: Message("is-empty")}
    terms = Filter.of(gone, broken, Like("red")).terms
    found = likeness(ready, embeddings, *terms, pictures=pictures)
    assert [one.code for one in found.problems] == ["search-images-gone", "is-empty"]
    np.testing.assert_allclose(found.query, ready.model.text.encode(["red"])[0], atol=1e-6)
    found = likeness(ready, embeddings, *Filter.of(gone).terms)
    assert found.query is None
    assert found.score(0) is None


def test_images_that_are_not_read_yet_are_waited_for(ready, embeddings):
    embeddings[1] = np.nan
    found = likeness(ready, embeddings, Term(Like(ImageIds(((2, 3),)))))
    assert found.is_partial
    assert found.score(0) == pytest.approx(1)
    found = likeness(ready, embeddings, Term(Like(ImageIds(((3, 3),)))))
    assert [one.code for one in found.problems] == ["search-images-unread"]


def test_half_a_character_of_a_hostile_file_is_no_end(ready, embeddings):
    assert likeness(ready, embeddings, Term(Like("red \ud800"))).query is not None


def test_a_cancelled_search_ends(ready, embeddings):
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        likeness(ready, embeddings, Term(Like("red")), cancel=cancel)


def test_images_that_are_read_later_are_scored(ready, embeddings):
    images = ImageTable(embeddings.shape[1])
    images.add([PurePath(f"{row}.png") for row in range(6)], np.arange(1, 7))
    images.set_embeddings(np.arange(2), embeddings[:2])
    found = similarity_of(
        [Term(Like("red"))], images.ids, images.blocks(), {}, ready, CancelToken()
    )
    images.set_embeddings(np.array([2, 5]), embeddings[2:])
    found.add_late(images)
    scores = [found.score(row) for row in range(6)]
    assert [score is None for score in scores] == [False, False, False, True, True, False]
    assert scores[5] == pytest.approx(float(embeddings[3] @ found.query), abs=1e-6)
