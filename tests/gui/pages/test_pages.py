"""Checking page by page: a page of one name's suggestions, by keys and by mouse."""

import csv
import threading

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from grey_pictures import draw_colours
from nameplate.domain.concepts import Concept
from nameplate.domain.labels import DecidedBy, ReviewState
from nameplate.formats.csv import BEST
from nameplate.pipeline.pages.rules import Candidates
from nameplate.project.file.store import ENDING
from nameplate.ui.pages import page_commit
from nameplate.wording.progress import surely_right_text
from qt_help import press_button, wait
from window_driver import COLOURS
from window_fixtures import read_in

EACH = 35
"""Pictures of each name: as many as a page has, so that each page is of one name."""


def names_until_the_end(window, picture) -> list[str]:
    """Turn all pages; return the names of those that had a picture."""
    names = []
    while window.page:
        if picture in window.page:
            names.append(window.page_name)
        window.turn_page()
    return names


@pytest.fixture
def many(window, tmp_path):
    """The window with 72 pictures of three colours, which are suggested rightly."""
    return read_in(window, draw_colours(tmp_path / "many", EACH), *COLOURS)


@pytest.fixture
def pages(many):
    """The same, at the first page."""
    many.main.messages.clear()  # one that goes meanwhile would move the pictures
    many.begin_pages()
    return many


def others(window) -> list[str]:
    """Return the names that the page is not of."""
    return [name for name in window.names() if name != window.page_name]


def wrong(window) -> list[str]:
    """Return the pictures of the page that are marked as wrong, or named otherwise."""
    off = ("wrong", "named")
    return [picture for picture, said in window.on_page().items() if said.startswith(off)]


def decided(window) -> int:
    return int((window.project.labels.decided_by == DecidedBy.PERSON).sum())


def test_pages_come_until_all_is_decided_each_as_one_step(pages):
    seen, turns, steps = [], 0, len(pages.project.history.done)
    while pages.page:
        assert {picture.split("/")[0] for picture in pages.page} == {pages.page_name}
        seen += pages.page
        pages.turn_page()
        turns += 1
    assert sorted(seen) == sorted(pages.pictures())
    assert len(pages.project.history.done) == steps + turns
    assert all(picture.split("/")[0] == label for picture, label in pages.labels().items())
    assert pages.review_state(seen[0]) == ReviewState.ACCEPTED
    assert f"{3 * EACH} of {3 * EACH} checked" in pages.checked
    assert pages.page_text.split() == f"All {3 * EACH} pictures are checked.".split()


def test_enter_after_the_last_page_exports_but_not_one_that_was_meant_for_the_page(pages):
    while pages.page:
        pages.turn_page()
    pages.press("Return")
    assert pages.page_text.startswith("All ")
    wait(lambda: not pages.pages.is_fresh)
    pages.press("Return")
    assert pages.main.exporting.panel.isVisible()


def test_a_key_names_what_the_mouse_points_at_and_enter_accepts_the_rest(pages):
    first, second, third, *rest = pages.page
    other = others(pages)[0]
    pages.point_at(second)
    pages.name_by_key(other)
    assert pages.on_page()[second] == f"named: {other}"
    assert f"Accept {len(rest) + 2} as {pages.page_name}" in pages.page_text
    name = pages.page_name
    pages.turn_page()
    assert pages.labels()[second] == other
    assert pages.review_state(second) == ReviewState.CORRECTED
    assert {pages.labels()[picture] for picture in (first, third, *rest)} == {name}
    assert pages.offers(
        f"Undo page of {len(rest) + 3} as “{name}”: {len(rest) + 2} accepted, 1 named"
    )


def test_a_name_that_is_picked_for_what_the_mouse_points_at_leaves_it_there(pages):
    first, second, *_ = pages.page
    one, other = others(pages)
    pages.point_at(first)
    pages.press("/")
    pages.type(one)
    pages.press("Return")
    pages.name_by_key(other)  # the mouse still points at it: it was mistyped
    assert pages.on_page()[first] == f"named: {other}"
    assert not pages.on_page()[second].startswith("named")


def test_a_tool_tip_goes_when_its_picture_is_named(pages):
    first, *_ = pages.page
    pages.point_at(first)
    view, place = pages.pages.view, pages.places_on_page()[0].center()
    QApplication.sendEvent(
        view.viewport(), QHelpEvent(QEvent.Type.ToolTip, place, view.mapToGlobal(place))
    )
    assert first.split("/")[1] in QToolTip.text()
    pages.name_by_key(others(pages)[0])
    wait(lambda: not QToolTip.isVisible(), 3)  # it would go by itself after ten seconds


def test_enter_that_is_pressed_twice_turns_one_page(pages, monkeypatch):
    wait(lambda: pages.is_page_seen)
    first = pages.page_name
    monkeypatch.setattr("nameplate.ui.pages.pages.DOUBLE_S", 3600.0)
    pages.press("Return")
    pages.let_work()
    assert pages.page_name == first
    monkeypatch.setattr("nameplate.ui.pages.pages.DOUBLE_S", 0.0)
    pages.press("Return")
    wait(lambda: pages.page_name != first)


def test_a_key_names_the_current_picture_and_goes_on_to_the_next(pages):
    first, second, third, fourth, *_ = pages.page
    one, other = others(pages)
    for name in (one, other, one):
        pages.name_by_key(name)
    said = pages.on_page()
    assert [said[picture] for picture in (first, second, third)] == [
        f"named: {one}", f"named: {other}", f"named: {one}"
    ]  # fmt: skip
    pages.press("X", "Left")
    assert pages.on_page()[fourth] == "skipped"
    assert pages.page[pages.pages.view.current] == fourth


