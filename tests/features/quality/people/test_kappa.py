"""Cohen's kappa, against worked examples that were published."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.labels import LabelSets
from nameplate.features.quality.people.comparison import kappa_of
from nameplate.features.quality.records import Records


def records(mine, theirs):
    """Return the decisions of two people by the numbers of categories."""
    categories = 1 + max((*mine, *theirs), default=0)
    sets = LabelSets()
    codes = np.array([sets.code_of([number]) for number in range(categories)], np.int32)
    names = {number: str(number) for number in range(categories)}
    sides = (codes[np.array(side, np.int64)] for side in (mine, theirs))
    return Records(names, sets, *sides)


def of_table(table):
    """Return the decisions of two people whose confusion table this is."""
    pairs = [
        (mine, theirs)
        for mine, row in enumerate(table)
        for theirs, count in enumerate(row)
        for _ in range(count)
    ]
    return records([mine for mine, _ in pairs], [theirs for _, theirs in pairs])


# Two dermatologists rate the skin of 88 patients: SAS/STAT User's Guide, The FREQ Procedure, data
# set SkinCondition: kappa 0.3449, 95% confidence limits 0.2030 and 0.4868.
DERMATOLOGISTS = [[10, 4, 1, 0], [5, 10, 12, 2], [2, 4, 12, 5], [0, 2, 6, 13]]

# Two diagnoses of 100 patients: J. L. Fleiss, Statistical Methods for Rates and Proportions, 2nd
# edition (1981), table 13.1: observed 0.89, by chance 0.66, kappa 0.68.
DIAGNOSES = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]


def test_kappa_and_its_interval_are_those_of_the_two_dermatologists():
    found = of_table(DERMATOLOGISTS)
    assert (found.share.of, found.share.count) == (88, 45)
    assert kappa_of(found).value == pytest.approx(0.3449, abs=5e-5)
    assert kappa_of(found).interval == pytest.approx((0.2030, 0.4868), abs=5e-5)


def test_kappa_and_the_observed_share_are_those_of_the_two_diagnoses():
    found = of_table(DIAGNOSES)
    assert found.share.value == pytest.approx(0.89)
    assert kappa_of(found).value == pytest.approx(0.68, abs=5e-3)


@pytest.mark.parametrize("table", [[], [[7]], [[0, 0], [0, 3]]])
def test_without_a_second_category_or_any_image_there_is_no_kappa(table):
    assert kappa_of(of_table(table))[:2] == (None, None)


def test_where_one_person_uses_one_category_alone_kappa_is_zero():
    assert kappa_of(of_table([[6, 2], [0, 0]])).value == pytest.approx(0)


def test_full_agreement_is_one_and_has_no_interval_that_would_claim_certainty():
    found = kappa_of(of_table([[3, 0], [0, 2]]))
    assert found.value == pytest.approx(1)
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
    assert kappa_of(of_table(table)).is_rough is is_rough


def test_the_interval_of_kappa_that_is_not_called_rough_holds_the_truth():
    numbers, together = np.random.default_rng(1), np.array([[0.45, 0.05], [0.05, 0.45]])
    found = [
        kappa_of(of_table(table))
        for table in numbers.multinomial(400, together.ravel(), 300).reshape(-1, 2, 2)
    ]
    sure = [one.interval for one in found if not one.is_rough]
    assert len(sure) > 290
    assert np.mean([low <= 0.8 <= high for low, high in sure]) >= 0.92


DECISIONS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60)


@given(DECISIONS, st.permutations(range(4)))
def test_kappa_depends_neither_on_who_is_first_nor_on_how_categories_are_numbered(pairs, numbers):
    mine, theirs = zip(*pairs, strict=True)
    renumbered = ([numbers[one] for one in side] for side in (mine, theirs))
    found = kappa_of(records(mine, theirs))
    for other in (kappa_of(records(theirs, mine)), kappa_of(records(*renumbered))):
        assert (found.value is None) == (other.value is None)
        assert (found.interval is None) == (other.interval is None)
        if found.value is not None:
            assert other.value == pytest.approx(found.value)
            assert -1 <= found.value <= 1
        if found.interval is not None:
            assert other.interval == pytest.approx(found.interval)
            assert found.interval[0] <= found.value <= found.interval[1]


def test_many_categories_take_no_room_for_pairs_that_do_not_occur():
    found = records(range(10_000), range(9_999, -1, -1))
    assert len(found.pairs[2]) == 10_000
    assert found.share.count == 0
    assert kappa_of(found).value == pytest.approx(0, abs=1e-3)
