"""Figures of images with several labels each."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nameplate.features.evaluation.figures.several import JudgedSets

NAN = np.nan


def sets(truth, labels, probabilities) -> JudgedSets:
    names = tuple("abc"[: len(truth[0])])
    p = np.array(probabilities, np.float32)
    return JudgedSets(names, np.array(truth, bool), np.array(labels, bool), p)


FOUR = sets(
    [[1, 1], [1, 0], [0, 1], [0, 0]],
    [[1, 0], [1, 0], [1, 1], [0, 0]],
    [[0.9, 0.4], [0.8, 0.1], [0.7, 0.9], [0.1, 0.2]],
)


def test_only_the_very_names_that_an_image_shows_are_an_exact_match():
    assert FOUR.is_right.tolist() == [False, True, False, True]
    assert (FOUR.share.count, FOUR.share.of) == (2, 4)


def test_each_name_has_its_own_recall_and_precision():
    a, b = FOUR.per_concept()
    assert (a.recall, a.precision) == (1.0, 2 / 3)
    assert (b.recall, b.precision) == (0.5, 1.0)
    assert (FOUR.given.value, FOUR.found.value) == (0.75, 0.75)


def test_average_precision_is_that_of_the_definition():
    # Worked by hand: the second of three that show it comes third, the third fifth.
    one = sets([[1], [0], [1], [0], [1]], [[1]] * 5, [[0.9], [0.8], [0.7], [0.6], [0.5]])
    assert one.average_precisions == (pytest.approx((1 + 2 / 3 + 3 / 5) / 3),)
    alike = sets([[1], [0], [1], [0]], [[1]] * 4, [[0.5]] * 4)
    assert alike.average_precisions == (0.5,)


def test_a_name_that_no_image_shows_has_none_and_one_that_is_never_given_finds_nothing():
    one = sets([[0, 1], [0, 1]], [[0, 0], [1, 0]], [[0.2, NAN], [0.6, NAN]])
    assert one.average_precisions == (None, 0.0)
    assert one.mean_average_precision is None
    assert one.missing_for_mean == 3


def test_the_mistake_that_was_surest_comes_first_missed_or_given():
    one = sets([[1], [0], [0]], [[0], [1], [1]], [[0.02], [0.9], [0.6]])
    assert one.worst_mistakes(9).tolist() == [0, 1, 2]
    assert one.mistakes() == [(0, 1, 2)]


@given(st.integers(0, 2**32 - 1), st.integers(0, 12), st.integers(1, 4))
def test_figures_hold_together_whatever_the_labels(seed, images, names):
    rng = np.random.default_rng(seed)
    shape = images, names
    one = JudgedSets(
        tuple("abcd"[:names]),
        rng.random(shape) < 0.5,
        rng.random(shape) < 0.5,
        rng.random(shape).astype(np.float32),
    )
    assert one.share.count <= min(r.right + images - r.images for r in one.per_concept())
    assert all(p is None or 0 < p <= 1 for p in one.average_precisions)
    assert one.reliability.images == images * names
    assert len(one.worst_mistakes(99)) == images - one.share.count


def test_probabilities_that_say_all_give_an_average_precision_of_one():
    rng = np.random.default_rng(0)
    truth = rng.random((30, 3)) < 0.5
    one = JudgedSets(tuple("abc"), truth, truth, truth.astype(np.float32))
    assert one.average_precisions == (1.0, 1.0, 1.0)
    assert one.mean_average_precision == 1.0
    assert one.share.value == 1.0
