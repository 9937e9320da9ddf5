from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.images import BLOCK_ROWS, ImageState, ImageTable
from nameplate.domain.messages import Message


def paths(count, start=0):
    return [Path(f"{i}.jpg") for i in range(start, start + count)]


def test_rows_keep_their_values_while_thousands_are_added():
    table = ImageTable(2)
    table.add(paths(3))
    table.set_embeddings(np.array([1]), np.array([[0.6, 0.8]], dtype=np.float32))
    table.set_unreadable(2, Message("is-empty"))
    added = table.add(paths(5000, 3))
    assert (added.start, added.stop, len(table)) == (3, 5003, 5003)
    np.testing.assert_allclose(table.embeddings[1], [0.6, 0.8])
    assert np.isnan(table.embeddings[5002]).all()
    assert table.states[:4].tolist() == [
        ImageState.WAITING,
        ImageState.READY,
        ImageState.UNREADABLE,
        ImageState.WAITING,
    ]


def test_another_model_makes_ready_rows_wait_and_leaves_unreadable_ones():
    table = ImageTable(2)
    table.add(paths(2))
    table.set_embeddings(np.array([0]), np.ones((1, 2), dtype=np.float32))
    table.set_unreadable(1, Message("is-empty"))
    table.forget_embeddings(5)
    assert table.embeddings.shape == (2, 5)
    assert table.states.tolist() == [ImageState.WAITING, ImageState.UNREADABLE]


def test_a_copy_without_embeddings_is_a_copy():
    table = ImageTable(2)
    table.add(paths(1))
    copy = table.without_embeddings()
    table.set_unreadable(0, Message("is-empty"))
    table.set_removed(np.array([0]), is_removed=True)
    table.add(paths(1, 1))
    assert copy.reasons == {}
    assert copy.states.tolist() == [ImageState.WAITING]
    assert (copy.present, copy.waiting, copy.ids.tolist()) == (1, 1, [1])
    assert list(copy.paths) == paths(1)
    assert copy.add(paths(2000, 2)) == range(1, 2001)  # it can grow like any other


@given(st.lists(st.integers(0, 30), unique=True).map(sorted), st.lists(st.integers(0, 31)))
def test_images_are_found_by_their_ids_also_where_some_ids_are_missing(ids, wanted):
    table = ImageTable()
    table.add(paths(len(ids)), np.array(ids, np.int64))
    if set(wanted) <= set(ids):
        assert table.rows_of(np.array(wanted, np.int64)).tolist() == [ids.index(i) for i in wanted]
    else:
        with pytest.raises(KeyError):
            table.rows_of(np.array(wanted, np.int64))


def test_blocks_stay_valid_while_images_are_added_and_rows_of_many_blocks_are_set():
    table = ImageTable(2)
    table.add(paths(BLOCK_ROWS + 5))
    table.set_embeddings(np.array([7, BLOCK_ROWS]), np.ones((2, 2), dtype=np.float32))
    before = table.blocks()
    rows = np.array([BLOCK_ROWS + 1, 0, BLOCK_ROWS - 1])
    table.set_embeddings(rows, np.array([[1, 1], [2, 2], [3, 3]], dtype=np.float32))
    table.add(paths(3 * BLOCK_ROWS, BLOCK_ROWS + 5))
    assert [len(block) for block in before] == [BLOCK_ROWS, 5]
    assert before[0][0].tolist() == [2, 2]
    assert before[1][1].tolist() == [1, 1]
    assert table.embeddings_of(rows)[:, 0].tolist() == [1, 2, 3]
    np.testing.assert_array_equal(table.embeddings[: BLOCK_ROWS + 5], np.concatenate(before))
    assert len(table.embeddings) == 4 * BLOCK_ROWS + 5


def test_it_is_counted_how_many_images_wait():
    table = ImageTable(2)
    table.add(paths(5))
    vectors = np.ones((2, 2), dtype=np.float32)
    table.set_embeddings(np.array([0, 1]), vectors)
    table.set_embeddings(np.array([1, 2]), vectors)
    table.set_unreadable(3, Message("is-empty"))
    assert (table.waiting, table.without_embeddings().waiting) == (1, 1)
    table.forget_embeddings(3)
    assert table.waiting == np.count_nonzero(table.states == ImageState.WAITING) == 4


def test_images_that_were_not_read_share_one_empty_block():
    table = ImageTable(2)
    table.add(paths(3 * BLOCK_ROWS))
    table.set_embeddings(np.array([BLOCK_ROWS]), np.ones((1, 2), dtype=np.float32))
    first, second, third = table.blocks()
    assert np.shares_memory(first, third)
    assert not np.shares_memory(first, second)
    assert np.isnan(first).all()
    assert np.count_nonzero(~np.isnan(second)) == 2
