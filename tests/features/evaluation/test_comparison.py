"""Two runs on the same images: differences, and noise that is not called one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nameplate.features.evaluation.figures.shares import Paired, Verdict, paired
from nameplate.features.evaluation.report.sentences import comparison_sentence
from nameplate.wording.texts import text_of


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
    assert Paired(100, 12, 15, 50).verdict is Verdict.NO_DIFFERENCE
    assert Paired(100, 5, 30, 50).verdict is Verdict.SECOND_BETTER
    assert Paired(100, 30, 5, 50).verdict is Verdict.SECOND_WORSE
    assert Paired(300, 0, 0, 41).verdict is Verdict.NO_DIFFERENCE
    assert Paired(0, 0, 5, 0).verdict is Verdict.NOT_ENOUGH


def test_nothing_to_compare_is_no_division_by_zero():
    nothing = paired(np.empty(0, dtype=bool), np.empty(0, dtype=bool))
    assert (nothing.difference, nothing.interval, nothing.chance) == (None, None, 1.0)
    assert nothing.verdict is Verdict.NOT_ENOUGH


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
        is_none = paired(first, second).verdict is Verdict.NO_DIFFERENCE
        wrong += not is_none
    assert wrong <= 0.05 * 400


def test_no_difference_is_said_to_be_impossible_by_chance():
    said = text_of(comparison_sentence("names only", Paired(169, 24, 77, 73)))
    assert "as much by chance in at most 0.01% of such comparisons" in said
