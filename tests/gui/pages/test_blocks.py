"""A page that one name doesn't fill: blocks of other names follow, each under its heading."""

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from grey_pictures import draw_colours
from nameplate.domain.labels import DecidedBy, ReviewState
from qt_help import wait
from window_driver import COLOURS
from window_fixtures import read_in

EACH = 10


@pytest.fixture
def blocks(window, tmp_path):
    """The window at a page of thirty pictures, ten of each colour."""
    window.show(1200, 760)
    read_in(window, draw_colours(tmp_path / "few", EACH), *COLOURS)
    window.begin_pages()
    return window


def decided(window) -> int:
    return int((window.project.labels.decided_by == DecidedBy.PERSON).sum())


def test_names_with_few_pictures_share_a_page_and_one_enter_accepts_all(blocks):
    assert len(blocks.page) == 3 * EACH
    assert blocks.block_headings == dict.fromkeys(COLOURS, "10 pictures")
    assert blocks.page_text.startswith("3 names: red, green, blue")
    assert blocks.accepts == "Accept 30: 10 red, 10 green, 10 blue"
    assert [blocks.name_on_page(one) for one in blocks.page] == [
        one.split("/")[0] for one in blocks.page
    ]
    steps = len(blocks.project.history.done)
    blocks.turn_page()
    assert len(blocks.project.history.done) == steps + 1
    assert len(set(blocks.project.labels.all["decided_at"].tolist())) == 1
    assert all(picture.split("/")[0] == label for picture, label in blocks.labels().items())
    assert blocks.offers("Undo page of 30 as 3 names: 30 accepted")


def test_each_heading_stands_above_its_pictures_and_both_are_on_screen(blocks):
    area = blocks.page_area()
    for name, heading in blocks.places_of_headings().items():
        mine = [
            place
            for place, picture in zip(blocks.places_on_page(), blocks.page, strict=True)
            if blocks.name_on_page(picture) == name
        ]
        assert area.contains(heading)
        assert all(area.contains(place) and place.top() > heading.top() for place in mine)
        assert heading.bottom() < min(place.top() for place in mine)


def test_keys_for_a_picture_go_by_its_own_block(blocks):
    green, blue = "green/03.png", "blue/03.png"
    blocks.point_at(green)
    blocks.name_by_key("red")
    blocks.point_at(blue)
    blocks.name_by_key("blue")  # what its own block says: nothing to say
    assert blocks.on_page()[green] == "named: red"
    assert blocks.on_page()[blue].startswith("blue, ")
    blocks.click_on_page(blue)
    assert blocks.on_page()[blue] == "wrong, not blue"
    assert blocks.block_headings["green"] == blocks.block_headings["blue"] == "9 pictures"
    assert blocks.accepts == "Accept 28: 10 red, 9 green, 9 blue"
    blocks.turn_page()
    assert (blocks.labels()[green], decided(blocks)) == ("red", 29)
    assert blocks.review_state(blue) == ReviewState.UNLABELLED


@pytest.mark.parametrize("way", ["key", "click"])
def test_a_block_is_left_for_later_by_a_key_or_a_click_and_taken_back(blocks, way):
    def leave():
        if way == "key":
            blocks.point_at("green/03.png")
            blocks.press("Shift+Del")
        else:
            blocks.click_on_heading("green")

    before, said = blocks.page, blocks.on_page()
    leave()
    assert blocks.page == before  # nothing moves under the mouse
    assert blocks.block_headings["green"] == "left for later"
    assert blocks.on_page()["green/03.png"] == "left for later"
    assert blocks.is_dimmed("green/03.png")
    assert blocks.accepts == "Accept 20: 10 red, 10 blue"
    assert "10 left for later" in blocks.page_text
    assert "Shift+Del brings it back" in blocks.page_text
    leave()
    assert blocks.on_page() == said
    assert blocks.accepts == "Accept 30: 10 red, 10 green, 10 blue"
    leave()
    blocks.turn_page()
    assert decided(blocks) == 20
    assert blocks.page_name == "green"
    blocks.press("Backspace")
    assert (blocks.page, blocks.block_headings["green"]) == (before, "left for later")


