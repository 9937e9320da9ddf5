"""Calibration, thresholds, ranks and average precision."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from nameplate.features.quality.figures.certainty import (
    average_precision,
    coverage,
    ranked,
    reliability,
)


def test_the_calibration_error_is_that_of_a_calculation_by_hand():
    sure = np.array([0.95] * 60 + [0.55] * 40)
    is_right = np.array([True] * 30 + [False] * 30 + [True] * 36 + [False] * 4)
    found = reliability(sure, is_right)
    # 60 images said 0.95 and 0.5 right, 40 said 0.55 and 0.9 right: 0.6 x 0.45 + 0.4 x 0.35.
    assert found.error == pytest.approx(0.41)
    assert found.too_sure == pytest.approx(0.6 * 0.95 + 0.4 * 0.55 - 0.66)
    assert [one.right.of for one in found.bins] == [0, 0, 0, 0, 0, 40, 0, 0, 0, 60]


def test_a_probability_of_0_or_1_has_its_bin():
    found = reliability(np.array([0.0, 1.0, 0.1]), np.array([True, True, False]))
    assert [one.right.of for one in found.bins] == [1, 1, 0, 0, 0, 0, 0, 0, 0, 1]


def test_few_images_make_no_claim_about_percentages():
    found = reliability(np.full(99, 0.5), np.ones(99, dtype=bool))
    assert (found.error, found.too_sure, found.missing) == (None, None, 1)


def test_several_names_of_an_image_are_pairs_and_no_more_images():
    sure = np.full((50, 3), 0.55)
    sure[:2] = np.nan
    sure[2, 1:] = np.nan
    found = reliability(sure, np.ones((50, 3), dtype=bool))
    assert (found.images, found.missing, found.right.of) == (48, 52, 142)
    assert (found.error, found.too_sure) == (None, None)
    found = reliability(np.full((100, 3), 0.55), np.ones((100, 3), dtype=bool))
    assert (found.images, found.missing, found.too_sure) == (100, 0, pytest.approx(-0.45))


def test_images_of_the_same_probability_are_labelled_together():
    found = coverage(np.array([0.9, 0.5, 0.5, np.nan]), np.array([True, True, False, True]))
    assert found.thresholds.tolist() == [0.9, 0.5]
    assert found.labelled.tolist() == [1, 3]
    assert found.right.tolist() == [1, 2]


def test_a_threshold_is_named_only_where_it_labels_enough_images():
    sure, is_right = np.linspace(1, 0, 100), np.arange(100) < 30
    found = coverage(sure, is_right)
    assert found.labelled[found.widest(0.95)] == 31
    assert coverage(sure, np.arange(100) < 10).widest(0.95) is None


numbers = arrays.arrays(
    np.float64, st.integers(0, 60), elements=st.floats(0, 1) | st.just(float("nan"))
)


@given(numbers, st.integers(0, 2**32 - 1))
def test_no_numbers_make_nonsense(sure, seed):
    is_right = np.random.default_rng(seed).random(len(sure)) < 0.5
    known = int(np.isfinite(sure).sum())
    found, bins = coverage(sure, is_right), reliability(sure, is_right)
    assert np.all(np.diff(found.thresholds) < 0)
    assert np.all(np.diff(found.labelled) > 0)
    assert (int(found.labelled[-1]) if known else 0) == known
    assert sum(one.right.of for one in bins.bins) == known == bins.right.of
    average = average_precision(sure, is_right)
    assert average is None or 0 <= average <= 1


CAT, DOG, BIRD = 1, 2, 3
COLUMNS = np.array([CAT, DOG, 0], np.int32)  # the last one is a reject concept


def test_a_truth_has_its_rank_among_the_names_that_can_be_given():
    p = [[0.7, 0.2, 0.1], [0.6, 0.4, 0], [0.1, 0.3, 0.6], [0.9, 0.1, 0], [0, 0.2, 0.8]]
    ranks, best = ranked(np.array(p), COLUMNS, np.array([CAT, DOG, DOG, BIRD, 0], np.int32))
    assert ranks.tolist() == [1, 2, 1, 0, 0]
    assert best.tolist() == [CAT, CAT, 0, CAT, 0]


def test_many_images_have_the_ranks_that_they_have_alone():
    random = np.random.default_rng(0)
    p, truth = random.random((2500, 3), np.float32), random.integers(0, 3, 2500, np.int32)
    ranks, best = ranked(p, COLUMNS, truth)
    for row in (0, 1023, 1024, 2499):
        alone = ranked(p[[row]], COLUMNS, truth[[row]])
        assert (ranks[row], best[row]) == (alone[0][0], alone[1][0])


def test_without_names_or_probabilities_nothing_is_ranked():
    none = ranked(np.empty((1, 0)), np.empty(0, np.int32), np.array([CAT], np.int32))
    assert [one.tolist() for one in none] == [[0], [0]]
    unread = ranked(np.full((1, 3), np.nan), COLUMNS, np.array([CAT], np.int32))
    assert unread[0].tolist() == [0]


def test_average_precision_is_that_of_the_definition():
    # Worked by hand: the second of three that show it comes third, the third fifth.
    p, shown = np.array([0.9, 0.8, 0.7, 0.6, 0.5]), np.array([True, False, True, False, True])
    assert average_precision(p, shown) == pytest.approx((1 + 2 / 3 + 3 / 5) / 3)
    assert average_precision(np.full(4, 0.5), np.array([True, False, True, False])) == 0.5
    assert average_precision(shown.astype(np.float32), shown) == 1.0


def test_a_name_that_no_image_shows_has_none_and_one_that_is_never_given_finds_nothing():
    assert average_precision(np.array([0.2, 0.6]), np.zeros(2, bool)) is None
    assert average_precision(np.full(2, np.nan), np.ones(2, bool)) == 0.0
