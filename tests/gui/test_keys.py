"""Keys in the window: of names, of pictures, from everywhere back to the pictures."""

import pytest
import shiboken6
from PySide6.QtWidgets import QMenu, QPushButton

from qt_help import press_button, wait

BOXES = [
    "Order of the pictures: As added, First added first",
    "Auto-label",
]


def test_after_a_click_on_a_name_digits_and_enter_decide_and_say_so_with_undo(opened):
    first, second = opened.pictures()[:2]
    opened.select(first)
    opened.click_name("green")
    opened.press("1")
    assert opened.state(first) == "decided by you: red"
    assert opened.message == "1 picture changed: label “red”."
    opened.press("Return")
    assert opened.state(second).startswith("decided by you")
    opened.answer("Undo")
    assert opened.state(second).startswith("suggested")
    assert opened.state(first) == "decided by you: red"


def test_letters_on_the_names_are_a_new_name_and_decide_about_no_picture(opened):
    opened.select(0)
    current = opened.current()
    for name in ("lamp", "panda", "x"):  # P and X are keys that decide
        opened.click_name("green")
        opened.rest()
        opened.type_at(150, name)
        opened.press("Return")
        assert opened.names()[-1] == name
    assert set(opened.labels().values()) == {""}
    assert opened.current() == current


def test_shift_enter_on_a_name_labels_with_it_and_enter_does_not(opened):
    for keys, is_red in ((["Return"] * 3, False), (["Shift+Return"], True)):
        opened.select("blue/tall.jpg")
        opened.click_name("red")
        opened.press(*keys)
        labels = opened.labels()
        assert ("red" in [labels["blue/tall.jpg"], labels["blue/wide.png"]]) == is_red


def test_enter_on_a_bar_labels_with_it_and_the_next_enter_accepts(opened):
    first, second = opened.pictures()[:2]
    opened.select(first)
    opened.focus_on_bars()
    opened.press("Down", "Down", "Return")
    label = opened.labels()[first]
    assert opened.has_focus_on_pictures
    opened.press("Return")
    assert opened.state(first) == f"decided by you: {label}"
    assert opened.labels()[second] != label


def test_escape_among_the_pictures_stays_there_also_after_a_page(opened):
    opened.select(0)
    opened.press("T", "Escape")
    for _ in range(3):
        assert opened.look == "grid"
        opened.press("Escape")
    opened.press("T", "G", "Space", "Escape")
    assert opened.look == "grid"


def test_escape_leads_back_to_the_pictures_from_names_bars_every_box_and_list(opened):
    opened.select(0)
    opened.click_name("red")
    opened.press("Escape")
    assert opened.has_focus_on_pictures
    opened.focus_on_bars()
    opened.press("Escape")
    assert opened.has_focus_on_pictures
    for box in BOXES:
        opened.focus_on(box)
        assert not opened.has_focus_on_pictures
        opened.press("Escape")
        assert opened.has_focus_on_pictures, box
    opened.focus_on("Prompt: the name itself")
    opened.press("Escape")
    assert opened.has_focus_on_pictures
    opened.menu("Unreadable files")
    opened.main.problems.setFocus()
    opened.press("Tab", "Escape")
    assert opened.has_focus_on_pictures


def test_escape_leads_from_the_names_to_the_large_picture_and_from_there_to_the_grid(opened):
    opened.select(0)
    first, second = opened.pictures()[:2]
    opened.press("Space")
    opened.click_name("red")
    opened.press("Escape")
    assert opened.look == "large"
    opened.press("1", "X")
    assert opened.labels()[first] == "red"
    assert opened.state(second) == "skipped"
    opened.press("Escape")
    assert opened.look == "grid"
    assert opened.has_focus_on_pictures