def test_a_key_stays_at_the_last_picture_of_a_page_and_where_the_person_wants_that(pages):
    first, last = pages.page[0], pages.page[-1]
    pages.press("End")
    for name in others(pages):
        pages.name_by_key(name)
    assert wrong(pages) == [last]
    pages.press("Home")
    pages.menu("Go on after each label")
    for name in others(pages):
        pages.name_by_key(name)
    assert wrong(pages) == [first, last]


def test_what_the_mouse_points_at_can_be_named_anew(pages):
    second = pages.page[1]
    pages.point_at(second)
    for name in others(pages):
        pages.name_by_key(name)
    assert wrong(pages) == [second]
    assert pages.on_page()[second] == f"named: {others(pages)[-1]}"


def test_undo_leads_back_to_the_picture_that_a_key_was_for(pages):
    first, (one, other) = pages.page[0], others(pages)
    pages.name_by_key(one)
    pages.press("Ctrl+Z")
    pages.name_by_key(other)
    assert {first: pages.on_page()[first]} == {first: f"named: {other}"}
    assert wrong(pages) == [first]


def test_where_the_mouse_left_the_page_for_its_button_the_next_begins_at_its_first_picture(pages):
    pages.point_at(pages.page[2])
    QTest.mouseMove(pages.pages.turn)
    QApplication.sendEvent(pages.pages.view, QEvent(QEvent.Type.Leave))
    pages.turn_page()
    assert pages.pages.view.current == 0


def test_only_what_gets_no_label_is_dimmed(pages):
    named, wrong_one, skipped, other = pages.page[:4]
    pages.point_at(named)
    pages.name_by_key(others(pages)[0])
    pages.click_on_page(wrong_one)
    pages.point_at(skipped)
    pages.press("X")
    assert [pages.is_dimmed(one) for one in (named, wrong_one, skipped, other)] == [
        False, True, True, False
    ]  # fmt: skip


def test_the_button_counts_what_it_accepts_and_what_becomes_of_the_others_stands_beside_it(pages):
    count, name = len(pages.page), pages.page_name
    assert pages.accepts == f"Accept {count} as {name}"
    lost, out, wrong_one, named, skipped, *_ = pages.page
    pages.lose(lost)
    pages.point_at(out)
    pages.press("Ctrl+Del")
    pages.click_on_page(wrong_one)
    pages.point_at(named)
    pages.name_by_key(others(pages)[0])
    pages.point_at(skipped)
    pages.press("X")
    assert pages.accepts == f"Accept {count - 5} as {name}"
    beside = "1 named, 1 wrong, left undecided, 1 skipped, 1 can't be shown"
    assert beside in pages.page_text
    before = decided(pages)
    pages.turn_page()
    assert decided(pages) == before + count - 5


def test_a_file_that_turns_out_to_be_no_picture_is_not_counted(many, tmp_path):
    broken = many.pictures()[0]
    (tmp_path / "many" / broken).write_bytes(b"no picture")
    many.begin_pages()
    while broken not in many.page:
        many.press("Tab")
        wait(lambda: many.is_page_seen)
    wait(lambda: many.accepts == f"Accept {len(many.page) - 1} as {many.page_name}")


def test_the_hint_is_short_and_the_pictures_stay_where_they_are_whatever_is_said(pages):
    title, progress, hint, *_ = pages.page_text.splitlines()
    assert len(hint.split()) <= 12
    assert title.endswith(pages.page_name)
    assert progress == "Page 1 of about 3"
    places = pages.pages.view.geometry()
    pages.press("Ctrl+A")
    assert pages.accepts == "Go on"
    assert f"{len(pages.page)} wrong, left undecided" in pages.page_text
    assert pages.pages.view.geometry() == places


def test_arrows_and_a_key_do_the_same_without_a_mouse(pages):
    pages.press("Right", "Down")
    place = 1 + pages.page_columns
    pages.name_by_key(others(pages)[0])
    assert list(pages.on_page().values())[place].startswith("named: ")
    pages.press("Left", "Left", "X")
    assert list(pages.on_page().values())[place - 1] == "skipped"
    pages.press("Left", "Left", "Del")
    assert list(pages.on_page().values())[place - 2] == f"wrong, not {pages.page_name}"
    pages.press("Del", "Right", "X")
    pages.press("Right", str(pages.names().index(pages.page_name) + 1))
    assert all(said.endswith("%") for said in pages.on_page().values())


def test_a_click_marks_and_unmarks_and_a_rejected_picture_comes_under_its_next_best_name(pages):
    name, (first, second, *_) = pages.page_name, pages.page
    pages.click_on_page(first)
    pages.click_on_page(second)
    pages.click_on_page(second)
    assert pages.on_page()[first] == f"wrong, not {name}"
    assert pages.on_page()[second].endswith("%")
    pages.turn_page()
    assert pages.review_state(first) == ReviewState.UNLABELLED
    (came_as,) = names_until_the_end(pages, first)
    assert came_as != name


@pytest.mark.parametrize("is_labelled", [False, True])
def test_what_is_none_of_the_names_is_neither_labelled_nor_delivered_as_one(
    opened, tmp_path, is_labelled
):
    opened.delete("blue")
    opened.wait_until_read()
    if is_labelled:
        opened.menu("Auto-label all")
        assert all(opened.chips())
    blue = [picture for picture in opened.pictures() if picture.startswith("blue/")]
    opened.begin_pages()
    while opened.page:
        for picture in set(blue) & set(opened.page):
            opened.click_on_page(picture)
        opened.turn_page()
    if not is_labelled:
        assert f"No name fits {len(blue)} pictures. Add a name." in opened.page_text
        press_button(opened.pages, "Show them")
        assert opened.look == "grid"
        assert opened.pictures() == blue
        assert opened.conditions == [f"{len(blue)} pictures"]
        opened.press("Ctrl+Shift+F")
    opened.press("Escape")
    said = {opened.state(picture) for picture in blue}
    assert said == {"set aside, no name fits"}
    opened.menu("Auto-label all")
    assert f"{len(blue)} left out: no name fits." in opened.message
    assert {opened.labels()[picture] for picture in blue} == {""}
    opened.export(tmp_path / "labels.csv", csv_columns="All columns")
    with (tmp_path / "labels.csv").open(newline="") as file:
        rows = {row["path"]: row for row in csv.DictReader(file)}
    for picture in blue:
        row = rows[picture]
        assert {row[c] for c in ("label", *BEST, "probability", "runner_up")} == {""}, row
    opened.menu("Auto-label all")
    opened.answer("Show")
    assert opened.pictures() == blue
    for _ in range(3):
        opened.menu("Undo")
    assert "set aside" not in opened.state(blue[0])


