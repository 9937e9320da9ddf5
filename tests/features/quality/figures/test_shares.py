"""Intervals against published values, what too few images may claim, and noise between runs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nameplate.features.quality.shares import (
    Paired,
    Share,
    difference_of,
    mean_of,
    paired,
)


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [
        # R. G. Newcombe, “Two-sided confidence intervals for the single proportion”, Statistics in
        # Medicine 17 (1998), 857-872, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_of_a_share_is_the_published_one(count, of, low, high):
    assert Share(count, of).interval == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("share", "first", "low", "high"),
    [
        # Newcombe, “Interval estimation for the difference between independent proportions”,
        # Statistics in Medicine 17 (1998), 873-890, table II, method 10.
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_the_interval_of_a_difference_is_the_published_one(share, first, low, high):
    _, interval = difference_of(Share(*share), Share(*first))
    assert interval == pytest.approx((low, high), abs=5e-5)


def test_too_few_images_have_no_share():
    share = Share(2, 4, least=5)
    assert (share.value, share.interval) == (None, None)
    assert Share(2, 5, least=5).value == 0.4
    assert (Share(0, 0).value, Share(0, 0).interval) == (None, None)
    assert Share(0, 0, least=0).value is None
    assert difference_of(share, Share(1, 2)) is None
    assert mean_of([share, Share(1, 1)]) is None
    assert mean_of([]) is None


def test_more_right_than_there_are_images_is_refused():
    with pytest.raises(ValueError, match="3 of 2"):
        Share(3, 2)


def test_a_mean_of_shares_that_are_all_1_is_not_certain():
    mean, interval = mean_of([Share(5, 5)] * 4)
    # Of four shares of 5 images: as of one share of all 20.
    assert (mean, interval) == (1.0, pytest.approx(Share(20, 20).interval))


def test_the_mean_of_one_share_has_its_interval():
    share = Share(7, 20)
    assert mean_of([share]) == (share.value, pytest.approx(share.interval))


@pytest.mark.parametrize(
    ("sizes", "shares"),
    [
        ([5] * 5, [0.95] * 5),
        ([5] * 20, [0.8] * 20),
        ([12] * 10, [0.95] * 10),
        ([6, 40] * 5, [0.8] * 10),
        ([40] * 20, np.linspace(0.3, 0.98, 20)),
    ],
)
def test_the_interval_of_a_mean_holds_the_truth_about_as_often_as_it_says(sizes, shares):
    drawn = np.random.default_rng(0).binomial(sizes, shares, (800, len(sizes)))
    found = [
        mean_of([Share(*one) for one in zip(row, sizes, strict=True)]) for row in drawn.tolist()
    ]
    held = [interval.low <= np.mean(shares) <= interval.high for _, interval in found]
    assert np.mean(held) >= 0.92


shares = st.integers(1, 10**6).flatmap(
    lambda of: st.integers(0, of).map(lambda count: Share(count, of))
)


@given(shares)
def test_an_interval_holds_its_share_and_is_never_a_point(share):
    assert 0 <= share.interval.low <= share.value <= share.interval.high <= 1
    assert share.interval.low < share.interval.high


@given(shares)
def test_ten_times_as_many_images_narrow_an_interval(share):
    def width(one):
        return one.interval.high - one.interval.low

    assert width(Share(10 * share.count, 10 * share.of)) < width(share)


@given(shares, shares)
def test_a_difference_turns_its_sign_with_its_sides(one, two):
    value, (low, high) = difference_of(one, two)
    back, (back_low, back_high) = difference_of(two, one)
    assert (back, back_low, back_high) == pytest.approx((-value, -high, -low))
    assert -1 <= low <= value <= high <= 1


def test_images_are_counted_by_which_run_gets_them_right():
    first = np.array([True, True, True, False, False, False])
    second = np.array([True, True, False, True, True, False])
    assert paired(first, second) == Paired(both=2, first_alone=1, second_alone=2, neither=1)


@pytest.mark.parametrize(
    ("first", "second", "chance"),
    [
        # By hand: twice the sum of n over k, k up to the smaller one, divided by 2 to the n.
        (0, 5, 2 / 32),
        (0, 6, 2 / 64),
        (1, 9, 2 * 11 / 1024),
        (3, 3, 1.0),
        (0, 0, 1.0),
        # A. Agresti, “Categorical Data Analysis”, 2nd ed., table 10.1 has 86 and 150 approvals.
        (86, 150, 3.715e-05),
    ],
)
def test_chance_is_that_of_the_exact_test(first, second, chance):
    assert Paired(50, first, second, 50).chance == pytest.approx(chance, rel=1e-3)


def test_noise_is_no_difference_and_much_more_is_one():
    assert Paired(100, 12, 15, 50).verdict == "no-difference"
    assert Paired(100, 5, 30, 50).verdict == "second-better"
    assert Paired(100, 30, 5, 50).verdict == "second-worse"
    assert Paired(300, 0, 0, 41).verdict == "no-difference"
    assert Paired(0, 0, 5, 0).verdict == "not-enough"


def test_nothing_to_compare_is_no_division_by_zero():
    nothing = paired(np.empty(0, dtype=bool), np.empty(0, dtype=bool))
    assert (nothing.difference, nothing.interval, nothing.chance) == (None, None, 1.0)
    assert nothing.verdict == "not-enough"


def test_runs_on_different_images_cannot_be_compared():
    with pytest.raises(ValueError, match="2 and 3"):
        paired(np.ones(2, dtype=bool), np.ones(3, dtype=bool))


def test_the_bootstrap_agrees_with_the_normal_interval_of_many_images():
    found = Paired(5000, 600, 800, 3600)
    # By hand: (800 - 600) / 10,000 and sqrt(1400 - 200^2 / 10,000) / 10,000 = 0.003736.
    low, high = found.interval
    assert found.difference == pytest.approx(0.02)
    assert low == pytest.approx(0.02 - 1.96 * 0.003736, abs=4e-4)
    assert high == pytest.approx(0.02 + 1.96 * 0.003736, abs=4e-4)


counts = st.integers(0, 400)


@given(counts, counts, counts, counts)
def test_an_interval_holds_the_difference(both, first, second, neither):
    found = Paired(both, first, second, neither)
    if found.images:
        low, high = found.interval
        assert -1 <= low <= found.difference <= high <= 1
    assert 0 < found.chance <= 1


def test_runs_that_are_equally_good_differ_by_chance_in_5_of_100_at_most():
    random = np.random.default_rng(0)
    wrong = 0
    for _ in range(400):
        first, second = random.random((2, 200)) < 0.7
        is_none = paired(first, second).verdict == "no-difference"
        wrong += not is_none
    assert wrong <= 0.05 * 400