def test_on_the_names_the_menu_key_and_select_all_are_for_names(opened):
    opened.click_name("green")
    opened.press("Shift+F10")
    menu = opened.main.panel.findChild(QMenu)
    assert menu.isVisible()
    assert "Rename" in [action.text().split("\t")[0] for action in menu.actions()]
    menu.close()
    assert not opened.main.picture_menu.menu.isVisible()
    opened.click_name("green")
    opened.press("Ctrl+A")
    assert len(opened.main.panel.names.selected_keys()) == 3


def test_the_tenth_name_has_0_and_later_ones_are_picked(opened):
    opened.add(*[f"name {number}" for number in range(4, 13)])
    opened.wait_until_read()
    assert opened.keys_beside_names() == [*"1234567890", "/", "/"]
    press_button(opened.main.inspector, "Show all 12")
    assert opened.bars()["name 12"].shortcut == ""
    opened.select(0)
    first = opened.pictures()[0]
    opened.menu("Go to the pictures")
    opened.press("0")
    assert opened.labels()[first] == "name 10"


def test_moving_a_name_moves_the_keys_as_the_list_shows(opened):
    opened.move_down("red")
    opened.select(0)
    opened.menu("Go to the pictures")
    first = opened.pictures()[0]
    opened.press("1")
    assert opened.labels()[first] == "green"
    assert opened.bars()["green"].shortcut == "1"


def test_the_keys_of_other_programs_accept_skip_clear_and_move(opened):
    opened.menu("Go to the pictures")
    first, second, third = opened.pictures()[:3]
    opened.select(first)
    opened.press("P", "S")
    assert opened.state(first).startswith("decided by you")
    assert opened.state(second) == "skipped"
    opened.press("A", "U")
    assert opened.state(second).startswith("suggested")
    opened.press("D")
    assert opened.current() == third
    opened.menu("Select all")
    opened.press("Ctrl+D")
    assert "selected" not in opened.status


def test_n_goes_to_the_next_undecided_picture_round_and_says_when_there_is_none(opened):
    opened.menu("Go to the pictures")
    names = opened.pictures()
    opened.select(names[1])
    opened.press("1")
    opened.select(names[0])
    opened.press("N")
    assert opened.current() == names[2]
    opened.select(names[-1])
    opened.press("N")
    assert opened.current() == names[0]
    opened.menu("Select all")
    opened.press("1", "N")
    assert opened.end_message == "All 6 pictures are checked."


def test_going_on_after_a_label_can_be_switched_off_and_stays_so(opened, make_window):
    opened.menu("Go on after each label")
    opened.menu("Go to the pictures")
    opened.select(0)
    first = opened.pictures()[0]
    opened.press("1")
    assert opened.current() == first
    other = make_window()
    assert not other.menu_entry("Go on after each label").isChecked()


def test_focus_stays_on_the_pictures_when_all_is_undone_and_redone(opened):
    opened.menu("Go to the pictures")
    while opened.offers("Undo"):
        opened.press("Ctrl+Z")
    assert opened.is_inviting
    while opened.offers("Redo"):
        opened.press("Ctrl+Shift+Z")
    assert opened.has_focus_on_pictures
    opened.select(0)
    opened.press("2")
    assert opened.chips()[0] == "green"


def test_the_pictures_have_the_focus_after_redo_if_they_had_it_though_they_came_before_the_names(
    window, coloured
):
    window.open(coloured)
    window.wait_for_pictures(6)
    window.add("red")
    window.add("blue")
    window.wait_until_read()
    window.menu("Go to the pictures")
    window.press(*["Ctrl+Z"] * 3)
    assert window.is_inviting
    window.press(*["Ctrl+Shift+Z"] * 3)
    assert window.names() == ["red", "blue"]
    assert window.has_focus_on_pictures


def test_keys_in_an_open_menu_are_for_its_entries_and_not_for_the_pictures_beneath(opened):
    opened.select(0)
    first, second = opened.pictures()[:2]
    opened.press("2")
    opened.press("Alt+F")
    opened.press_in_menu("1", "X", "Backspace", "Escape")
    assert opened.state(first) == "decided by you: green"
    assert opened.state(second).startswith("suggested")
    opened.press("Alt+L")
    opened.press_in_menu("X")
    assert opened.state(second) == "skipped"