def test_what_was_said_to_be_wrong_stays_so_after_the_project_is_closed(
    pages, make_window, tmp_path
):
    name, first, *_ = pages.page_name, *pages.page
    pages.click_on_page(first)
    pages.turn_page()
    pages.save_and_close(tmp_path / f"mine{ENDING}")
    later = make_window()
    later.go_on_with(tmp_path / f"mine{ENDING}")
    later.begin_pages()
    (came_as,) = names_until_the_end(later, first)
    assert came_as != name


def test_the_name_of_the_page_takes_the_mark_off_a_wrong_picture(pages):
    before, picture = pages.on_page(), pages.page[2]
    pages.click_on_page(picture)
    pages.wait_until_read()
    pages.name_by_key(pages.page_name)
    pages.wait_until_read()
    wait(lambda: pages.on_page() == before)
    assert not any(pages.project.rejected.values())


def test_a_drag_goes_on_in_the_next_row_as_in_reading_and_one_key_names_all_of_it(pages):
    other, columns = others(pages)[0], pages.page_columns
    assert columns > 3
    dragged = pages.page[columns - 1 : columns + 2]
    pages.drag_on_page(dragged[0], dragged[-1])
    assert wrong(pages) == dragged
    pages.name_by_key(other)
    assert {pages.on_page()[picture] for picture in dragged} == {f"named: {other}"}


def test_passing_over_a_marked_picture_and_back_leaves_its_mark(pages):
    first, second, third = pages.page[1:4]
    pages.drag_on_page(first, second)
    pages.drag_on_page(second, third, back_to=second)
    assert wrong(pages) == [first, second]
    pages.click_on_page(second)
    assert wrong(pages) == [first]


def test_a_drag_over_marked_pictures_selects_them_and_a_key_names_them_all(pages):
    other, third = others(pages)
    first, second, *rest = pages.page[1:6]
    pages.click_on_page(second)
    pages.point_at(first)
    pages.name_by_key(other)
    for begin, end in ((first, rest[-1]), (rest[-1], first)):  # from a marked one, and to it
        pages.drag_on_page(begin, end)
        said = pages.on_page()
        assert said[first] == f"named: {other}"
        assert all(said[one].startswith("wrong, not") for one in (second, *rest))
    pages.name_by_key(third)
    assert {pages.on_page()[one] for one in (first, second, *rest)} == {f"named: {third}"}
    pages.menu("Undo")
    assert pages.on_page()[first] == f"named: {other}"
    pages.menu("Undo")  # the drag, which marked the rest alone
    assert pages.on_page()[second].startswith("wrong, not")
    assert not set(rest) & set(wrong(pages))


def test_what_was_dragged_over_and_not_named_is_left_undecided_or_right_again_by_one_key(pages):
    dragged = pages.page[1:5]
    pages.drag_on_page(dragged[0], dragged[-1])
    pages.press("Del")
    assert not wrong(pages)
    pages.press("Del")
    assert wrong(pages) == dragged
    pages.turn_page()
    assert {pages.review_state(one) for one in dragged} == {ReviewState.UNLABELLED}


def test_a_page_is_taken_back_by_key_and_by_undo_and_shown_again_as_it_was_marked(pages):
    pages.point_at(3)
    pages.press("X")
    pages.click_on_page(1)
    before, said = pages.page, pages.on_page()
    for take_back in (lambda: pages.press("Backspace"), lambda: pages.menu("Undo")):
        pages.turn_page()
        assert pages.page != before
        take_back()
        assert pages.page == before
        assert pages.on_page() == said
        assert decided(pages) == 1
    pages.menu("Redo")
    assert decided(pages) == len(before) - 1
    assert pages.page != before


def test_marks_of_a_page_that_was_not_turned_are_there_when_the_project_is_opened_again(
    pages, make_window, tmp_path
):
    before, other = pages.page, others(pages)[0]
    pages.click_on_page(1)
    pages.point_at(3)
    pages.press("X")
    pages.point_at(4)
    pages.name_by_key(other)
    pages.save_and_close(tmp_path / f"mine{ENDING}")
    later = make_window()
    later.go_on_with(tmp_path / f"mine{ENDING}")
    assert later.labels()[before[4]] == other
    assert later.review_state(before[3]) == ReviewState.SKIPPED
    assert later.review_state(before[1]) == ReviewState.UNLABELLED
    for left in (1, 0, 0):
        later.menu("Undo")
        assert decided(later) == left


def test_a_page_of_which_a_mark_came_after_it_is_taken_back_and_the_mark_stays(pages):
    before = pages.page
    pages.turn_page()
    marked, other = pages.page[1], others(pages)[0]
    pages.point_at(1)
    pages.name_by_key(other)
    pages.press("Backspace")
    assert pages.page == before
    assert decided(pages) == 1
    assert pages.labels()[marked] == other
    pages.menu("Undo")
    assert decided(pages) == len(before) + 1


def test_undo_of_a_page_from_the_grid_says_what_it_took_back(pages):
    count, name = len(pages.page), pages.page_name
    pages.turn_page()
    pages.press("Escape")
    pages.menu("Undo")
    assert pages.message == f"Undone: page of {count} as “{name}”: {count} accepted."
    assert decided(pages) == 0
    pages.menu("Redo")
    assert pages.message.startswith("Redone: page of")


