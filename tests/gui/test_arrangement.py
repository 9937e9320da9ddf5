"""When pictures move: at a step on many and at its undo, never under a person's hands."""

import pytest

from nameplate.domain.filtering.views import Sort


def test_a_decision_on_one_picture_moves_none_and_neither_does_its_undo(opened):
    opened.look_at("is:unlabelled")
    before = opened.pictures()
    assert len(before) == 6
    opened.select(1)
    opened.press("1", "X", "Return")
    assert opened.pictures() == before
    assert opened.chips()[:4] == ["", "red", "", opened.chips()[3]]
    assert opened.chips()[3] != ""
    for place in (3, 2, 1):
        opened.menu("Undo")
        assert opened.pictures() == before
        assert opened.current() == before[place]


def test_labelling_all_sorts_anew_and_so_do_its_undo_and_redo(opened):
    opened.look_at("is:unlabelled")
    before = opened.pictures()
    opened.menu("Auto-label all")
    assert opened.pictures() == []
    assert opened.shows_nothing
    opened.menu("Undo")
    assert opened.pictures() == before
    assert opened.shows_pictures
    opened.menu("Redo")
    assert opened.shows_nothing


@pytest.mark.parametrize("by_message", [True, False])
def test_several_that_are_labelled_by_one_key_go_where_they_belong_and_come_back(
    opened, by_message
):
    opened.look_at(sort=Sort.CONCEPT)
    before = opened.pictures()
    assert [name.split("/")[0] for name in before] == ["red"] * 2 + ["green"] * 2 + ["blue"] * 2
    opened.look_at("name:blue", sort=Sort.CONCEPT)
    assert [name.split("/")[0] for name in opened.pictures()] == ["blue"] * 2
    opened.menu("Select all")
    opened.press("1")
    assert opened.pictures() == []
    if by_message:
        opened.answer("Undo")
    else:
        opened.menu("Undo")
    assert [name.split("/")[0] for name in opened.pictures()] == ["blue"] * 2


def test_an_undo_shows_its_picture_though_a_later_step_had_sorted_it_out(opened):
    opened.look_at("is:unlabelled")
    opened.select("green/tall.jpg")
    opened.press("3")
    opened.wait_until_read()
    opened.menu("Auto-label all")
    opened.menu("Undo")
    assert "green/tall.jpg" not in opened.pictures()
    assert len(opened.pictures()) == 5
    opened.menu("Undo")
    assert len(opened.pictures()) == 6
    assert opened.current() == "green/tall.jpg"


def test_pictures_that_come_in_while_a_filter_hides_all_are_shown(opened, coloured):
    opened.menu("Auto-label all")
    opened.look_at("is:unlabelled")
    assert opened.shows_nothing
    (coloured / "later.png").write_bytes((coloured / "red" / "wide.png").read_bytes())
    opened.open(coloured)
    opened.wait_for_pictures(7)
    assert opened.pictures() == ["pictures/later.png"]
    assert opened.shows_pictures
