import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.embeddings import unit
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.pipeline.search.rules import balanced, cosines, mean_of, query_of, scores_of, search


def blocks_of(embeddings, size):
    return [embeddings[start : start + size] for start in range(0, len(embeddings), size)]


@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.integers(1, 70), st.integers(1, 9))
def test_what_is_found_block_by_block_is_what_sorting_all_finds(seed, count, most, size):
    rng = np.random.default_rng(seed)
    # Few different vectors, so that there are ties.
    embeddings = unit(rng.integers(-1, 2, (count, 3)) + 0.01)[rng.integers(0, count, count)]
    embeddings[rng.random(count) < 0.2] = np.nan
    query = unit(rng.standard_normal(3))
    hits = search(blocks_of(embeddings, size), query, most)
    scores = np.concatenate([block @ query for block in blocks_of(embeddings, size)])
    known = np.flatnonzero(np.isfinite(scores))
    expected = known[np.lexsort((known, -scores[known]))][:most]
    assert hits.rows.tolist() == expected.tolist()
    assert hits.scores == pytest.approx(scores[expected])


@given(st.integers(0, 2**32 - 1), st.floats(0.5, 2))
def test_cosines_do_not_depend_on_length_or_precision(seed, length):
    rng = np.random.default_rng(seed)
    embeddings, query = unit(rng.standard_normal((5, 8))), unit(rng.standard_normal(8))
    found = cosines((embeddings * length).astype(np.float16), query)
    assert found == pytest.approx(embeddings @ query, abs=2e-3)


def test_what_has_no_embedding_has_no_cosine():
    rows = np.array([[0, 0], [np.nan, 1], [np.inf, 0], [0, 2]], np.float16)
    found = cosines(rows, np.array([0, 1], np.float32))
    np.testing.assert_array_equal(found, np.array([0, np.nan, np.nan, 1], np.float32))


@given(st.integers(0, 2**32 - 1), st.integers(0, 60), st.integers(1, 9))
def test_each_image_has_its_score_and_one_without_an_embedding_none(seed, count, size):
    rng = np.random.default_rng(seed)
    embeddings = unit(rng.standard_normal((count, 3)))
    embeddings[rng.random(count) < 0.2] = np.nan
    query = unit(rng.standard_normal(3))
    found = scores_of(blocks_of(embeddings, size), query)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, embeddings @ query, atol=1e-6)


def test_the_middle_of_images_is_that_of_those_that_have_an_embedding():
    red, green, blue = np.eye(3, dtype=np.float32)
    blocks = blocks_of(np.stack([red, blue * np.nan, green, blue]), 3)
    middle, lacking = mean_of(blocks, np.array([0, 1, 3]))
    np.testing.assert_allclose(middle, unit(red + blue))
    assert lacking == 1
    assert mean_of(blocks, np.array([1])) == (None, 1)


def test_a_sentence_counts_as_much_as_a_picture_that_is_far_nearer_to_all_pictures():
    rng = np.random.default_rng(5)
    wide, narrow = rng.standard_normal((2, 400)).astype(np.float32)
    images = unit(np.stack([wide, narrow / 8, np.full(400, 3)], axis=1))
    picture, sentence = np.eye(3, dtype=np.float32)[:2]
    both = np.stack([picture, sentence])
    scores = images @ query_of(both, blocks=[images])
    shares = [np.corrcoef(scores, images @ one)[0, 1] for one in both]
    assert shares[0] == pytest.approx(shares[1], abs=0.1)
    plain = images @ unit(both.mean(axis=0))
    assert np.corrcoef(plain, images @ sentence)[0, 1] < 0.3


def test_what_all_pictures_have_in_common_does_not_count():
    rng = np.random.default_rng(6)
    images = unit(rng.standard_normal((300, 4)) + np.array([3, 0, 0, 0]))
    query = query_of(images[:3], images[3:4], [images])
    assert abs(query @ unit(images.mean(axis=0))) < 1e-5
    np.testing.assert_array_equal(query_of(images[:1], blocks=[images]), images[0])


def test_what_is_not_wanted_counts_half():
    rng = np.random.default_rng(7)
    images = unit(rng.standard_normal((2000, 4)) + np.array([0, 0, 0, 3]))
    query = query_of(np.eye(4)[:1], np.eye(4)[1:2], [images])
    assert query[0] == pytest.approx(-2 * query[1], rel=0.1)


def test_without_images_nothing_is_balanced():
    one = np.eye(3, dtype=np.float32)
    np.testing.assert_array_equal(balanced(one, []), one)


def test_what_is_not_wanted_can_be_all_that_is_said():
    red, green, blue = np.eye(3, dtype=np.float32)
    query = query_of(np.empty((0, 3), np.float32), np.stack([red, green]))
    assert search([np.stack([red, blue])], query, 2).rows.tolist() == [1, 0]


def test_what_is_not_wanted_is_taken_off():
    red, green, blue = np.eye(3, dtype=np.float32)
    images = unit(np.stack([red, red + green, green + blue]))
    assert search([images], query_of(red[None]), 1).rows.tolist() == [0]
    query = query_of(np.stack([red, green]), blue[None])
    assert search([images], query, 3).rows.tolist() == [1, 0, 2]


def test_a_search_without_images_finds_nothing():
    hits = search([], np.ones(3, np.float32), 5)
    assert (hits.rows.tolist(), hits.scores.tolist()) == ([], [])


def test_a_search_can_be_stopped():
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        search([np.ones((2, 3), np.float32)], np.ones(3, np.float32), 1, cancel)