def test_a_page_where_nothing_was_right_is_taken_back_too_and_named_by_two_keys(pages):
    name, before, other = pages.page_name, pages.page, others(pages)[0]
    pages.press("Ctrl+A")
    pages.turn_page()
    assert decided(pages) == 0
    assert pages.page_name != name
    pages.press("Backspace")
    assert (pages.page_name, pages.page) == (name, before)
    assert pages.on_page()[before[0]] == f"wrong, not {name}"
    pages.press("Ctrl+A")
    pages.name_by_key(other)
    pages.turn_page()
    assert {pages.labels()[picture] for picture in before} == {other}


@pytest.mark.parametrize("is_pointed_at", [False, True])
def test_undo_of_a_mark_leads_to_its_picture_or_leaves_the_keys_to_that_of_the_mouse(
    many, is_pointed_at
):
    many.begin_pages()
    many.press("X", *["Right"] * 6, "2")
    pointed = many.page[8 * is_pointed_at]
    if is_pointed_at:
        many.point_at(pointed)
    many.menu("Undo")
    many.menu("Undo")
    assert many.page[many.pages.view.current] == pointed
    assert many.current() == pointed


def test_undo_takes_back_marks_one_after_the_other_and_then_what_was_done_before(many):
    many.press("1")
    many.begin_pages()
    unmarked = many.on_page()
    many.drag_on_page(2, 4)
    dragged = many.on_page()
    many.name_by_key(others(many)[0])
    named = many.on_page()
    many.menu("Undo")
    assert many.on_page() == dragged
    many.menu("Undo")
    assert many.on_page() == unmarked
    many.menu("Redo")
    many.menu("Redo")
    assert many.on_page() == named
    many.menu("Undo")
    many.menu("Undo")
    assert decided(many) == 1
    many.menu("Undo")
    assert decided(many) == 0
    assert many.message.startswith("Undone: ")
    many.menu("Redo")  # what was undone last comes first
    assert decided(many) == 1
    assert many.message.startswith("Redone: ")
    assert many.on_page() == unmarked
    many.menu("Redo")
    assert many.on_page() == dragged


def test_undo_and_redo_go_by_time_where_a_name_is_added_between_two_marks(pages):
    first, second = pages.page[:2]

    def marked() -> tuple[bool, bool, bool]:
        said = pages.on_page()
        return first in wrong(pages), "extra" in said[second], "extra" in pages.names()

    pages.click_on_page(0)
    pages.add("extra")
    pages.point_at(1)
    pages.name_by_key("extra")
    assert marked() == (True, True, True)
    pages.menu("Undo")
    assert marked() == (True, False, True)
    pages.menu("Undo")
    assert marked() == (True, False, False)
    pages.menu("Undo")
    assert marked() == (False, False, False)
    pages.press("Escape")
    pages.begin_pages()
    pages.menu("Redo")
    assert marked() == (True, False, False)
    pages.menu("Redo")
    assert marked() == (True, False, True)
    pages.menu("Redo")
    assert marked() == (True, True, True)


def test_marks_of_a_page_that_the_filter_hides_are_there_when_it_is_shown_again(pages):
    before, name, other = pages.page, pages.page_name, others(pages)[0]
    pages.click_on_page(1)
    said = pages.on_page()
    pages.look_at(f"name:{other}")
    wait(lambda: pages.page and pages.page != before)
    assert pages.page_name == other
    pages.click_on_page(0)
    pages.look_at("nothing is called so")
    wait(lambda: not pages.page)
    pages.look_at(f"name:{name}")
    wait(lambda: pages.page)
    assert (pages.page, pages.on_page()) == (before, said)


def test_marks_stay_when_the_page_before_of_the_same_name_is_taken_back(pages):
    for _ in range(3):
        pages.menu("Larger pictures")
    name = pages.page_name
    pages.turn_page()
    while pages.page_name != name:
        pages.press("Tab")
    marked = pages.page[1]
    pages.click_on_page(1)
    pages.press("Backspace")
    assert marked not in pages.page
    pages.turn_page()
    while pages.page_name != name:
        pages.press("Tab")
    assert wrong(pages) == [marked]


def test_the_first_page_leads_the_inspector_a_held_enter_keeps_it_and_none_comes_before(pages):
    before, view = pages.page, pages.main.focusWidget()
    assert pages.current() == before[0]
    for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
        held = QKeyEvent(kind, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "\r", True)
        QApplication.sendEvent(view, held)
        assert held.isAccepted()
    pages.press("Backspace")
    assert pages.page == before
    assert "first page" in pages.message


def test_what_was_changed_elsewhere_is_not_undone_by_going_back(pages):
    pages.turn_page()
    pages.add("grey")
    pages.wait_until_read()
    pages.press("Backspace")
    assert "Something else changed" in pages.message
    assert "grey" in pages.names()


def test_a_page_stays_while_suggestions_change_and_its_name_is_changed_until_that_is_deleted(pages):
    before, name = pages.page, pages.page_name
    pages.click_on_page(2)
    pages.add("dark red", "olive", "navy")
    pages.wait_until_read()
    pages.let_work()
    assert pages.page == before
    assert pages.on_page()[before[2]] == f"wrong, not {name}"
    pages.rename(name, f"{name} thing")
    pages.wait_until_read()
    assert pages.page == before
    assert f"{name} thing" in pages.page_text
    pages.delete(f"{name} thing")
    pages.wait_until_read()
    wait(lambda: pages.page and pages.page_name in pages.names())


