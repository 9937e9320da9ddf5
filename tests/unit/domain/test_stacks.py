"""Images that belong together make stacks, whatever joins them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.stacks import StackKind, Stacks, agreeing, joined, members, no_stacks, tops

COUNT = 12
row = st.integers(0, COUNT - 1)
pair = st.tuples(row, row).filter(lambda two: two[0] < two[1])
kind = st.sampled_from([StackKind.SAME_FILE, StackKind.COPY, StackKind.BURST])
rows_of_more = st.lists(st.integers(0, COUNT + 3), unique=True).map(
    lambda rows: np.array(rows, np.int64)
)


@st.composite
def stacks_of_pairs(draw) -> tuple[dict[StackKind, list], Stacks]:
    pairs = draw(st.dictionaries(kind, st.lists(pair, min_size=1, max_size=6)))
    arrays = {one: np.array(two, np.int64).reshape(-1, 2) for one, two in pairs.items()}
    return pairs, joined(arrays, COUNT)


def together(stacks: Stacks) -> set[frozenset[int]]:
    numbers = stacks.numbers
    return {frozenset(np.flatnonzero(numbers == n).tolist()) for n in set(numbers.tolist()) - {-1}}


def by_hand(pairs: dict[StackKind, list]) -> set[frozenset[int]]:
    sets = [{n} for n in range(COUNT)]
    for one, other in (two for of in pairs.values() for two in of):
        both = next(s for s in sets if one in s) | next(s for s in sets if other in s)
        sets = [s for s in sets if not s & both] + [both]
    return {frozenset(s) for s in sets if len(s) > 1}


@given(stacks_of_pairs())
def test_what_pairs_join_is_one_stack_whatever_their_kinds(made):
    pairs, stacks = made
    assert together(stacks) == by_hand(pairs)
    firsts = [min(one) for one in together(stacks)]
    assert [int(stacks.numbers[first]) for first in sorted(firsts)] == list(range(len(firsts)))


@given(stacks_of_pairs())
def test_an_image_is_there_for_its_strongest_reason(made):
    pairs, stacks = made
    for image in range(COUNT):
        reasons = [one for one, of in pairs.items() if any(image in two for two in of)]
        assert stacks.kinds[image] == min(reasons, default=StackKind.NONE)


@given(stacks_of_pairs(), rows_of_more)
def test_members_are_the_whole_stacks_and_what_stands_alone(made, rows):
    _, stacks = made
    expected = set(rows.tolist()).union(
        *(one for one in together(stacks) if one & set(rows.tolist()))
    )
    assert members(stacks, rows).tolist() == sorted(expected)


@given(stacks_of_pairs(), rows_of_more)
def test_of_the_rows_in_their_order_the_first_of_a_stack_is_its_top(made, rows):
    _, stacks = made
    seen, expected = set[int](), list[bool]()
    for one, number in zip(rows, stacks.of(rows).tolist(), strict=True):
        assert (number == -1) or one < COUNT
        expected.append(number == -1 or number not in seen)
        seen.add(number)
    assert tops(stacks, rows).tolist() == expected


@given(stacks_of_pairs(), st.lists(st.integers(-1, 2), min_size=COUNT, max_size=COUNT))
def test_a_stack_of_which_different_things_are_said_is_broken_up(made, said):
    _, stacks = made
    kept = agreeing(stacks, np.array(said, np.int64))
    expected = {one for one in together(stacks) if len({said[r] for r in one} - {-1}) < 2}
    assert together(kept) == expected
    assert ((kept.kinds == StackKind.NONE) == (kept.numbers == -1)).all()


@given(stacks_of_pairs(), st.lists(st.booleans(), min_size=COUNT, max_size=COUNT))
def test_what_is_left_alone_is_no_stack(made, out):
    _, stacks = made
    left = stacks.without(np.array(out))
    some = ({r for r in one if not out[r]} for one in together(stacks))
    assert together(left) == {frozenset(one) for one in some if len(one) > 1}


def test_images_that_stand_alone_are_their_own_tops():
    stacks, rows = no_stacks(), np.array([4, 2])
    assert members(stacks, rows).tolist() == [2, 4]
    assert tops(stacks, rows).all()
    assert len(agreeing(stacks, np.empty(0, np.int64))) == 0
