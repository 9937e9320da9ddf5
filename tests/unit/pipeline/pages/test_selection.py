"""Which suggestions a person should look at next."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nameplate.pipeline.pages.selection import filled_pages, first_page, riskiest_group

MEMBERS = st.lists(st.tuples(st.integers(0, 4), st.floats(0, 1, width=32)), max_size=60)


def arrays(members):
    groups = np.array([group for group, _ in members], np.int64)
    return groups, np.array([risk for _, risk in members], np.float32)


@given(MEMBERS, st.integers(1, 9))
def test_a_page_has_the_riskiest_of_one_group_riskiest_first(members, size):
    groups, risk = arrays(members)
    for group in range(5):
        page = first_page(groups, risk, group, size)
        of_group = [(-risk[i], i) for i in np.flatnonzero(groups == group).tolist()]
        assert page.tolist() == [place for _, place in sorted(of_group)[:size]]


@given(MEMBERS, st.integers(1, 9))
def test_the_page_with_the_most_expected_errors_comes_next(members, size):
    groups, risk = arrays(members)
    chosen = riskiest_group(groups, risk, size)
    if not members:
        assert chosen == -1
        return
    assert chosen in groups
    expected = [risk[first_page(groups, risk, group, size)].sum() for group in range(5)]
    assert expected[chosen] >= max(expected) - size / 255


@given(st.lists(st.integers(0, 30)), st.integers(1, 9), st.integers(0, 3), st.integers(1, 9))
def test_pages_that_groups_fill_are_counted(counts, size, fewest, most):
    pages = filled_pages(counts, size, fewest, most)
    assert -(-sum(counts) // size) <= pages <= sum(-(-count // size) for count in counts)
    assert filled_pages(counts, size, 0, len(counts)) == -(-sum(counts) // size)


def test_too_few_of_a_large_group_fill_no_page():
    assert filled_pages([8, 10], 10, 3, 4) == 2
    assert filled_pages([8, 12], 10, 3, 4) == 3
    assert filled_pages([8, 2], 10, 3, 4) == 1


def test_a_page_is_filled_by_so_many_groups_at_most():
    assert filled_pages([2, 2, 2, 2], 10, 3, 4) == 1
    assert filled_pages([2, 2, 2, 2], 10, 3, 3) == 2