def test_large_pictures_of_a_page_are_walked_and_named_as_on_the_page(pages):
    first, second, third, *_ = shown = pages.page
    one, name = others(pages)[0], pages.page_name
    pages.point_at(first)
    pages.press("Space")
    assert (pages.look, pages.current()) == ("large", first)
    pages.press("Right")
    assert pages.current() == second
    pages.name_by_key(one)
    assert pages.current() == third
    pages.press("X", "Escape")
    wait(lambda: pages.page and pages.on_page().get(second) == f"named: {one}")
    assert pages.page == shown
    assert pages.on_page()[third] == "skipped"
    assert pages.page[pages.pages.view.current] == shown[3]
    assert f"Accept {len(shown) - 2} as {name}" in pages.page_text


def test_enter_in_the_large_view_of_a_page_goes_through_it_and_back_and_accepts_nothing(pages):
    shown = pages.page
    pages.point_at(shown[-2])
    pages.press("Space", "Return")
    assert (pages.look, pages.current()) == ("large", shown[-1])
    pages.press("Return")
    wait(lambda: pages.page == shown)
    assert decided(pages) == 0


def test_the_keys_for_next_and_previous_walk_the_large_pictures_of_a_page(pages):
    first, second, *_ = pages.page
    pages.point_at(first)
    pages.press("Space", "D")
    assert pages.current() == second
    pages.press("A")
    assert pages.current() == first


def test_large_and_compared_pictures_of_a_page_leave_out_those_that_were_removed(pages):
    first, second, third, *_, before_last, last = pages.page
    for gone in (second, last):
        pages.point_at(gone)
        pages.press("Ctrl+Del")
    pages.point_at(first)
    pages.press("Space", "Right")
    assert pages.current() == third
    pages.press("Left", "C")
    pages.wait_until_decoded()
    assert pages.side_by_side()[:2] == [first, third]
    pages.press("Escape", "End")
    assert pages.current() == before_last
    pages.press("Return")
    wait(lambda: pages.page)


def test_a_large_picture_of_a_page_can_get_several_names_one_after_the_other(pages):
    pages.menu("Several labels per picture")
    pages.wait_until_read()
    wait(lambda: pages.page and pages.is_page_seen)
    picture, name = pages.page[0], others(pages)[0]
    pages.point_at(picture)
    pages.press("Space")
    pages.name_by_key(name)
    assert (pages.look, pages.current()) == ("large", picture)
    assert pages.labels()[picture] == name


def test_undo_of_a_page_from_a_large_picture_of_the_next_shows_the_page_again(pages):
    before = pages.page
    pages.turn_page()
    pages.point_at(pages.page[1])
    pages.press("Space", "Ctrl+Z")
    wait(lambda: pages.page == before)
    assert "Undone: page" in pages.message


def test_undo_says_what_it_took_back_where_the_large_picture_of_a_page_is_another(with_copies):
    window = with_copies
    (stack,) = (name for name, text in window.on_page().items() if "stack" in text)
    window.point_at(stack)
    window.press("Space", "X")
    assert window.current() != stack
    window.press("Ctrl+Z")
    assert decided(window) == 0
    assert "Undone: skip" in window.message


def test_a_picture_of_a_page_is_compared_with_the_next_ones_of_the_page(pages):
    shown = pages.page
    pages.point_at(shown[1])
    pages.press("C")
    pages.wait_until_decoded()
    assert pages.side_by_side() == shown[1:5]
    pages.press("Return", "Return", "Return", "Return")
    wait(lambda: pages.page == shown)
    assert decided(pages) == 0


def test_tab_chooses_another_name_and_keeps_the_marks(pages):
    name, place = pages.page_name, 2
    pages.click_on_page(place)
    said = pages.on_page()
    pages.press("Tab")
    assert pages.page_name == pages.names()[(pages.names().index(name) + 1) % 3]
    pages.press("Shift+Tab")
    assert pages.page_name == name
    assert pages.on_page() == said


def test_a_page_is_not_turned_where_another_came_before_its_files_were_found(pages, monkeypatch):
    lost, is_found = page_commit._lost, threading.Event()

    def slowly(files, cancel):
        is_found.wait(10)
        yield from lost(files, cancel)

    monkeypatch.setattr(page_commit, "_lost", slowly)
    name = pages.page_name
    wait(lambda: pages.is_page_seen)
    pages.press("Return", "Tab")
    wait(lambda: pages.page_name != name)
    other = pages.page_name
    is_found.set()
    pages.turn_page()
    assert set(filter(None, pages.labels().values())) == {other}


def test_esc_goes_back_to_the_grid_where_keys_label_and_the_page_is_there_again(pages):
    before = pages.page
    pages.click_on_page(1)
    said = pages.on_page()
    pages.press("Escape")
    assert pages.shows_pictures
    assert pages.has_focus_on_pictures
    pages.press("T")
    wait(lambda: pages.page == before)
    assert pages.on_page() == said
    pages.press("Escape")
    first = pages.pictures()[0]
    pages.select(first)
    pages.press("2")
    assert pages.state(first) == "decided by you: green"


def test_what_became_of_a_page_is_said_on_the_next_and_not_when_pages_are_shown_again(pages):
    pages.turn_page()
    assert "takes it back" in pages.page_text
    pages.press("Escape")
    pages.press_on_pictures("T")
    wait(lambda: "takes it back" not in pages.page_text)
    pages.turn_page()
    assert "takes it back" in pages.page_text


@pytest.mark.parametrize("is_marked", [False, True])
def test_what_was_decided_meanwhile_is_not_on_the_page_that_is_shown_again(pages, is_marked):
    before, name, other = pages.page, pages.page_name, others(pages)[0]
    if is_marked:
        pages.point_at(0)
        pages.name_by_key(other)
    pages.press("Escape")
    for picture in before[1:3]:
        pages.select(picture)
        pages.press_on_pictures(str(pages.names().index(other) + 1))
    pages.press("T")
    wait(lambda: pages.page and before[1] not in pages.page)
    assert before[2] not in pages.page
    assert pages.page_name == name
    if is_marked:
        assert pages.page == [before[0], *before[3:]]
        assert pages.on_page()[before[0]] == f"named: {other}"
    pages.turn_page()
    assert pages.labels()[before[1]] == other


