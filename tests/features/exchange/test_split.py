"""The split into training, validation and test."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.errors import UsageError
from nameplate.features.exchange.further_formats.split import split

SHARES = st.lists(st.integers(0, 20), min_size=2, max_size=3).filter(any)


def counts(names, parts):
    """Return how many images of each name are in each part."""
    found = Counter(zip(names, parts, strict=True))
    return {name: [found[name, part] for part in range(max(parts) + 1)] for name in set(names)}


def test_the_same_seed_gives_the_same_split_today_and_in_years():
    contents = [f"{n:032x}-9" for n in range(10)]
    assert split(contents, ["cat"] * 10, (0.8, 0.1, 0.1), 7) == [2, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    assert split(contents, ["cat"] * 10, (0.8, 0.1, 0.1), 8) != [2, 0, 0, 1, 0, 0, 0, 0, 0, 0]


@given(
    st.dictionaries(st.text(max_size=4), st.sampled_from("abc"), min_size=1, max_size=40),
    SHARES,
    st.integers(0, 5),
    st.randoms(use_true_random=False),
)
def test_the_order_of_images_changes_nothing(named, shares, seed, random):
    contents = list(named)
    first = split(contents, [named[one] for one in contents], shares, seed)
    of_content = dict(zip(contents, first, strict=True))
    random.shuffle(contents)
    second = split(contents, [named[one] for one in contents], shares, seed)
    assert dict(zip(contents, second, strict=True)) == of_content


@given(st.lists(st.integers(1, 30), min_size=1, max_size=12), SHARES, st.integers(0, 9))
def test_each_name_and_the_whole_are_shared_out_to_within_one_picture(sizes, shares, seed):
    names = [str(n) for n, size in enumerate(sizes) for _ in range(size)]
    parts = split([str(n) for n in range(len(names))], names, shares, seed)
    whole = sum(shares)
    found = Counter(zip(names, parts, strict=True))
    for number, size in enumerate(sizes):
        for part, share in enumerate(shares):
            assert abs(found[str(number), part] - size * share / whole) < 1 - 1e-9
    for part, share in enumerate(shares):
        assert abs(parts.count(part) - len(names) * share / whole) < 2


def test_many_names_of_few_pictures_fill_all_parts():
    names = [str(n) for n in range(100)]
    parts = split(names, names, (0.8, 0.1, 0.1), 0)
    assert [parts.count(part) for part in range(3)] == [80, 10, 10]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.sampled_from([(8, 2), (97, 2, 1)]))
def test_each_part_has_a_picture_of_each_name_that_has_enough_where_that_is_asked(sizes, shares):
    names = [str(n) for n, size in enumerate(sizes) for _ in range(size)]
    parts = split([str(n) for n in range(len(names))], names, shares, 0, is_each_in_all=True)
    found = Counter(zip(names, parts, strict=True))
    for number, size in enumerate(sizes):
        has = sum(found[str(number), part] > 0 for part in range(len(shares)))
        assert has == len(shares) or size < len(shares)


@given(st.lists(st.tuples(st.sampled_from("wxyz"), st.sampled_from("ab")), min_size=1), SHARES)
def test_copies_stay_together_even_under_different_names(images, shares):
    contents, names = zip(*images, strict=True)
    parts = split(contents, names, shares, 1)
    assert len(set(zip(contents, parts, strict=True))) == len(set(contents))


@pytest.mark.parametrize("shares", [(1,), (0, 0), (0.5, -0.5, 1), (0.5, float("nan")), (1,) * 4])
def test_shares_that_divide_nothing_are_refused(shares):
    with pytest.raises(UsageError, match="unfit-split"):
        split(["a"], ["b"], shares, 0)