def test_a_page_of_which_all_blocks_are_left_decides_nothing(blocks):
    for name in COLOURS:
        blocks.click_on_heading(name)
    assert blocks.accepts == "Go on"
    blocks.press("Return")
    blocks.let_work()
    assert decided(blocks) == 0


def test_a_block_that_is_left_stays_so_while_suggestions_change_and_when_pages_come_again(blocks):
    before = blocks.page
    blocks.click_on_heading("green")
    blocks.add("olive")
    blocks.wait_until_read()
    blocks.let_work()
    assert blocks.page == before
    blocks.press("Escape", "T")
    wait(lambda: blocks.page)
    assert blocks.block_headings["green"] == "left for later"


def test_a_screen_reader_hears_a_heading_with_its_first_picture_and_names_with_others(blocks):
    view = blocks.pages.view
    blocks.point_at(blocks.page[EACH - 1])
    blocks.press("Right")
    assert view.accessibleDescription().startswith("2  green, 10 pictures: ")
    blocks.press("Right")
    said = view.accessibleDescription()
    assert "green, " in said
    assert "pictures" not in said


def test_a_heading_says_by_its_tip_what_a_click_does(blocks):
    place = blocks.places_of_headings()["green"].center()
    view = blocks.pages.view
    event = QHelpEvent(QEvent.Type.ToolTip, place, view.mapToGlobal(place))
    QApplication.sendEvent(view.viewport(), event)
    assert "green, 10 pictures" in QToolTip.text()
    assert "Leave for later (Shift+Del)" in QToolTip.text()
    QToolTip.hideText()


def test_large_pictures_walk_through_the_blocks_of_a_page(blocks):
    last = blocks.page[EACH - 1]
    first_of_next = blocks.page[EACH]
    blocks.point_at(last)
    blocks.press("Space", "Right")
    assert blocks.current() == first_of_next
    blocks.name_by_key("red")
    blocks.press("Escape")
    wait(lambda: blocks.page and blocks.on_page()[first_of_next] == "named: red")


def test_a_page_is_made_anew_where_a_name_of_a_block_is_deleted(blocks):
    blocks.delete("green")
    blocks.wait_until_read()
    wait(lambda: blocks.page and "green" not in blocks.page_text)


def test_a_page_that_is_higher_than_the_window_is_shown_whole_before_enter_accepts_it(blocks):
    blocks.main.messages.clear()
    blocks.main.modes.stack.setMaximumHeight(260)
    view = blocks.pages.view
    wait(lambda: view.verticalScrollBar().maximum() > 0)
    view.show_page(
        list(view.pictures), 0, blocks.pages.source.blocks(blocks.pages.page, view.pictures)
    )
    wait(lambda: blocks.is_page_seen)
    presses = 0
    while not view.rect().contains(blocks.places_on_page()[-1]):
        blocks.press("Return")
        blocks.let_work()
        assert decided(blocks) == 0
        presses += 1
    assert presses
    blocks.turn_page()
    assert decided(blocks) == 3 * EACH


def test_tab_shows_one_name_of_a_page_of_several_alone(blocks):
    blocks.press("Tab")
    assert (blocks.page_name, len(blocks.page)) == ("red", EACH)
    blocks.press("Tab")
    assert blocks.page_name == "green"


def test_names_that_are_long_are_cut_on_the_button_and_in_headings(blocks):
    for name in COLOURS:
        blocks.rename(name, f"{name} {'long ' * 15}")
    blocks.wait_until_read()
    wait(lambda: blocks.accepts.count("…") == 3)
    assert len(blocks.accepts) < 80
    assert blocks.main.width() == 1200