def test_space_and_the_glass_show_a_picture_large_and_lead_back_to_the_page(pages):
    before = pages.page
    pages.press("Right", "Right")
    wait(lambda: pages.current() == before[2])
    pages.press("Space")
    pages.wait_until_decoded()
    assert not pages.page
    assert pages.side_by_side() == [before[2]]
    pages.press("Escape")
    wait(lambda: pages.page == before)
    assert not pages.main.large.panes
    pages.enlarge_on_page(before[3])  # what the mouse is at
    pages.wait_until_decoded()
    assert pages.side_by_side() == [before[3]]
    assert not decided(pages)
    pages.press("Escape")
    wait(lambda: pages.page == before)
    assert not wrong(pages)


def test_thumbnails_come_to_rest_in_the_grid_after_a_page_was_shown(pages):
    pages.press("Escape")
    pages.menu("Larger pictures")
    wait(lambda: pages.main.thumbnails.is_idle)
    QTest.qWait(100)  # a page that is not seen must not ask for its own size of the same pictures
    wait(lambda: pages.main.thumbnails.is_idle, 3)


def test_another_project_is_opened_in_the_grid_from_a_picture_of_a_page(pages, tmp_path):
    kept = tmp_path / f"kept{ENDING}"
    pages.save_as(kept)
    pages.menu("New project")
    pages.open(tmp_path / "many" / "red")
    pages.add("red", "green")
    pages.wait_until_read()
    pages.begin_pages()
    pages.press("Space")
    pages.open_project(kept)
    wait(lambda: len(pages.pictures()) == 3 * EACH)
    assert pages.look == "grid"


def test_a_look_at_the_pages_leaves_the_selection_of_the_grid(many):
    many.select(7)
    many.press("Shift+Right", "Shift+Right")
    current = many.current()
    ways_back = ("Escape",), ("T",), ("G",), ("Space", "Escape", "Escape")
    for place, keys in enumerate(ways_back, start=1):  # each look goes on where the last one was
        many.begin_pages()
        many.press("Right")
        wait(lambda place=place: many.current() == many.page[place])
        many.press(*keys)
        assert many.look == "grid", keys
        assert many.main.grid.selected_count() == 3, keys
        assert many.current() == current, keys


def test_what_is_selected_in_the_grid_stays_while_a_page_is_turned_behind_it(many):
    many.begin_pages()
    while " of about " in many.page_text:
        many.turn_page()
    wait(lambda: many.is_page_seen)
    before = decided(many)
    many.press("Return", "Escape")
    many.select(0)
    wait(lambda: decided(many) > before)
    many.let_work()
    assert many.main.grid.selected_count() == 1


def test_after_a_page_was_turned_the_grid_goes_on_from_there(many):
    many.select(7)
    many.press("Shift+Right")
    many.begin_pages()
    many.turn_page()
    wait(lambda: many.page and many.current() == many.page[0])
    there = many.current()
    many.press("Escape")
    assert many.current() == there


def test_what_cannot_be_seen_any_more_is_left_undecided_and_reported(pages, tmp_path):
    for is_gone in (False, True):
        (lost, *rest), before = pages.page, decided(pages)
        if is_gone:
            wait(lambda: pages.is_page_seen)
            (tmp_path / "many" / lost).unlink()
        else:
            pages.lose(lost)
        pages.turn_page()
        assert decided(pages) == before + len(rest)
        assert "1 picture can't be shown, so it stays undecided." in pages.message
        assert pages.review_state(lost) == ReviewState.UNLABELLED
        assert lost not in pages.page


def test_what_was_selected_in_the_grid_is_not_removed_from_a_page(many):
    many.press_on_pictures("Ctrl+A")
    many.begin_pages()
    many.point_at(3)
    pointed = many.page[3]
    many.press("Ctrl+Del")
    assert pointed not in many.pictures()
    assert len(many.pictures()) == 3 * EACH - 1


def test_the_last_page_is_taken_back_at_the_end_and_keys_are_for_it_again(pages):
    while pages.page:
        last = pages.page
        pages.turn_page()
    pages.press("Return")  # nothing is left that Enter could be for
    assert pages.pages.isVisible()
    assert "are checked" in pages.page_text
    names = pages.names()
    for way in ("/", "2"):
        pages.main.messages.clear()
        pages.press(way)
        if way == "/":
            pages.type("thing")
            pages.press("Return")
        assert pages.message == "There is no picture to name here."
        assert pages.names() == names
    pages.press("Backspace")
    assert pages.page == last
    pages.press("Right", "X")
    assert pages.on_page()[last[1]] == "skipped"
    pages.turn_page()
    assert pages.review_state(last[1]) == ReviewState.SKIPPED
    assert "1 picture skipped" in pages.page_text


def test_the_end_is_said_where_the_filter_hides_what_is_decided(many):
    many.look_at("is:undecided")
    many.begin_pages()
    while many.page:
        many.turn_page()
    assert "are checked" in many.page_text


def test_larger_pictures_are_fewer_and_keep_their_marks(pages):
    count = len(pages.page)
    marked = [pages.page[0], pages.page[-1]]
    for picture in marked:
        pages.click_on_page(picture)
    for _ in range(3):
        pages.menu("Larger pictures")
    assert len(pages.page) < count
    assert wrong(pages) == marked
    for _ in range(3):
        pages.menu("Smaller pictures")
    assert len(pages.page) == count
    assert sorted(wrong(pages)) == sorted(marked)


