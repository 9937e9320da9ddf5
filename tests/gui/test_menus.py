"""Where each action stands: few entries in the menus, the rest where it is used, all in Ctrl+K."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QMenu

from nameplate.ui.actions.table import ACTIONS
from qt_help import press_keys, wait

MOST = 40

WIDGETS = {
    "name_box": "New name",
    "find_name": "Find a name",
    "filter": "Filter",
    "filter_menu": "Conditions and saved views",
    "pictures": "Pictures",
    "picture_menu": "Pictures",  # by a right click
    "stop": "Cancel",
    "resume": "Continue",
    "problems": "unreadable",
    "change_keys": "Change keys…",
    **dict.fromkeys(("look_system", "look_light", "look_dark", "look_contrast"), "Theme"),
}
"""Actions in no menu: the widget that a person uses in their place, as a screen reader calls it."""

IN_ACCURACY = {
    "check_at_random": "Check at random",
    "audit": "Show",
    "compare_projects": "Compare with another project…",
}
"""Likewise, of the panel *Accuracy*, where its feature is there."""


def open_menu() -> QMenu:
    """Return the context menu that is open."""
    wait(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def entries_and_close(menu: QMenu) -> list[str]:
    entries = [action.text() for action in menu.actions() if not action.isSeparator()]
    press_keys(menu, "Escape")
    return entries


def right_click(window, widget, place: QPoint) -> list[str]:
    """Click with the right button; return the entries of the menu that opens."""
    at = widget.mapTo(window.main, place)
    hit = window.main.childAt(at)
    there = hit.mapFrom(window.main, at)
    QTest.mouseClick(hit, Qt.MouseButton.RightButton, pos=there)
    # Of clicks that a test makes Qt asks for no menu.
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(hit, QContextMenuEvent(reason, there, hit.mapToGlobal(there)))
    return entries_and_close(open_menu())


def test_the_menus_have_few_entries(window):
    bar = window.main.menuBar().actions()
    assert [entry.text() for entry in bar] == [
        "&File", "&Edit", "&Label", "&Check", "&View", "&Help"
    ]  # fmt: skip
    assert len(window.menu_entries()) <= MOST


def test_every_action_is_in_a_menu_or_on_the_screen_and_in_the_list_of_commands(window):
    window.press("Ctrl+K")
    found = set(window.found)
    for action in ACTIONS:
        text = window.main.actions_by_id[action.id].text()
        assert action.places or action.id in WIDGETS | IN_ACCURACY, f"{text} stands nowhere"
        is_listed = text.rstrip("…") in {entry.removesuffix(" (on)") for entry in found}
        assert is_listed or action.id == "find_command", text


def test_what_stands_in_no_menu_has_a_widget_that_does_it(opened):
    shown = {w.accessibleName() for w in opened.main.findChildren(QLineEdit)}
    buttons = opened.main.findChildren(QAbstractButton)
    shown |= {button.accessibleName() or button.text() for button in buttons}
    shown |= {opened.main.grid.accessibleName(), opened.main.inspector.chart.accessibleName()}
    opened.press("F1")
    shown |= {b.text() for b in opened.main.keyboard.sheet.findChildren(QAbstractButton)}
    opened.main.status.show_problems(1, 0, 0)
    shown |= {button.text() for button in opened.main.status.findChildren(QAbstractButton)}
    shown |= {w.accessibleName() for w in opened.settings_panel.findChildren(QComboBox)}
    there = {action.id for action in ACTIONS}
    if "how_right" in there:
        opened.menu("Accuracy")
        buttons = opened.main.findChildren(QAbstractButton)
        shown |= {button.text() for button in buttons}
    for action_id, name in (WIDGETS | IN_ACCURACY).items():
        assert action_id not in there or any(name in one for one in shown), action_id


OTHER_WORDS = {
    "class": "Add a name",
    "tag": "Add a name",
    "deselect": "Select none",
    "real size": "Actual size",
    "take the label off": "Remove the label",
    "reveal": "Show in folder",
    "theme": "Dark colours",
}


def test_an_action_is_found_by_words_that_others_have_for_it(on_pictures):
    for typed, found in OTHER_WORDS.items():
        on_pictures.press("Ctrl+K")
        on_pictures.type(typed)
        assert found in on_pictures.found[:4], typed
        on_pictures.press("Escape")


def test_what_was_chosen_last_stands_first_also_in_another_window(on_pictures, make_window):
    for words, entry in (("details", "Details"), ("select none", "Select none")):
        on_pictures.press("Ctrl+K")
        on_pictures.type(words)
        assert on_pictures.found[0] == entry
        on_pictures.press("Return")
    on_pictures.press("Ctrl+K")
    assert on_pictures.found[:2] == ["Select none", "Details (on)"]
    on_pictures.press("Escape")
    other = make_window()
    other.menu("Find a command")
    assert other.found[0] == "Select none"


def test_a_right_click_on_a_picture_offers_what_can_be_done_with_it(on_pictures):
    grid = on_pictures.main.grid
    place = grid.visualRect(grid.currentIndex()).center()
    entries = right_click(on_pictures, grid.viewport(), place)
    for entry in ("Accept", "Label with", "Skip", "More like this", "Show in folder", "Copy files",
                  "Remove from the project", "Large picture", "Compare"):  # fmt: skip
        assert entry in entries
    assert "Remove from the comparison" not in entries


def test_a_right_click_between_pictures_offers_what_is_for_all(on_pictures):
    viewport = on_pictures.main.grid.viewport()
    entries = right_click(on_pictures, viewport, viewport.rect().bottomRight() - QPoint(4, 4))
    for entry in ("Select all", "Select none", "Paste pictures", "Larger pictures", "Details"):
        assert entry in entries
    assert "Skip" not in entries


def test_large_pictures_have_a_menu_by_mouse_and_key(on_pictures):
    large = on_pictures.main.large
    for look, there, missing in (
        ("Large picture", ["Actual size", "Next picture"], ["Remove from the comparison"]),
        ("Compare", ["Actual size", "Remove from the comparison"], ["Compare"]),
    ):
        on_pictures.menu(look)
        by_mouse = right_click(on_pictures, large, large.rect().center() - QPoint(0, 20))
        on_pictures.press("Menu")
        assert entries_and_close(open_menu()) == by_mouse
        assert {*there, "Skip", "Label with"} <= {*by_mouse}
        assert not {*missing, look} & {*by_mouse}


def test_the_menu_of_several_pictures_says_how_many_it_labels(on_pictures):
    on_pictures.press("Ctrl+A")
    assert "Label 6 pictures with" in on_pictures.picture_menu_entries()


def test_a_name_is_given_by_the_menu_of_a_large_picture(on_pictures):
    first = on_pictures.pictures()[0]
    on_pictures.menu("Large picture")
    on_pictures.press("Menu")
    names = next(a for a in open_menu().actions() if a.text() == "Label with").menu()
    next(a for a in names.actions() if a.text().startswith("blue")).trigger()
    assert on_pictures.labels()[first] == "blue"
    on_pictures.press("Ctrl+Z")
    assert first not in on_pictures.labels() or not on_pictures.labels()[first]


def test_a_right_click_beside_the_filter_offers_what_can_be_done_with_it(opened):
    opened.type_filter("red")
    opened.press("Return")
    tools = opened.main.tools
    entries = right_click(opened, tools, QPoint(tools.width() // 2, tools.height() - 2))
    assert {"Filter by…", "Save this view…", "Clear the filter"} <= {*entries}


def test_switches_of_the_keys_stand_where_keys_are_changed(opened):
    opened.menu("Change keys")
    dialog = opened.key_dialog
    box = next(
        b for b in dialog.findChildren(QAbstractButton) if b.text() == "Go on after each label"
    )
    assert box.isChecked()
    box.click()
    assert not opened.menu_entry("Go on after each label").isChecked()
    opened.menu("Go on after each label")
    assert box.isChecked()
    dialog.close()


def test_z_and_g_lead_from_the_grid_to_a_large_picture_and_back(on_pictures):
    on_pictures.press("Z")
    assert on_pictures.look == "large"
    on_pictures.press("G")
    assert on_pictures.look == "grid"


def test_only_what_can_be_on_or_off_has_a_tick():
    ticks = ("check", "ticked")
    assert not [action.id for action in ACTIONS if action.icon in ticks and action.places]
