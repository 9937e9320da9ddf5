"""Compare: pictures side by side, zoomed together, of which one has the focus."""

import numpy as np
from PySide6.QtTest import QTest

from qt_help import LEFT
from window_driver import WindowDriver


def compare(window: WindowDriver, *places: int) -> list[str]:
    """Select the pictures at these places and compare them; return their names."""
    window.menu("Go to the pictures")
    window.select(places[0])
    rows = window.main.arrangement.model.order[np.array(places)]
    window.main.grid.select_images(rows)
    window.press("C")
    window.wait_until_decoded()
    return [window.pictures()[place] for place in places]


def test_the_selected_pictures_are_side_by_side_and_stay_selected(opened):
    chosen = compare(opened, 1, 3, 4)
    assert opened.look == "compare"
    assert opened.side_by_side() == chosen
    assert opened.current() == chosen[0]
    opened.press("Right", "Escape")
    assert opened.look == "grid"
    assert opened.has_focus_on_pictures
    assert opened.current() == chosen[1]
    assert "3 selected" in opened.status


def test_with_one_selected_it_is_compared_with_those_after_it_or_the_one_before(opened):
    for place, shown in ((1, slice(1, 5)), (5, slice(4, 6))):
        compare(opened, place)
        assert opened.side_by_side() == opened.pictures()[shown]
        assert opened.current() == opened.pictures()[place]
        opened.press("Escape")


def test_arrows_move_the_focus_among_the_compared_and_between_the_lines(opened):
    chosen = compare(opened, 0, 2, 3, 5)
    went = []
    for key in ("Right", "End", "Right", "Left", "Home", "Left"):
        opened.press(key)
        went.append(chosen.index(opened.current()))
    assert went == [1, 3, 3, 2, 0, 0]
    tops = [pane.y() for pane in opened.panes]
    columns = tops.count(tops[0])
    assert columns < 4
    opened.press("Down")
    assert opened.current() == chosen[columns]
    opened.press("Down")
    opened.press("Up")
    assert opened.current() == chosen[0] or columns == 1


def test_the_inspector_tells_of_the_picture_with_the_ring_which_a_click_moves(opened):
    chosen = compare(opened, 0, 2, 3)
    for place, key in enumerate(("Home", "Right", "Right")):
        opened.press(key)
        name, size = opened.inspected()[:2]
        assert chosen[place].endswith(name)
        assert opened.panes[place].bar.caption.facts.startswith(size)
    assert not opened.picture.isVisible()
    opened.press("Home")
    QTest.mouseClick(opened.panes[2].view, LEFT)
    assert opened.current() == chosen[2]
    opened.press("2")
    assert opened.labels()[chosen[2]] == "green"


def test_the_next_undecided_picture_is_one_of_the_compared(opened):
    chosen = compare(opened, 0, 2, 5)
    opened.press("N", "N")
    assert (opened.look, opened.current()) == ("compare", chosen[2])
    opened.press("N")
    assert (opened.look, opened.current()) == ("compare", chosen[0])
    opened.press("1", "1", "1")
    opened.press("N")
    assert opened.look == "compare"
    assert "decided" in opened.message


def test_keys_label_the_picture_with_the_focus_and_go_on_to_the_next_compared(opened):
    chosen = compare(opened, 0, 2, 5)
    opened.press("1")
    assert opened.current() == chosen[1]
    opened.press("Return")
    assert opened.current() == chosen[2]
    opened.press("X")
    assert opened.current() == chosen[2]
    assert opened.labels()[chosen[0]] == "red"
    assert opened.state(chosen[1]).startswith("decided by you")
    assert opened.state(chosen[2]) == "skipped"
    assert opened.chips().count("") == 4


def test_undo_gives_the_focus_to_the_picture_that_changed(opened):
    chosen = compare(opened, 0, 2, 5)
    opened.press("1", "1")
    opened.menu("Undo")
    assert opened.current() == chosen[1]
    assert opened.look == "compare"


def test_undo_of_another_picture_leads_to_it_in_the_grid(opened):
    opened.menu("Go to the pictures")
    opened.select(4)
    opened.press("1")
    compare(opened, 0, 2)
    opened.menu("Undo")
    assert opened.look == "grid"
    assert opened.current() == opened.pictures()[4]
    opened.press("2")
    assert opened.chips().count("green") == 1


def test_zoom_and_moving_are_of_all_together(opened):
    compare(opened, 0, 2, 4)
    opened.press("+", "+", "+", "Shift+Right")
    zooms = {pane.view.zoom for pane in opened.panes}
    assert len(zooms) == 1
    assert not zooms.pop().is_fitted
    opened.press("z")
    scales = {
        pane.view.zoom.scale(pane.view.picture_size(), pane.view.room()) for pane in opened.panes
    }
    assert scales == {1 / opened.main.devicePixelRatioF()}


def test_a_picture_can_be_taken_out_and_the_last_one_leads_back_to_the_grid(opened):
    chosen = compare(opened, 0, 2, 4)
    opened.press("Right", "Shift+C")
    assert opened.side_by_side() == [chosen[0], chosen[2]]
    assert opened.current() == chosen[2]
    opened.press("Escape")
    assert "2 selected" in opened.status
    compare(opened, 0, 2)
    opened.press("Shift+C", "Shift+C")
    assert opened.look == "grid"
    assert opened.has_focus_on_pictures


def test_no_two_pictures_overlap_and_all_are_in_sight(opened):
    for count in (2, 5, 6):
        compare(opened, *range(count))
        cells = [pane.geometry() for pane in opened.panes]
        assert len(cells) == count
        for number, cell in enumerate(cells):
            assert opened.panes[number].isVisible()
            assert not any(cell.intersects(other) for other in cells[:number])
        opened.press("Escape")


def test_at_most_nine_are_compared(opened, coloured):
    red = (coloured / "red" / "wide.png").read_bytes()
    for number in range(8):
        (coloured / "red" / f"more-{number}.png").write_bytes(red)
    opened.open(coloured)
    opened.wait_for_pictures(14)
    opened.wait_until_read()
    opened.menu("Go to the pictures")
    opened.menu("Select all")
    opened.press("C")
    assert len(opened.side_by_side()) == 9
    opened.press("Escape")
    assert "14 selected" in opened.status


def test_the_large_view_shows_the_one_with_the_focus(opened):
    chosen = compare(opened, 0, 2, 4)
    opened.press("Right", "Space")
    assert opened.look == "large"
    assert opened.side_by_side() == [chosen[1]]
    opened.press("C")
    assert opened.side_by_side() == chosen
    opened.press("Escape")
    assert "3 selected" in opened.status


def test_a_filter_takes_what_it_hides_out_of_the_comparison(opened):
    chosen = compare(opened, *range(6))
    opened.look_at("name:green")
    assert opened.look == "compare"
    assert opened.side_by_side() == [name for name in chosen if name in opened.pictures()]


def test_escape_goes_back_through_each_mode_to_the_page_that_one_came_from(opened):
    opened.menu("Check pages")
    page = opened.look
    opened.press("Space")
    opened.wait_until_decoded()
    assert opened.look == "large"
    opened.press("C")
    opened.wait_until_decoded()
    assert opened.look == "compare"
    opened.press("Escape")
    assert opened.look == "large"
    opened.press("Escape")
    assert opened.look == page != "grid"