def test_a_page_of_several_names_keeps_its_pictures_when_they_are_larger(opened):
    opened.begin_pages()
    before = opened.page
    opened.click_on_page(1)
    opened.menu("Larger pictures")
    assert opened.page == before
    opened.menu("Smaller pictures")
    assert opened.page == before
    assert wrong(opened) == [before[1]]


@pytest.mark.parametrize("names", [1, 40])
def test_a_page_fills_the_window_and_no_picture_is_outside(many, names):
    if names == 40:
        many.add(*(f"{'a very long name that goes on ' * 5}{number}" for number in range(37)))
    else:
        many.delete("red")
        many.delete("green")
    many.wait_until_read()
    for size in ((1024, 700), (1360, 840), (2400, 1400)):
        many.main.resize(*size)
        many.begin_pages()
        QTest.qWait(20)
        places = many.places_on_page()
        inside = many.page_area()
        assert all(inside.contains(place) for place in places), size
        assert not any(a.intersects(b) for a in places for b in places if a is not b), size
        assert many.main.width() == size[0]
        if names == 1:
            assert 12 <= len(places) <= 62, size
            pictures = sum(p.width() * p.height() for p in places)
            assert pictures > 0.6 * inside.width() * inside.height(), size
        many.press("Escape")


def test_no_key_is_for_pictures_that_are_selected_behind_the_page(opened):
    opened.press("Escape", "Ctrl+A", "1", "Ctrl+A")
    opened.menu("Check pages")
    wait(lambda: "are checked" in opened.page_text)
    before = opened.project.revision, opened.conditions
    for key in ("Ctrl+Del", "Ctrl+Shift+L", "F"):
        opened.press(key)
        assert (opened.project.revision, opened.conditions) == before, key
    opened.press("Escape")
    assert opened.look == "grid"
    opened.menu("Next undecided picture")


def test_a_picked_name_is_for_the_picture_that_was_pointed_at_when_picking_began(pages):
    first, second = pages.page[:2]
    pages.point_at(first)
    pages.press("/")
    pages.type("green")
    pages.point_at(second)
    pages.press("Return")
    marks = pages.on_page()
    assert "green" in marks[first]
    assert "green" not in marks[second]


@pytest.mark.parametrize(
    ("is_learned", "said"),
    [(True, "2 of the 4 left after this page are surely right."), (False, "")],
)
def test_what_is_surely_right_is_said_once_something_was_learned(is_learned, said):
    probability = np.array([0.5, 0.97, 0.98, 1], np.float32)
    red, none = Concept(1, "red"), np.empty(0, np.int64)
    alone = np.full(4, -1)
    rest = Candidates(np.arange(4), (red,), np.zeros(4, np.int64), probability, none, 0, alone)
    text = surely_right_text(rest.surely_right, len(rest.rows), is_learned=is_learned)
    assert text == said


@pytest.fixture
def with_copies(window, tmp_path):
    """The window with three pictures of shapes, of the first of which there are two copies."""
    rng = np.random.default_rng(0)
    for name in ("first", "second", "third"):
        blocks = rng.integers(0, 256, (5, 6, 3), np.uint8)
        picture = Image.fromarray(blocks).resize((60, 50), Image.Resampling.BICUBIC)
        picture.save(tmp_path / f"{name}.png")
        if name == "first":
            picture.save(tmp_path / "first copy.jpg", quality=60)
            picture.resize((36, 30)).save(tmp_path / "first small.png")
    read_in(window, tmp_path, "thing").begin_pages()
    return window


def test_copies_stand_as_one_picture_and_take_one_decision_in_one_step(with_copies):
    window = with_copies
    (shown,) = (name for name, text in window.on_page().items() if "for a stack of 3" in text)
    assert len(window.page) == 3
    assert "Accept 5 as thing" in window.page_text
    window.point_at(shown)
    window.press("Ctrl+Del")
    assert "3 pictures removed from the project" in window.message
    assert window.accepts == "Accept 2 as thing"
    window.menu("Undo")
    assert window.accepts == "Accept 5 as thing"
    steps = len(window.project.history.done)
    window.turn_page()
    assert decided(window) == 5
    assert len(window.project.history.done) == steps + 1
    window.press("Ctrl+Z")
    assert decided(window) == 0
    assert "for a stack of 3" in window.on_page()[shown]


def test_one_picture_of_a_stack_on_a_page_is_compared_with_the_others_of_it(with_copies):
    window = with_copies
    (shown,) = (name for name, text in window.on_page().items() if "stack" in text)
    window.point_at(shown)
    window.press("Shift+E")
    place = window.page.index(shown)
    inside = window.page[place : place + 3]
    window.point_at(inside[1])
    window.press("C")
    window.wait_until_decoded()
    assert sorted(window.side_by_side()) == sorted(inside)
    assert window.current() == inside[1]
    window.press("Escape")
    assert window.page


def test_what_was_dragged_over_is_compared_and_the_picture_that_is_pointed_at_enlarged(pages):
    before = pages.page
    pages.drag_on_page(1, 3)
    pages.press("C")
    pages.wait_until_decoded()
    assert sorted(pages.side_by_side()) == sorted(before[1:4])
    pages.press("Escape")
    wait(lambda: pages.page == before)
    pages.point_at(6)
    pages.press("Space")  # at once, before the inspector has come after
    pages.wait_until_decoded()
    assert pages.side_by_side() == [before[6]]


def test_a_key_shows_copies_to_be_decided_alone_or_says_that_there_are_none(with_copies):
    window = with_copies
    window.point_at(next(name for name, text in window.on_page().items() if "stack" not in text))
    window.press("Shift+E")
    assert "This picture isn't in a stack." in window.page_text
    window.press("Right" if window.pages.view.current == 0 else "Left")
    assert "isn't in a stack" not in window.page_text
    (shown,) = (name for name, text in window.on_page().items() if "stack" in text)
    window.point_at(shown)
    window.press("Shift+E")
    assert len(window.page) == 5
    window.point_at(window.page[window.page.index(shown) + 1])
    window.press("X")
    window.turn_page()
    states = [window.review_state(picture) for picture in window.pictures()]
    assert states.count(ReviewState.SKIPPED) == 1


