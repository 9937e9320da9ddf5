"""Cells of a view: one for each stack, at the place of its first image, that opens."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.filtering.cells import cells_of, disagreeing, stacks_shown
from nameplate.domain.filtering.columns import Columns
from nameplate.domain.filtering.views import Sort, View, arrange, snapshot_of
from nameplate.domain.images import ImageTable
from nameplate.domain.labels import DecidedBy, LabelTable, ReviewState, labels_of
from nameplate.domain.messages import Message

CAT, DOG = 1, 2


def rows(*numbers):
    return np.array(numbers, np.int64)


class Folder:
    """Images of which `numbers` says the stacks, all suggested as cats."""

    def __init__(self, *numbers):
        self.images, self.labels = ImageTable(), LabelTable(len(numbers))
        self.images.add([f"/p/{place}.jpg" for place in range(len(numbers))])
        self.numbers = np.array(numbers, np.int64)
        self.suggested = np.full(len(numbers), CAT, np.int32)
        self.opened = rows()

    def decide(self, row, *concepts, by=DecidedBy.PERSON, state=ReviewState.ACCEPTED):
        codes = np.array([self.labels.sets.code_of(concepts)], np.int32)
        self.labels.replace(rows(row), labels_of(codes, by, state))

    @property
    def columns(self):
        ones = np.ones(len(self.numbers), np.float32)
        columns = Columns.of(self.images, self.labels, self.suggested, ones, ones)
        return replace(columns, stacks=self.numbers, opened=self.opened)

    def cells(self, *order):
        shown = rows(*(order or range(len(self.numbers))))
        return cells_of(shown, stacks_shown(shown, self.columns), self.opened)


def seen(cells):
    """Return the images of each cell."""
    return [cells.images_of(rows(row)).tolist() for row in cells.shown.tolist()]


def test_a_stack_is_one_cell_at_the_place_of_its_first_image():
    folder = Folder(-1, 0, 1, 0, 1, -1)
    assert seen(folder.cells()) == [[0], [1, 3], [2, 4], [5]]
    assert seen(folder.cells(5, 4, 3, 2, 1, 0)) == [[5], [4, 2], [3, 1], [0]]


def test_an_opened_stack_shows_each_of_its_images_after_the_first():
    folder = Folder(-1, 0, 1, 0, 1, -1)
    folder.opened = rows(3)
    cells = folder.cells()
    assert cells.shown.tolist() == [0, 1, 3, 2, 5]
    assert [cells.place_in_open(row) for row in (0, 1, 3, 2)] == [(0, 1), (0, 2), (1, 2), (0, 1)]
    assert [cells.count(row) for row in (0, 1, 3, 2)] == [1, 1, 1, 2]


def test_a_stack_is_of_what_the_view_shows_alone():
    folder = Folder(0, 0, 0, 1, 1)
    assert seen(folder.cells(0, 2, 3)) == [[0, 2], [3]]


@pytest.mark.parametrize("concept", [DOG, CAT])
def test_a_stack_of_which_a_person_decided_a_part_is_broken_up(concept):
    folder = Folder(0, 0, 0)
    folder.decide(1, concept)
    assert seen(folder.cells()) == [[0], [1], [2]]
    folder.decide(0, concept)
    folder.decide(2, concept)
    assert seen(folder.cells()) == [[0, 1, 2]]


def test_a_stack_of_several_suggestions_is_broken_up_unless_it_is_open():
    folder = Folder(0, 0, 0)
    folder.suggested[2] = DOG
    assert seen(folder.cells()) == [[0], [1], [2]]
    folder.opened = rows(0)
    assert folder.cells().place_in_open(2) == (2, 3)


def test_what_a_filter_hides_breaks_a_stack_up_too_where_it_says_something_else():
    folder = Folder(0, 0, 0)
    folder.suggested[2] = DOG
    assert seen(folder.cells(0, 1)) == [[0], [1]]
    folder.decide(2, CAT)
    assert seen(folder.cells(0, 1)) == [[0, 1]]
    folder.decide(2, state=ReviewState.SKIPPED)
    assert seen(folder.cells(0, 1)) == [[0, 1]]


def test_an_image_that_was_removed_says_nothing_of_its_stack():
    folder = Folder(0, 0, 0)
    folder.suggested[2] = DOG
    folder.images.set_removed(rows(2), is_removed=True)
    assert seen(folder.cells(0, 1)) == [[0, 1]]


def test_an_automatic_label_is_the_same_as_the_suggestion_of_it():
    folder = Folder(0, 0)
    folder.decide(0, CAT, by=DecidedBy.AUTO, state=ReviewState.SUGGESTED)
    assert seen(folder.cells()) == [[0, 1]]
    folder.decide(1, CAT, DOG, by=DecidedBy.AUTO, state=ReviewState.SUGGESTED)
    assert seen(folder.cells()) == [[0], [1]]


def test_what_was_skipped_of_a_stack_is_one_cell_beside_the_rest():
    folder = Folder(0, 0, 0, 0)
    for row in (0, 2):
        folder.decide(row, state=ReviewState.SKIPPED)
    assert seen(folder.cells()) == [[0, 2], [1, 3]]


def test_an_image_that_cannot_be_read_stands_alone():
    folder = Folder(0, 0, 0)
    folder.images.set_unreadable(1, Message("is-empty"))
    assert seen(folder.cells()) == [[0, 2], [1]]


def test_a_closed_stack_comes_apart_as_soon_as_something_else_is_said_of_a_part():
    folder = Folder(0, 0, 1, 1)
    cells = folder.cells()
    assert not len(disagreeing(cells, rows(0, 1, 2, 3), folder.columns))
    folder.suggested[1] = DOG
    assert disagreeing(cells, rows(0, 2), folder.columns).tolist() == [0]
    assert not len(disagreeing(cells, rows(2, 3), folder.columns))
    folder.decide(2, state=ReviewState.SKIPPED)
    assert disagreeing(cells, rows(3), folder.columns).tolist() == [3]


def test_a_view_shows_stacks_as_one_where_it_says_so_and_they_are_known():
    folder = Folder(0, 0, -1)
    assert arrange(View(), folder.columns).cells is None
    view = View(Sort.ADDED, is_falling=True, is_stacked=True)
    arranged = arrange(view, snapshot_of(view, folder.columns))
    assert arranged.order.tolist() == [2, 1, 0]
    assert arranged.cells is not None
    assert arranged.cells.shown.tolist() == [2, 1]
    folder.numbers = rows()
    assert arrange(view, folder.columns).cells is None


@given(st.data())
def test_each_image_is_in_exactly_one_cell_which_stands_where_its_first_image_does(data):
    numbers = data.draw(st.lists(st.integers(-1, 4), min_size=1, max_size=12))
    folder = Folder(*numbers)
    folder.suggested[:] = data.draw(
        st.lists(st.sampled_from([CAT, DOG]), min_size=len(numbers), max_size=len(numbers))
    )
    order = data.draw(st.permutations(range(len(numbers))))
    order = order[: data.draw(st.integers(1, len(order)))]
    folder.opened = np.array(data.draw(st.lists(st.sampled_from(order), unique=True)), np.int64)
    cells = folder.cells(*order)
    images = seen(cells)
    assert sorted(row for cell in images for row in cell) == sorted(order)
    places = {row: place for place, row in enumerate(order)}
    for cell in images:
        assert len({numbers[row] for row in cell}) == 1
        assert len({int(folder.suggested[row]) for row in cell}) == 1
        assert [places[row] for row in cell] == sorted(places[row] for row in cell)
        assert len(cell) == cells.count(cell[0])
        assert (cells.first_of(np.array(cell, np.int64)) == cell[0]).all()
    heads = [cell[0] for cell in images if cells.place_in_open(cell[0])[0] == 0]
    assert [places[row] for row in heads] == sorted(places[row] for row in heads)
