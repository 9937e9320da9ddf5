import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.labels import (
    NO_LABEL,
    DecidedBy,
    LabelSets,
    LabelTable,
    ReviewState,
    labels_of,
)

ROWS = 6
SETS = st.frozensets(st.integers(0, 4), max_size=3)


def person(table, *concepts):
    """Return labels of a person, each with one concept."""
    codes = table.sets.codes_of(np.array(concepts, dtype=np.int32))
    return labels_of(codes, DecidedBy.PERSON, ReviewState.CORRECTED, decided_at=5, probability=0.5)


@given(st.lists(st.tuples(st.lists(st.integers(0, ROWS - 1), unique=True), SETS)))
def test_putting_back_what_was_replaced_changes_nothing(changes):
    table = LabelTable(ROWS)
    before = table.all.tobytes()
    replaced = []
    for rows, concepts in changes:
        codes = np.full(len(rows), table.sets.code_of(concepts), dtype=np.int32)
        new = labels_of(codes, DecidedBy.AUTO, ReviewState.SUGGESTED)
        replaced.append((np.array(rows, dtype=np.int64), table.replace(np.array(rows, int), new)))
        assert all(table.members(row) == tuple(sorted(concepts)) for row in rows)
    for rows, labels in reversed(replaced):
        table.replace(rows, labels)
    assert table.all.tobytes() == before


@given(st.lists(SETS, min_size=1), st.integers(0, 4))
def test_sets_of_concepts_are_found_changed_and_counted(sets, concept):
    table = LabelSets()
    codes = np.array([table.code_of(one) for one in sets], dtype=np.int32)
    assert [set(table.members(code)) for code in codes.tolist()] == sets
    has_it = np.isin(codes, table.with_any([concept])).tolist()
    assert has_it == [concept in one for one in sets]
    more, fewer = table.with_added(codes, concept), table.without(codes, [concept])
    assert [set(table.members(code)) for code in more.tolist()] == [s | {concept} for s in sets]
    assert [set(table.members(code)) for code in fewer.tolist()] == [s - {concept} for s in sets]
    counts = {c: sum(c in one for one in sets) for c in range(5)}
    assert table.counts(codes) == {c: count for c, count in counts.items() if count}


def test_no_concept_is_the_empty_set():
    sets = LabelSets()
    assert sets.codes_of(np.array([3, -1, 3], dtype=np.int32)).tolist() == [1, NO_LABEL, 1]
    assert sets.first_concepts().tolist() == [-1, 3]
    assert sets.members(NO_LABEL) == ()


def test_where_nobody_decides_there_is_no_time_and_no_probability():
    codes, nobody = np.array([NO_LABEL], np.int32), DecidedBy.NOBODY
    labels = labels_of(
        codes, nobody, ReviewState.UNLABELLED, decided_at=5, probability=0.5, model=1
    )
    assert (labels["decided_at"], labels["model"]) == (0, 0)
    assert np.isnan(labels["probability"])


def test_rows_keep_their_labels_while_others_are_added_in_small_batches():
    table = LabelTable(2)
    table.replace(np.array([1]), person(table, 7))
    for rows in (3, 4, 300, 301, 5000):
        table.grow(rows)
        assert len(table) == len(table.concepts) == len(table.states) == rows
    assert [table.members(row) for row in range(3)] == [(), (7,), ()]
    assert not table.has_label[2:].any()
    copy = table.copy()
    table.replace(np.array([4999]), person(table, 8))
    assert (copy.members(1), copy.members(4999)) == ((7,), ())
    assert table.sets.counts(table.concepts) == {7: 1, 8: 1}
    assert table.rows_with({8}).tolist() == [4999]


def test_models_have_names_each_once():
    table = LabelTable()
    assert [table.model_index(name) for name in ("", "a", "b", "a")] == [0, 1, 2, 1]
    assert table.models == ["", "a", "b"]
