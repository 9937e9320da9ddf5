import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.labels import (
    NO_CONCEPT,
    DecidedBy,
    LabelDelta,
    LabelTable,
    ReviewState,
    accept_delta,
    auto_delta,
    clear_delta,
    person_delta,
)

ROWS = 6


def rows(*numbers):
    return np.array(numbers, dtype=np.int64)


def keys(*numbers):
    return np.array(numbers, dtype=np.int32)


@st.composite
def deltas(draw):
    chosen = draw(st.lists(st.integers(0, ROWS - 1), unique=True, max_size=ROWS))
    count = len(chosen)
    column = lambda low, high: draw(  # noqa: E731
        st.lists(st.integers(low, high), min_size=count, max_size=count)
    )
    return LabelDelta(
        rows(*chosen),
        keys(*column(-1, 4)),
        np.array(column(0, 3), dtype=np.uint8),
        np.array(column(0, 4), dtype=np.uint8),
    )


@given(st.lists(deltas(), max_size=8))
def test_applying_deltas_and_their_inverses_backwards_changes_nothing(changes):
    table = LabelTable(ROWS)
    inverses = [table.apply(delta) for delta in changes]
    for inverse in reversed(inverses):
        table.apply(inverse)
    assert table.concepts.tolist() == [NO_CONCEPT] * ROWS
    assert not table.decided_by.any()
    assert not table.states.any()


def test_auto_labelling_never_touches_what_a_person_decided_or_skipped():
    table = LabelTable(3)
    table.apply(person_delta(rows(0), 2, keys(1)))
    table.apply(clear_delta(rows(1), skipped=True))
    table.apply(auto_delta(table, rows(0, 1, 2), keys(7, 7, 7)))
    assert table.concepts.tolist() == [2, NO_CONCEPT, 7]
    assert table.decided_by.tolist() == [DecidedBy.PERSON, DecidedBy.PERSON, DecidedBy.AUTO]


def test_auto_labelling_again_with_a_higher_minimum_takes_weak_labels_off():
    table = LabelTable(2)
    table.apply(auto_delta(table, rows(0, 1), keys(3, 3)))
    table.apply(auto_delta(table, rows(0, 1), keys(3, NO_CONCEPT)))
    assert table.concepts.tolist() == [3, NO_CONCEPT]
    assert table.states.tolist() == [ReviewState.SUGGESTED, ReviewState.UNLABELLED]


def test_auto_labelling_twice_changes_nothing_the_second_time():
    table = LabelTable(2)
    table.apply(auto_delta(table, rows(0, 1), keys(3, 4)))
    assert len(auto_delta(table, rows(0, 1), keys(3, 4))) == 0


def test_a_persons_choice_is_accepted_where_the_model_agrees_and_corrected_elsewhere():
    table = LabelTable(2)
    table.apply(person_delta(rows(0, 1), 5, keys(5, 6)))
    assert table.states.tolist() == [ReviewState.ACCEPTED, ReviewState.CORRECTED]


def test_accepting_leaves_images_without_a_suggestion_alone():
    delta = accept_delta(rows(0, 1), keys(NO_CONCEPT, 4))
    assert delta.rows.tolist() == [1]


def test_counts_are_by_concept():
    table = LabelTable(3)
    table.apply(auto_delta(table, rows(0, 1), keys(8, 8)))
    assert table.counts() == {8: 2}


def test_growing_keeps_labels_and_adds_unlabelled_rows():
    table = LabelTable(1)
    table.apply(person_delta(rows(0), 1, keys(1)))
    table.grow(3)
    assert table.concepts.tolist() == [1, NO_CONCEPT, NO_CONCEPT]


def test_rows_keep_their_labels_while_others_are_added_in_small_batches():
    labels = LabelTable(2)
    labels.apply(person_delta(np.array([1]), 7, np.array([7])))
    for rows in (3, 4, 300, 301, 5000):
        labels.grow(rows)
        assert len(labels) == len(labels.concepts) == len(labels.states) == rows
    assert labels.concepts[:3].tolist() == [NO_CONCEPT, 7, NO_CONCEPT]
    assert (labels.concepts[2:] == NO_CONCEPT).all()
    copy = labels.copy()
    labels.apply(person_delta(np.array([4999]), 8, np.array([7])))
    assert (copy.concepts[1], copy.concepts[4999]) == (7, NO_CONCEPT)