def test_keys_decide_nothing_about_a_picture_that_was_taken_out(many):
    many.begin_pages()
    first, second = many.page[:2]
    many.press("Ctrl+Del")
    steps = len(many.project.history.done)
    many.press("2", "X")
    assert len(many.project.history.done) == steps
    many.press("Right", "X")
    assert "skipped" in many.on_page()[second]
    many.menu("Undo")
    many.menu("Undo")
    assert "can't be shown" not in many.on_page()[first]


def test_marks_that_were_made_at_once_are_taken_back_at_once_after_a_stack_was_opened(with_copies):
    window, last = with_copies, len(with_copies.page) - 1
    (shown,) = (name for name, text in window.on_page().items() if "stack" in text)
    window.drag_on_page(0, last)
    window.point_at(shown)
    window.press("Shift+E")
    assert wrong(window) == window.page
    window.menu("Undo")
    assert not wrong(window)


@pytest.fixture
def last_page(window, tmp_path):
    """The window with a page of the last pictures, two each of three names."""
    for colour in ("red", "green", "blue"):
        (tmp_path / "few" / colour).mkdir(parents=True)
        for number in range(2):
            picture = Image.new("RGB", (60 + number, 50), colour)
            picture.save(tmp_path / "few" / colour / f"{number}.png")
    read_in(window, tmp_path / "few", "red", "green", "blue").begin_pages()
    return window


def test_the_last_pictures_of_several_names_come_on_one_page_each_with_its_name(last_page):
    window = last_page
    assert window.page_text.startswith("3 names: red, green, blue")
    assert window.accepts == "Accept 6: 2 red, 2 green, 2 blue"
    assert [picture[0] for picture in window.page] == list("rrggbb")
    assert all(picture.startswith(window.name_on_page(picture)) for picture in window.page)
    window.press("Tab")
    assert window.page_name == "red"
    window.press("Tab")
    window.turn_page()
    assert decided(window) == 2


def test_what_was_said_on_the_last_page_is_decided_when_one_name_is_chosen(last_page):
    window = last_page
    window.point_at("red/1.png")
    window.press("3")
    window.press("Tab")
    assert window.page_name == "red"
    assert window.page == ["red/0.png"]
    assert window.labels()["red/1.png"] == "blue"


def test_marks_and_pages_are_undone_and_done_again_one_by_one(last_page):
    window, steps = last_page, len(last_page.project.history.done)
    window.point_at("red/1.png")
    window.press("3")
    window.point_at("green/0.png")
    window.press("X")
    window.click_on_page("blue/0.png")  # wrong, and nobody said what it is
    window.turn_page()
    assert len(window.project.history.done) == steps + 4
    window.press("Escape")
    while window.offers("Undo"):
        window.menu("Undo")
    assert not window.pictures()
    while window.offers("Redo"):
        window.menu("Redo")
    assert decided(window) == 5
    assert window.review_state("blue/0.png") == ReviewState.UNLABELLED


def test_skipped_pictures_are_said_once_where_a_picture_is_missing(last_page):
    last_page.lose("blue/0.png")
    last_page.point_at("green/0.png")
    last_page.press("X")
    last_page.turn_page()
    assert "1 is missing" in last_page.page_text
    assert last_page.page_text.count("1 picture skipped") == 1


def test_where_the_filter_shows_nothing_every_way_out_of_the_page_says_so(pages):
    for key in ("Escape", "T", "G", "Space", "C"):
        if not pages.page:
            pages.begin_pages()
        pages.filter_by("nothing is called so")
        pages.wait_until_arranged()
        assert not pages.shows_nothing  # the page itself says that it is the end
        pages.press(key)
        assert "No picture matches all of these" in pages.why_nothing, key
        pages.menu("Clear the filter")
        pages.wait_until_arranged()
        assert pages.shows_pictures, key
        assert pages.has_focus_on_pictures, key


def test_pages_of_nothing_are_not_shown_and_it_is_said_why(many):
    many.filter_by("nothing is called so")
    many.wait_until_arranged()
    many.press("T")
    assert many.message == "The filter hides all pictures. Clear it first (Ctrl+Shift+F)."
    assert "No picture matches all of these" in many.why_nothing


def test_the_menu_on_a_page_is_for_the_picture_that_is_pointed_at_and_above_them_is_none(pages):
    second, panel, view = pages.page[1], pages.pages, pages.pages.view
    pages.point_at(second)
    entries = pages.picture_menu_entries()
    assert {"Accept", "Label with", "Skip", "Large picture", "Show in folder"} <= {*entries}
    assert "More like this" not in entries  # it is about the order of the grid
    pages.press("Menu")
    menu = pages.main.picture_menu.menu
    next(entry for entry in menu.actions() if entry.text() == "Skip").trigger()
    menu.close()
    assert pages.on_page()[second] == "skipped"
    for part, opens in ((panel, False), (view, True)):
        place = part.mapToGlobal(part.rect().center() if opens else part.rect().topLeft())
        reason = QContextMenuEvent.Reason.Mouse
        QApplication.sendEvent(part, QContextMenuEvent(reason, part.rect().center(), place))
        assert pages.main.picture_menu.menu.isVisible() == opens
    pages.main.picture_menu.menu.close()


def test_the_keys_that_matter_most_on_a_page_come_first(pages):
    pages.press("F1")
    usual = pages.all_keys.partition("All keys")[0]
    assert "next page" in usual
    assert "Mark a picture as wrong" in usual
    pages.press("Escape", "Space", "F1")
    usual = pages.all_keys.partition("All keys")[0]
    assert "Actual size" in usual
    assert "Accept" not in usual  # Enter leads to the next picture
