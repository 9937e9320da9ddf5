import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nameplate.domain.embeddings import Head, ImageVectors, unit
from nameplate.domain.images import BLOCK_ROWS
from nameplate.scoring.score_matrix import ScoreMatrix, Weights, score_matrix
from nameplate.scoring.scores import best_of, probabilities

HEADS = [Head("softmax", 100.0), Head("sigmoid", 20.0, -2.0), Head("sigmoid", 100.0)]


def random_unit(rows, size=6, seed=0):
    return unit(np.random.default_rng(seed).normal(size=(rows, size)))


def matrix_of(blocks, vectors, known=None):
    return score_matrix([*map(ImageVectors.of, blocks)], Weights.of(vectors), known)


def joined(matrix, count):
    return np.concatenate(matrix.blocks, axis=1)[:, :count]


def test_every_image_has_a_score_for_every_weight():
    images, vectors = random_unit(BLOCK_ROWS + 3), random_unit(5, seed=1)
    images[7] = np.nan
    matrix = matrix_of([images[:BLOCK_ROWS], images[BLOCK_ROWS:]], vectors)
    np.testing.assert_allclose(joined(matrix, len(images)), vectors @ images.T, atol=1e-6)
    rows = np.array([BLOCK_ROWS + 1, 7, 0])
    np.testing.assert_allclose(matrix.of(rows), (images[rows] @ vectors.T).T, atol=1e-6)
    assert np.isnan(matrix.blocks[1][:, 3:]).all()


def test_known_scores_are_copied_and_only_new_ones_computed():
    images, vectors = random_unit(4), random_unit(4, seed=1)
    known = matrix_of([images], vectors[:3])
    known.blocks[0][1, :4] = 0.5  # differs from what would be computed
    made = matrix_of([images], vectors[[3, 1]], known)
    np.testing.assert_allclose(made.blocks[0][0, :4], images @ vectors[3], atol=1e-6)
    assert made.blocks[0][1, :4].tolist() == [0.5] * 4


def test_what_is_filled_in_later_changes_nothing_that_was_made_from_it():
    vectors = random_unit(2, seed=1)
    known = matrix_of([np.full((3, 6), np.nan, np.float32)], vectors)
    made = matrix_of([np.full((3, 6), np.nan, np.float32)], vectors[:1], known)
    known.put(np.array([1]), np.array([[0.1], [0.2]], dtype=np.float32))
    assert known.of(np.array([1]))[:, 0].tolist() == pytest.approx([0.1, 0.2])
    assert np.isnan(made.blocks[0]).all()


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("hole", [0, 1])
def test_an_image_with_a_score_missing_has_no_best_concept(head, hole):
    scores = np.array([[0.9, 0.9], [0.1, 0.1]], dtype=np.float32)
    scores[hole, 0] = np.nan
    best, probability, margin = best_of(scores, 2, head, multi=False)
    assert best.tolist() == [-1, 0]
    assert np.isnan(probability).tolist() == np.isnan(margin).tolist() == [True, False]


def test_without_concepts_nothing_is_suggested():
    matrix = ScoreMatrix(Weights.of(np.empty((0, 0), np.float32)), [])
    matrix.reserve(3)
    best, probability, margin = best_of(matrix.blocks[0], 0, HEADS[0], multi=False)
    assert (best == -1).all()
    assert np.isnan(probability).all()
    assert np.isnan(margin).all()


@given(
    scores=st.integers(1, 6).flatmap(
        lambda k: hnp.arrays(
            np.float32, (k + 1, 5), elements=st.floats(-1, 1, width=32) | st.just(np.nan)
        )
    ),
    head=st.sampled_from(HEADS),
    multi=st.booleans(),
    has_neutral=st.booleans(),
)
def test_the_best_is_the_first_of_the_highest_scores_with_its_probability(
    scores, head, multi, has_neutral
):
    count = len(scores) - 1
    of_concepts, neutral = scores[:count].T, np.nan_to_num(scores[count])
    scores[count] = neutral
    neutral = neutral if has_neutral else None
    of_all = probabilities(of_concepts, head, multi=multi, neutral_scores=neutral)
    is_rated = ~np.isnan(of_concepts).any(axis=1)
    highest = np.where(is_rated, np.nan_to_num(of_concepts, nan=-2).argmax(axis=1), -1)
    rows = len(scores) if has_neutral else count
    best, probability, margin = best_of(scores[:rows], count, head, multi=multi)
    assert best.tolist() == highest.tolist()
    of_best = np.where(is_rated, of_all[np.arange(len(highest)), highest], np.nan)
    # Float32 by way of tanh: half a step of 1 is 6e-8.
    np.testing.assert_allclose(probability, of_best, rtol=1e-5, atol=1e-7)
    following = np.sort(np.pad(of_all, ((0, 0), (1, 0))), axis=1)[:, -2]
    np.testing.assert_allclose(margin, of_best - following, rtol=1e-4, atol=1e-5)
