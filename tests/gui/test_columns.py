"""The columns of the window: the pictures have the room, the outer ones fold."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from qt_help import LEFT, NO_KEY, wait
from window_driver import WindowDriver


@pytest.fixture
def many(window: WindowDriver, tmp_path: Path) -> WindowDriver:
    """The window with 60 pictures, more than it shows at once; their sizes are as usual."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(60):
        Image.new("RGB", (8, 6), (4 * number, 0, 0)).save(folder / f"{number:02}.png")
    window.main.activateWindow()
    window.open(folder)
    window.add("red", "green")
    window.wait_until_read()
    window.menu("Go to the pictures")
    return window


def columns(window: WindowDriver) -> int:
    """Return how many pictures stand in the first row."""
    grid = window.main.grid
    tops = [grid.visualRect(grid.model().index(place, 0)).top() for place in range(20)]
    return tops.count(tops[0])


def widths(window: WindowDriver) -> tuple[int, int]:
    """Return the widths of the names and of the inspector; 0 where they are folded."""
    names, inspector = window.main.names, window.main.inspector
    return tuple(part.width() if part.isVisible() else 0 for part in (names, inspector))


@pytest.mark.parametrize(
    ("size", "there"), [((1440, 900), (6, 224, 296)), ((1024, 700), (4, 180, 232))]
)
def test_at_first_the_pictures_have_the_room(many, size, there):
    many.main.resize(*size)
    QApplication.processEvents()
    assert (columns(many), *widths(many)) == there


def test_a_window_made_smaller_and_larger_again_is_as_it_was(many):
    many.main.resize(1440, 900)
    QApplication.processEvents()
    before = columns(many), *widths(many)
    for width in (1024, 1440):
        many.main.resize(width, 900)
        QApplication.processEvents()
    assert (columns(many), *widths(many)) == before


def test_a_key_folds_a_column_and_shows_it_again(many):
    before, was = widths(many), columns(many)
    for key, entry, left in (
        ("F7", "Names", (0, before[1])),
        ("F8", "Probabilities", (before[0], 0)),
        ("I", "Probabilities", (before[0], 0)),
    ):
        many.press(key)
        assert widths(many) == left
        assert columns(many) > was
        assert not many.menu_entry(entry).isChecked()
        many.press(key)
        assert widths(many) == before
        assert many.menu_entry(entry).isChecked()


def test_a_folded_column_takes_no_focus_and_gives_it_to_the_pictures(many):
    many.menu("Add a name")
    many.press("F7")
    assert many.has_focus_on_pictures
    many.menu("Add a name")
    assert widths(many)[0] > 0
    many.type("blue")
    many.press("Return")
    assert many.names()[-1] == "blue"


def test_the_inspector_comes_with_the_first_picture(window: WindowDriver, tmp_path: Path):
    window.press("F8", "F8")
    assert widths(window)[1] == 0
    Image.new("RGB", (8, 6)).save(tmp_path / "one.png")
    window.open(tmp_path)
    window.wait_until_read()
    assert widths(window)[1] > 0


def test_what_is_folded_and_how_wide_the_others_are_is_remembered(
    make_window: Callable, tmp_path: Path
):
    Image.new("RGB", (8, 6)).save(tmp_path / "one.png")
    first = make_window()
    first.open(tmp_path / "one.png")
    first.wait_for_pictures(1)
    first.press("F8")
    handle = first.main.columns.handle(1)
    middle = handle.rect().center()
    QTest.mousePress(handle, LEFT, NO_KEY, middle)
    QTest.mouseMove(handle, middle + QPoint(60, 0))
    QTest.mouseRelease(handle, LEFT, NO_KEY, middle)
    wide = widths(first)
    assert wide[0] > 240
    first.close()
    second = make_window()
    second.open(tmp_path / "one.png")
    second.wait_for_pictures(1)
    assert widths(second) == wide
    second.press("F8")
    assert widths(second)[1] > 0


def test_a_width_that_is_none_is_ignored(make_window: Callable):
    first = make_window()
    usual = widths(first)
    first.close()
    first.settings.setValue("window/names_width", "-7")
    first.settings.setValue("window/inspector_width", "9" * 5000)
    first.settings.setValue("window/names_folded", "?")
    first.settings.sync()
    assert widths(make_window())[0] == usual[0]


@pytest.mark.parametrize(("folded", "least"), [((), 900), (("F7", "F8"), 640)])
def test_the_window_can_be_narrow(many, folded, least):
    many.press(*folded)
    many.main.resize(300, 700)
    QApplication.processEvents()
    assert many.main.width() <= least
    assert columns(many) >= 1


def test_a_picture_that_the_grid_shows_as_large_is_not_shown_twice(many):
    inspector = many.main.inspector
    facts = many.inspected()[:2]
    assert many.picture.isVisible()
    many.main.grid.tile_size = 208
    assert not many.picture.isVisible()
    many.press("Right", "Left")
    wait(lambda: many.inspected()[:2] == facts)
    assert inspector.chart.isVisible()
    many.main.grid.tile_size = 136
    assert many.picture.isVisible()
    wait(lambda: many.picture.is_picture_shown)


def test_the_slider_is_there_with_the_pictures_and_for_the_grid_alone(window, coloured):
    slider = window.main.status.picture_size
    assert not slider.isVisible()
    window.open(coloured)
    window.wait_until_nothing_waits()
    assert slider.isVisible()
    assert slider.isEnabled()
    window.menu("Go to the pictures")
    window.press("Space")
    assert slider.isVisible()
    assert not slider.isEnabled()


def test_after_a_filter_that_nothing_matched_the_same_picture_is_current(many):
    many.select(7)
    current, said = many.current(), many.inspected()
    many.look_at("is:unreadable")
    assert many.shows_nothing
    many.look_at()
    assert many.current() == current
    wait(lambda: many.inspected() == said)


def test_what_is_folded_stays_so_after_full_screen(many):
    many.press("F8", "F11")
    assert widths(many) == (0, 0)
    many.press("I")
    assert widths(many)[1] > 0
    many.press("F11")
    assert widths(many)[0] > 0
    assert widths(many)[1] == 0
