"""The window as a whole: what it invites to, its menus, looks and views."""

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QWidget

from nameplate.domain.filtering.views import Sort
from nameplate.domain.progress import Progress
from nameplate.ui.actions.table import ACTIONS
from nameplate.ui.widgets.theme import contrast
from qt_help import press_button, wait


class ShownWindows(QObject):
    """Notes each window that is shown, however briefly."""

    def __init__(self) -> None:
        super().__init__()
        self.kinds = list[str]()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.kinds.append(type(watched).__name__)
        return False


def test_no_part_of_the_window_is_ever_a_window_by_itself(qapp, make_window):
    shown = ShownWindows()
    qapp.installEventFilter(shown)
    window = make_window()
    window.show()
    window.menu("Settings")
    qapp.removeEventFilter(shown)
    assert window.settings_panel.is_open
    assert set(shown.kinds) == {"MainWindow"}


def test_an_empty_window_invites_and_shows_no_grid(window):
    assert window.is_inviting
    assert not window.shows_pictures
    assert not window.offers("Auto-label all")
    assert not window.offers("Export…")
    assert "CPU" in window.model_text


def test_a_model_that_cannot_be_used_is_said_and_the_window_stays(
    make_window, tmp_path, tiny_model
):
    window = make_window(tmp_path / "no-model")
    window.wait_for_message("Can't use the model")
    assert window.model_text == "No model"
    window.add("red")
    assert window.names() == ["red"]
    window.begin_to_use(tiny_model)
    window.wait_until_loaded()
    assert window.message == ""


def test_views_show_what_they_say(opened):
    opened.menu("Auto-label all")
    for view, expected in (
        ({"line": "is:unreadable"}, 0),
        ({"line": "is:unlabelled"}, 0),
        ({"line": "is:to-check"}, 6),
        ({"sort": Sort.PROBABILITY}, 6),
        ({"line": "name:red"}, 2),
    ):
        opened.look_at(**view)
        assert len(opened.pictures()) == expected, view


def test_a_panel_made_when_it_is_first_opened_is_a_part_of_the_window(opened):
    for entry, part in (
        ("Export…", "Where to write"),
        ("Import labels…", "File or folder to read"),
        ("Accuracy", "Compare with another project…"),
    ):
        opened.menu(entry)
        assert QApplication.activeWindow() is opened.main
        assert [w for w in QApplication.topLevelWidgets() if w.isVisible()] == [opened.main]
        opened.focus_on(part)
        tabs = opened.walk_by_tab()
        beneath, above = opened.model_button.accessibleName(), "Add"
        assert tabs.index(beneath) < tabs.index(above), entry


def test_every_action_works_in_the_window_or_on_the_pictures_and_no_key_is_given_twice(window):
    entries = [window.main.actions_by_id[action.id] for action in ACTIONS]
    of_window, of_pictures = window.main.actions(), window.main.grid.actions()
    assert sorted(map(id, entries)) == sorted(map(id, of_window + of_pictures))
    assert set(window.menu_entries()) <= set(entries)
    assert len({action.text() for action in entries}) == len(entries)
    keys = [key.toString() for action in entries for key in action.shortcuts()]
    assert len(keys) > 20
    assert len(keys) == len(set(keys))


def test_a_screen_of_1600_by_1000_at_twice_the_size_has_room_for_all_of_the_window(opened):
    opened.wait_until_read()
    opened.main.messages.clear()
    # The title and the edges take the rest.
    wait(lambda: opened.main.minimumSizeHint().height() <= 478)


def test_a_key_dims_what_the_model_does_not_see_in_the_inspector_too(opened):
    wait(lambda: opened.picture.is_picture_shown)
    opened.menu("Go to the pictures")
    images = []
    for _ in range(3):
        images.append(opened.picture.grab().toImage())
        opened.press("V")
    assert images[0] != images[1]
    assert images[0] == images[2]


def test_only_one_look_is_chosen_and_it_is_remembered(make_window):
    first = make_window()
    first.menu("Dark colours")
    looks = ("System colours", "Light colours", "Dark colours", "High contrast")
    assert [first.menu_entry(look).isChecked() for look in looks] == [False, False, True, False]
    second = make_window()
    assert second.menu_entry("Dark colours").isChecked()
    second.menu("Light colours")


def test_high_contrast_is_chosen_and_remembered_and_light_is_as_before_after_it(make_window):
    first = make_window()
    first.menu("Light")
    muted = first.main.palette().color(QPalette.ColorRole.PlaceholderText)
    first.menu("High contrast")
    palette = first.main.palette()
    ground = palette.color(QPalette.ColorRole.Window)
    assert contrast(palette.color(QPalette.ColorRole.WindowText), ground) == pytest.approx(21)
    assert contrast(palette.color(QPalette.ColorRole.PlaceholderText), ground) > 10
    assert make_window().menu_entry("High contrast").isChecked()
    first.menu("Light")
    assert first.main.palette().color(QPalette.ColorRole.PlaceholderText) == muted


def test_a_filter_that_hides_all_says_so_and_leads_back(opened):
    opened.look_at("is:checked")
    assert opened.shows_nothing
    press_button(opened.main.nothing, "Show all pictures")
    assert opened.shows_pictures
    opened.menu("Go to the pictures")
    opened.press("1")
    assert opened.chips().count("red") == 1


def test_sorting_begins_at_the_first_picture(opened):
    opened.select(5)
    opened.look_at(sort=Sort.PROBABILITY)
    assert opened.current() == opened.pictures()[0]


def test_all_parts_of_the_window_turn_dark_together(opened):
    main = opened.main
    parts = (main, main.panel, main.grid, main.inspector, main.tools, main.status)
    window = QPalette.ColorRole.Window
    opened.menu("Dark colours")
    wait(lambda: all(p.palette().color(window).lightness() < 100 for p in parts))
    opened.menu("Light colours")
    wait(lambda: all(p.palette().color(window).lightness() > 200 for p in parts))


def test_a_list_of_unreadable_files_that_would_be_empty_is_not_opened(opened):
    opened.menu("Unreadable files")
    assert not opened.main.problems.isVisible()
    assert "All files can be read." in opened.message


def test_the_window_fits_a_screen_of_800_pixels_and_cuts_nothing_off(opened):
    opened.show(760, 600)
    QApplication.processEvents()
    assert opened.main.width() == 760
    tools = ["Add", "Auto-label", "Check 1 page", "Export"]
    wait(lambda: opened.tools_seen() == tools)
    assert opened.words_on_tools() == ["Check 1 page", "Export"]  # what has a number
    opened.main.status.show_progress(Progress(30, 34_800, 3))
    QApplication.processEvents()
    assert opened.main.minimumSizeHint().width() <= 800
    opened.show(1200, 760)
    QApplication.processEvents()
    assert opened.words_on_tools() == opened.tools_seen() == tools


def test_a_window_that_is_closed_makes_no_panel_that_nobody_asked_for(opened):
    opened.press_on_pictures("1")
    opened.main.close()
    widgets = set(map(type, opened.main.findChildren(QWidget)))
    opened.main.end_work()
    opened.main.shut_down()
    assert set(map(type, opened.main.findChildren(QWidget))) == widgets
    assert not opened.main.has_exporting


def test_a_running_export_ends_before_a_closed_window_is_done(opened, tmp_path):
    opened.open_export("CSV", tmp_path / "labels.csv")
    opened.begin_button().click()
    opened.main.close()
    opened.main.end_work()
    assert (tmp_path / "labels.csv").read_text(encoding="utf-8").count("\n") == 7
