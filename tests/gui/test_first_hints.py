"""A newcomer is told three things, each where it is needed, and never again."""

import pytest

from qt_help import answer_message, wait
from window_driver import COLOURS, WindowDriver

ACCEPT = "Digits name the picture. Enter accepts the suggestion."
NAMES = "Type a name and press Enter. Suggestions follow at once."
CHECK = "You can check a whole page of suggestions at once."


def hint(window) -> str:
    """What is said to a newcomer now."""
    bar = window.main.hints.bar
    return bar.text if bar.isVisible() else ""


@pytest.fixture
def newcomer(qtbot, theme_is_applied, tmp_path, tiny_model, coloured):
    """A window of who never used the program, with six pictures and three names."""
    window = WindowDriver.on(tiny_model, tmp_path / "new.ini", knows_nothing=True)
    window.show()
    qtbot.waitExposed(window.main)
    window.wait_until_loaded()
    window.main.activateWindow()
    window.open(coloured)
    window.wait_for_pictures(6)
    assert not hint(window)
    window.menu("Go to the pictures")
    window.main.names.edits.add_lines(COLOURS)  # as the samples bring theirs
    window.wait_until_read()
    yield window
    window.discard()


def test_each_hint_comes_when_it_is_needed_and_goes_when_it_was_followed(newcomer):
    wait(lambda: hint(newcomer) == ACCEPT)
    newcomer.press("1")
    wait(lambda: not hint(newcomer))
    newcomer.press("2", "3")
    wait(lambda: hint(newcomer) == CHECK)
    answer_message(newcomer.main.hints.bar, "Check pages")
    assert not newcomer.main.modes.current.selects
    newcomer.menu("Go to the pictures")
    newcomer.main.panel.focus_name_box()
    wait(lambda: hint(newcomer) == NAMES)
    newcomer.add("cat")
    wait(lambda: not hint(newcomer))


def test_who_has_typed_a_name_is_not_told_how_when_coming_back_from_the_menu(newcomer):
    newcomer.press("1")
    newcomer.main.hints.bar.clear()
    newcomer.menu("Undo")
    newcomer.menu("Undo")
    newcomer.main.panel.focus_name_box()
    newcomer.add(*COLOURS)
    newcomer.wait_until_read()
    newcomer.menu("Go to the pictures")
    newcomer.main.panel.focus_name_box()
    newcomer.let_work()
    assert hint(newcomer) != NAMES


def test_pages_are_offered_only_where_there_is_something_to_check(newcomer):
    wait(lambda: hint(newcomer) == ACCEPT)
    newcomer.menu("Select all")
    newcomer.press("1")
    newcomer.let_work()
    assert hint(newcomer) != CHECK


def test_what_enter_does_to_one_picture_is_not_said_on_a_page(newcomer):
    wait(lambda: hint(newcomer) == ACCEPT)
    newcomer.menu("Check pages")
    assert not hint(newcomer)


def test_all_hints_can_be_skipped_by_one_key(newcomer):
    wait(lambda: hint(newcomer) == ACCEPT)
    newcomer.press("Alt+S")
    wait(lambda: not hint(newcomer))
    newcomer.press("1", "2", "3")
    newcomer.main.panel.focus_name_box()
    assert not hint(newcomer)
    assert newcomer.main.settings.value("hints/seen")


@pytest.fixture
def again(newcomer, tiny_model, coloured, tmp_path):
    """Starts the program another time, with the same pictures and names that were not typed."""
    windows = []

    def start() -> WindowDriver:
        newcomer.main.settings.sync()
        window = WindowDriver.on(tiny_model, tmp_path / "new.ini", knows_nothing=True)
        windows.append(window)
        window.show()
        window.wait_until_loaded()
        window.main.activateWindow()
        window.open(coloured)
        window.wait_for_pictures(6)
        window.menu("Go to the pictures")
        window.main.names.edits.add_lines(COLOURS)
        window.wait_until_read()
        return window

    yield start
    for window in windows:
        window.discard()


def test_a_hint_that_was_seen_does_not_come_again(newcomer, again):
    wait(lambda: hint(newcomer) == ACCEPT)
    window = again()
    window.press("1")
    assert hint(window) != ACCEPT


def test_who_has_found_the_pages_is_not_told_of_them_another_time(newcomer, again):
    wait(lambda: hint(newcomer) == ACCEPT)
    newcomer.menu("Check pages")
    window = again()
    window.press("1", "2", "3")
    window.let_work()
    assert hint(window) != CHECK