def test_pictures_are_removed_from_the_project_and_come_back_by_undo(opened, coloured):
    opened.menu("Go to the pictures")
    first = opened.pictures()[0]
    opened.select(first)
    opened.press("Ctrl+Del")
    assert first not in opened.pictures()
    assert "1 picture removed" in opened.message
    assert len(list(coloured.parent.rglob("*.*"))) >= 6
    opened.answer("Undo")
    assert first in opened.pictures()


def test_only_pictures_of_the_name_of_a_picture(opened):
    opened.menu("Auto-label all")
    opened.menu("Go to the pictures")
    opened.select("blue/tall.jpg")
    opened.press("Ctrl+Return")
    assert opened.pictures() == ["blue/tall.jpg", "blue/wide.png"]


def test_a_key_that_is_held_down_decides_about_one_picture_or_walks_on(opened):
    opened.menu("Auto-label all")
    for key in ("1", "Return", "X", "Backspace"):
        opened.press("Escape", "Home")
        before = opened.tiles()
        opened.hold(key)
        changed = [name for name, tile in opened.tiles().items() if tile != before[name]]
        assert changed == opened.pictures()[:1], key
        opened.menu("Undo")
    opened.select(0)
    opened.press("Escape")
    opened.hold("D")
    assert opened.current() == opened.pictures()[4]


def test_a_key_that_is_held_down_decides_about_one_picture_where_no_repeat_is_marked_as_one(opened):
    opened.select(0)
    first, second, third = opened.pictures()[:3]
    opened.hold_on_x11("1", at=1000)
    opened.hold_on_x11("X", at=2000)
    assert opened.state(first) == "decided by you: red"
    assert opened.state(second) == "skipped"
    assert opened.state(third).startswith("suggested")
    opened.hold_on_x11("X", at=3000)
    assert opened.state(third) == "skipped"


def test_the_filter_line_gives_the_focus_back_to_the_pictures_however_they_are_looked_at(opened):
    opened.select(0)
    for look in ("Large picture", "Compare", "Check pages"):
        opened.menu(look)
        for end in (["Return", "Down"], ["Return", "Escape"], ["Escape"], ["Down"]):
            opened.type_filter("red")
            assert not opened.has_focus_on_pictures
            opened.press("Escape", *end)  # the first one closes the list of words
            assert opened.has_focus_on_pictures, (look, end)


def test_where_no_picture_is_shown_the_focus_leads_to_why(opened):
    opened.look_at("no-such-picture")
    opened.click_name("red")
    opened.press("Escape")
    assert opened.shows_nothing
    opened.press("Space")
    assert opened.pictures()
    assert opened.has_focus_on_pictures


def test_a_key_works_after_the_button_that_had_the_focus_is_gone(opened, qtbot):
    button = QPushButton("Soon gone", opened.main)
    button.show()
    button.setFocus()
    wait(button.hasFocus)
    shiboken6.delete(button)
    opened.menu("Go to the pictures")
    opened.select(0)
    opened.press("2")
    assert opened.chips()[0] == "green"


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ("Ctrl+Shift+I", "“Import labels” isn't possible now. Add pictures first."),
        ("Ctrl+L", "“Auto-label all” isn't possible now. Add pictures first."),
    ],
)
def test_a_key_of_what_is_not_possible_yet_says_why(window, keys, why):
    window.main.activateWindow()
    window.press(keys)
    window.wait_for_message(why)


def test_a_key_of_what_a_panel_covers_says_so_once_and_plain_keys_say_nothing(opened):
    opened.press("Ctrl+,")
    opened.press("N")
    assert "isn't possible" not in opened.message
    opened.press("F8")
    opened.wait_for_message("“Probabilities” isn't possible now. Close this panel first.")
