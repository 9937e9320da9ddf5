"""Cohen's kappa, against worked examples that were published."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nameplate.features.agreement.kappa import agreement_of, strength_of


def agreement(table):
    """Return the agreement of two people whose confusion table this is."""
    pairs = [
        (mine, theirs)
        for mine, row in enumerate(table)
        for theirs, count in enumerate(row)
        for _ in range(count)
    ]
    mine, theirs = np.array(pairs or np.empty((0, 2)), dtype=np.int64).reshape(-1, 2).T
    return agreement_of(mine, theirs)


# Two dermatologists rate the skin of 88 patients: SAS/STAT User's Guide, The FREQ Procedure, data
# set SkinCondition: kappa 0.3449, 95% confidence limits 0.2030 and 0.4868.
DERMATOLOGISTS = [[10, 4, 1, 0], [5, 10, 12, 2], [2, 4, 12, 5], [0, 2, 6, 13]]

# Two diagnoses of 100 patients: J. L. Fleiss, Statistical Methods for Rates and Proportions, 2nd
# edition (1981), table 13.1: observed 0.89, by chance 0.66, kappa 0.68.
DIAGNOSES = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]


def test_kappa_and_its_interval_are_those_of_the_two_dermatologists():
    found = agreement(DERMATOLOGISTS)
    assert (found.images, found.agreed) == (88, 45)
    assert found.kappa == pytest.approx(0.3449, abs=5e-5)
    assert found.interval == pytest.approx((0.2030, 0.4868), abs=5e-5)


def test_observed_and_expected_shares_are_those_of_the_two_diagnoses():
    found = agreement(DIAGNOSES)
    assert found.observed == pytest.approx(0.89)
    assert found.expected == pytest.approx(0.66)
    assert found.kappa == pytest.approx(0.68, abs=5e-3)


@pytest.mark.parametrize("table", [[], [[7]], [[0, 0], [0, 3]]])
def test_without_a_second_category_or_any_image_there_is_no_kappa(table):
    found = agreement(table)
    assert found.kappa is None
    assert found.interval is None
    assert strength_of(found.kappa).code == "kappa-undefined"


def test_where_one_person_uses_one_category_alone_kappa_is_zero():
    assert agreement([[6, 2], [0, 0]]).kappa == pytest.approx(0)


def test_full_agreement_is_one_and_has_no_interval_that_would_claim_certainty():
    found = agreement([[3, 0], [0, 2]])
    assert found.kappa == pytest.approx(1)
    assert found.interval is None


@pytest.mark.parametrize(
    ("table", "is_rough"),
    [
        ([[40, 12], [12, 30]], True),  # 94 images
        ([[400, 10], [9, 400]], True),  # 19 of them decided differently
        ([[400, 10], [10, 400]], False),
        ([[2, 0], [0, 3]], True),
    ],
)
def test_few_images_or_few_differences_make_kappa_a_rough_figure(table, is_rough):
    assert agreement(table).is_rough is is_rough


def test_the_interval_of_kappa_that_is_not_called_rough_holds_the_truth():
    numbers, together = np.random.default_rng(1), np.array([[0.45, 0.05], [0.05, 0.45]])
    found = [
        agreement(table)
        for table in numbers.multinomial(400, together.ravel(), 300).reshape(-1, 2, 2)
    ]
    sure = [one.interval for one in found if not one.is_rough]
    assert len(sure) > 290
    assert np.mean([low <= 0.8 <= high for low, high in sure]) >= 0.92


@pytest.mark.parametrize(
    ("kappa", "words"),
    [
        (-0.1, "no-more-than-chance"),
        (0.2, "hardly-more-than-chance"),
        (0.61, "much-more-than-chance"),
        (0.81, "nearly-all-beyond-chance"),
    ],
)
def test_kappa_has_plain_words(kappa, words):
    assert strength_of(kappa).code == words


DECISIONS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60)


@given(DECISIONS, st.permutations(range(4)))
def test_kappa_depends_neither_on_who_is_first_nor_on_how_categories_are_numbered(pairs, numbers):
    mine, theirs = np.array(pairs).T
    renumbered = np.array(numbers)
    found = agreement_of(mine, theirs)
    others = agreement_of(theirs, mine), agreement_of(renumbered[mine], renumbered[theirs])
    for other in others:
        assert (found.kappa is None) == (other.kappa is None)
        assert (found.interval is None) == (other.interval is None)
        if found.kappa is not None:
            assert other.kappa == pytest.approx(found.kappa)
            assert -1 <= found.kappa <= 1
        if found.interval is not None:
            assert other.interval == pytest.approx(found.interval)
            assert found.interval[0] <= found.kappa <= found.interval[1]


def test_many_categories_take_no_room_for_pairs_that_do_not_occur():
    numbers = np.arange(100_000)
    found = agreement_of(numbers, numbers[::-1].copy())
    assert len(found.cells) == 100_000
    assert found.agreed == 0
