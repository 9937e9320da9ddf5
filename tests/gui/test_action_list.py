"""Lists of names and actions, and the keys that a person changes."""

from PySide6.QtCore import QPoint

from qt_help import press_button
from window_driver import COLOURS


def test_a_name_is_picked_by_some_letters_and_enter_labels_and_goes_on(on_pictures):
    first, second = on_pictures.pictures()[:2]
    on_pictures.press("/")
    assert on_pictures.found == COLOURS
    on_pictures.type("gr")
    assert on_pictures.found[0] == "green"
    on_pictures.press("Return")
    assert on_pictures.labels()[first] == "green"
    assert on_pictures.current() == second
    assert on_pictures.has_focus_on_pictures
    assert on_pictures.found == []


def test_the_list_of_names_leaves_the_picture_in_sight_and_escape_picks_none(on_pictures):
    grid, picker = on_pictures.main.grid, on_pictures.main.keyboard.picker
    on_pictures.press("/")
    tile = grid.visualRect(grid.currentIndex())
    top = picker.mapTo(on_pictures.main, QPoint(0, 0)).y()
    assert top > grid.mapTo(on_pictures.main, tile.center()).y()
    on_pictures.press("Down", "Down")
    on_pictures.press("Escape")
    assert on_pictures.chips() == [""] * 6
    assert on_pictures.has_focus_on_pictures
    on_pictures.press("/", "Down", "Return")
    assert on_pictures.chips()[0] == "green"


def test_a_name_that_is_new_is_added_and_given_in_one_step(on_pictures):
    on_pictures.press("/")
    on_pictures.type("white")
    assert on_pictures.found == ["Add “white”"]
    on_pictures.press("Return")
    assert on_pictures.names() == [*COLOURS, "white"]
    assert on_pictures.chips()[0] == "white"
    on_pictures.press("Ctrl+Z")
    assert on_pictures.names() == COLOURS
    assert on_pictures.chips()[0] == ""


def test_every_command_is_found_by_some_letters_with_its_key_and_run_by_enter(on_pictures):
    on_pictures.press("Ctrl+K")
    on_pictures.type("autolab all")
    assert on_pictures.found[0] == "Auto-label all"
    assert "Ctrl+L" in on_pictures.found_entry("Auto-label all").detail
    on_pictures.press("Return")
    assert "" not in on_pictures.chips()
    assert on_pictures.has_focus_on_pictures


def test_a_name_is_given_from_the_list_of_commands(on_pictures):
    on_pictures.press("Ctrl+K")
    on_pictures.type("label with blue")
    on_pictures.press("Return")
    assert on_pictures.chips()[0] == "blue"


def test_what_cannot_be_done_now_is_shown_and_not_run(window):
    window.press("Ctrl+K")
    window.type("skip")
    assert not window.found_entry("Skip").is_enabled
    window.press("Return")
    assert window.found  # still open


def test_every_key_stands_on_the_sheet_which_escape_closes(on_pictures):
    on_pictures.press("F1")
    sheet = on_pictures.all_keys
    for key, what in (("Ctrl+L", "Auto-label all"), ("X, S", "Skip"), ("Enter, P", "Accept")):
        assert key in sheet
        assert what in sheet
    on_pictures.type("redo")
    assert "Redo" in on_pictures.all_keys
    assert "Skip" not in on_pictures.all_keys
    on_pictures.press("Escape")
    assert on_pictures.all_keys == ""
    assert on_pictures.has_focus_on_pictures
    on_pictures.press("?")
    assert "Skip" in on_pictures.all_keys


def test_a_changed_key_works_and_is_shown_everywhere_and_stays(on_pictures, make_window):
    on_pictures.menu("Change keys")
    dialog = on_pictures.key_dialog
    dialog.select("skip")
    dialog.add_key("B")
    assert dialog.rows()["Skip"] == "X, S, B"
    dialog.close()
    first = on_pictures.pictures()[0]
    on_pictures.menu("Go to the pictures")
    on_pictures.press("B")
    assert on_pictures.state(first) == "skipped"
    on_pictures.press("F1")
    assert "X, S, B" in on_pictures.all_keys
    other = make_window()
    other.menu("Change keys")
    assert other.key_dialog.rows()["Skip"] == "X, S, B"
    other.key_dialog.close()


def test_keys_of_others_are_refused_and_all_can_be_reset(opened):
    opened.menu("Change keys")
    dialog = opened.key_dialog
    dialog.select("skip")
    dialog.add_key("Ctrl+L")
    assert "belongs to “Auto-label all”" in dialog.message
    dialog.add_key("1")
    assert "can't be changed" in dialog.message
    assert dialog.rows()["Skip"] == "X, S"
    dialog.select("accept")
    dialog.add_key("Ctrl+J")
    assert "Ctrl+J" in [k.toString() for k in opened.menu_entry("Accept").shortcuts()]
    press_button(dialog, "Reset all")
    assert "Ctrl+J" not in dialog.rows()["Accept"]
    dialog.close()


def test_where_nothing_matches_the_list_says_so_and_enter_does_nothing(window):
    window.press("Ctrl+K")
    window.type("xqzj")
    assert window.found == ["Nothing matches"]
    window.press("Return")
    assert window.found  # still open
