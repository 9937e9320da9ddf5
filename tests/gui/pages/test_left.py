"""The button of the pages says how many are left: as many as come."""

import threading

import pytest
from PySide6.QtTest import QTest

from gui.pages.test_pages import COLOURS, EACH, draw_colours, many, read_in  # noqa: F401
from nameplate.pipeline.prompt_encoder import ConceptEncoder
from nameplate.ui.pages import left
from nameplate.ui.pages.page_layout import room_for_pictures
from qt_help import wait


def left_on_button(window) -> int:
    """Return the number on the button; 0 where there is none."""
    text = next(one for one in window.tools_seen() if one.startswith("Check"))
    return next((int(word) for word in text.replace("~", "").split() if word.isdecimal()), 0)


@pytest.mark.parametrize("few", [5000, 0], ids=["at once", "on a thread"])
def test_there_come_as_many_pages_as_the_button_says(many, few, monkeypatch):  # noqa: F811
    monkeypatch.setattr(left, "FEW", few)
    many.show(1000, 600)
    many.let_work()
    wait(lambda: left_on_button(many) > 3)
    said, turned = left_on_button(many), 0
    many.begin_pages()
    wait(lambda: left_on_button(many) == said)
    while many.page:
        many.turn_page()
        turned += 1
        most = said - turned
        wait(lambda most=most: left_on_button(many) <= most)
    assert many.checked == f"{3 * EACH} of {3 * EACH} checked"
    assert left_on_button(many) == 0


def test_where_suggestions_are_learned_the_number_is_about_right_else_exact(many):  # noqa: F811
    many.show(1000, 600)
    wait(lambda: left_on_button(many) > 3)
    assert f"Check ~{left_on_button(many)} pages" in many.tools_seen()
    many.menu("Learn from your labels")
    wait(lambda: f"Check {left_on_button(many)} pages" in many.tools_seen())


def test_a_filter_and_a_larger_window_leave_fewer_pages(many):  # noqa: F811
    many.show(1000, 600)
    wait(lambda: left_on_button(many) > 3)
    before = left_on_button(many)
    many.look_at("name:red")
    wait(lambda: 0 < left_on_button(many) < before)
    many.look_at("")
    wait(lambda: left_on_button(many) == before)
    many.show(1600, 1000)
    wait(lambda: 0 < left_on_button(many) < before)


def test_a_panel_changes_no_number_and_hides_no_other_size_of_the_window(many):  # noqa: F811
    many.show(1000, 600)
    wait(lambda: left_on_button(many) > 3)  # fewer in the window that was there before
    numbers = {(1000, 600): left_on_button(many)}
    many.show(1000, 1000)
    wait(lambda: 0 < left_on_button(many) < numbers[1000, 600])
    numbers[1000, 1000] = left_on_button(many)
    many.lose(many.pictures()[0])
    many.press("Ctrl+U")
    wait(lambda: many.problems_list)
    many.menu("Export…")
    for size in ((1000, 600), (1000, 1000), (1000, 600)):
        many.show(*size)
        wait(lambda size=size: left_on_button(many) == numbers[size])
    many.press("Escape")
    QTest.qWait(100)
    assert left_on_button(many) == numbers[1000, 600]


def test_while_names_are_read_no_number_is_given(many, monkeypatch):  # noqa: F811
    wait(lambda: left_on_button(many))
    real, is_held, may_go_on = ConceptEncoder.vectors, threading.Event(), threading.Event()

    def when_allowed(*about):
        is_held.set()
        may_go_on.wait(20)
        return real(*about)

    monkeypatch.setattr(ConceptEncoder, "vectors", when_allowed)
    many.add("grey")
    wait(is_held.is_set)
    wait(lambda: left_on_button(many) == 0)
    may_go_on.set()
    many.wait_until_read()
    wait(lambda: left_on_button(many))


def test_no_number_is_given_before_it_is_known_which_pictures_are_copies(
    window, tmp_path, monkeypatch
):
    finder = pytest.importorskip("nameplate.ui.stacks.showing")
    is_held, may_go_on, real = threading.Event(), threading.Event(), finder.look_for_stacks

    def when_allowed(*about):
        is_held.set()
        may_go_on.wait(20)
        yield from real(*about)

    monkeypatch.setattr(finder, "look_for_stacks", when_allowed)
    read_in(window, draw_colours(tmp_path / "many", EACH), *COLOURS)
    wait(is_held.is_set)
    assert left_on_button(window) == 0
    may_go_on.set()
    wait(lambda: left_on_button(window))


def test_it_is_known_how_much_room_the_pictures_of_a_page_have(many):  # noqa: F811
    many.show(1000, 600)
    many.begin_pages()
    page = many.main.modes.stack.currentWidget()
    wait(lambda: page.view.size() == room_for_pictures(page.size(), page.font()))
