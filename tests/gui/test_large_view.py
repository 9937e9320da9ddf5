"""The large view: one picture at a time, real pixels, keys that label, and nothing that waits."""

import threading
import time

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QDesktopServices, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton

from nameplate.domain.progress import CancelledError
from nameplate.ui.tiles import picture_loader as loading
from qt_help import LEFT, NO_KEY, wait
from window_driver import WindowDriver

INSPECTED = 512
"""The side of pictures that the inspector asks for."""


@pytest.fixture
def large(opened: WindowDriver) -> WindowDriver:
    """The window with the first of six pictures large."""
    opened.select(0)
    opened.menu("Go to the pictures")
    opened.press("Space")
    opened.wait_until_decoded()
    return opened


def wheel(widget, at: QPoint, notches: int) -> None:
    QApplication.sendEvent(
        widget,
        QWheelEvent(
            QPointF(at), QPointF(widget.mapToGlobal(at)), QPoint(), QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton, NO_KEY, Qt.ScrollPhase.NoScrollPhase, False,
        ),
    )  # fmt: skip


def seen(window: WindowDriver) -> QImage:
    return window.large.grab().toImage()


def middle_colour(window: WindowDriver) -> str:
    image = seen(window)
    return image.pixelColor(image.width() // 2, image.height() // 2).name()


def test_space_shows_the_current_picture_large_and_leads_back_as_escape_does(opened):
    opened.select(2)
    opened.menu("Go to the pictures")
    opened.press("Space")
    assert opened.look == "large"
    assert opened.side_by_side() == [opened.pictures()[2]]
    assert not opened.shows_pictures
    for key in ("Space", "Escape"):
        opened.press(key)
        assert opened.look == "grid"
        assert opened.shows_pictures
        assert opened.has_focus_on_pictures
        opened.press("Space")


def test_a_button_in_the_corner_leads_back_with_the_mouse(opened):
    opened.menu("Go to the pictures")
    for look in ("Space", "C"):
        opened.press(look)
        opened.let_work()
        view = opened.main.large
        (back,) = (one for one in view.findChildren(QToolButton) if one.isVisible())
        place = back.geometry().center()
        assert view.childAt(place) is back, look
        assert place.x() > 0.9 * view.width(), look
        QTest.mouseClick(back, LEFT)
        assert opened.look == "grid"
        assert opened.has_focus_on_pictures


def test_a_double_click_on_a_tile_shows_it_large(opened):
    grid = opened.main.grid
    place = grid.visualRect(opened.main.arrangement.model.index(3)).center()
    QTest.mouseDClick(grid.viewport(), LEFT, NO_KEY, place)
    assert opened.look == "large"
    assert opened.current() == opened.side_by_side()[0]


def test_arrows_and_letters_walk_and_stop_at_the_ends(large):
    pictures = large.pictures()
    walked = []
    for key in ("Right", "D", "Down", "Left", "A", "End", "Right", "Home", "Left"):
        large.press(key)
        walked.append(pictures.index(large.side_by_side()[0]))
    assert walked == [1, 2, 3, 2, 1, 5, 5, 0, 0]


def test_place_name_and_state_are_said(large):
    name = large.side_by_side()[0].split("/")[1]
    assert f"Picture {name}, 1 of 6, suggested: " in large.captions()[0]
    large.press("1", "Left")
    assert "1 of 6, decided by you: red" in large.captions()[0]


def test_a_digit_labels_the_picture_and_shows_the_next(large):
    first, second = large.pictures()[:2]
    large.press("2")
    assert large.labels()[first] == "green"
    assert large.side_by_side() == [second]
    large.press("Return")
    assert large.state(second).startswith("decided by you")
    large.press("X")
    large.menu("Undo")
    assert large.side_by_side() == [large.pictures()[2]]


def test_a_key_labels_only_the_picture_that_is_seen_and_the_selection_comes_back(opened):
    opened.menu("Go to the pictures")
    opened.menu("Select all")
    opened.press("Space", "1")
    assert opened.chips().count("red") == 1
    opened.menu("Select all")
    opened.press("2")
    assert sorted(filter(None, opened.chips())) == ["green", "red"]
    opened.press("Escape")
    assert "6 selected" in opened.status


def test_after_walking_to_a_picture_that_was_not_selected_only_that_is_selected(opened):
    opened.menu("Go to the pictures")
    opened.select(0)
    opened.press("Shift+Right", "Space", "Right", "Escape")
    assert opened.main.grid.selected_image_rows().tolist() == [opened.main.grid.current_image_row()]


def test_the_picture_is_shown_in_its_colours(large):
    for place, name in enumerate(large.pictures()):
        large.select(place)
        large.wait_until_decoded()
        red, green, blue, _ = QColor(middle_colour(large)).getRgb()
        strongest = {"red": red, "green": green, "blue": blue}
        assert max(strongest, key=strongest.get) == name.split("/")[0]


def look_at_real_pixels(window: WindowDriver, folder) -> None:
    """Open a folder, and show its first picture at its real size."""
    window.main.activateWindow()
    window.open(folder)
    window.wait_until_nothing_waits()
    window.add("noise")  # before there is a name, letters begin one
    window.menu("Go to the pictures")
    window.press("Space", "z")
    window.wait_until_decoded()


def test_z_shows_real_pixels(window, tmp_path):
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 256, (1400, 1600, 3), dtype=np.uint8)
    (tmp_path / "sharp").mkdir()
    Image.fromarray(pixels).save(tmp_path / "sharp" / "noise.png")
    look_at_real_pixels(window, tmp_path / "sharp")
    shown = seen(window)
    rect, ratio = (
        window.large.zoom.rect(window.large.picture_size(), window.large.room()),
        window.large.devicePixelRatioF(),
    )
    assert rect.width() * ratio == 1600
    for x, y in ((100, 100), (301, 222), (17, 333)):
        where = (round(y - rect.top()), round(x - rect.left()))
        assert shown.pixelColor(x, y).getRgb()[:3] == tuple(pixels[where])
    assert window.facts() == "1,600 × 1,400 at 100%"
    window.press("z")
    assert window.large.zoom.is_fitted


def test_the_wheel_zooms_about_the_pointer_and_a_drag_moves(large):
    view = large.large
    at = QPoint(view.width() * 9 // 20, view.height() // 2)  # no edge of the picture comes in
    before = view.zoom.part_at(QPointF(at), view.picture_size(), view.room())
    wheel(view, at, 5)
    after = view.zoom.part_at(QPointF(at), view.picture_size(), view.room())
    assert view.zoom.factor > 1.5
    assert after.x() == pytest.approx(before.x(), abs=0.01)
    start = view.picture_rect().left()
    QTest.mousePress(view, LEFT, NO_KEY, at)
    QTest.mouseMove(view, at + QPoint(40, 0))
    QTest.mouseRelease(view, LEFT, NO_KEY, at + QPoint(40, 0))
    assert view.picture_rect().left() == pytest.approx(start + 40, abs=1)
    wheel(view, at, -9)
    assert view.zoom.is_fitted


def test_the_next_picture_is_fitted_again(large):
    large.press("+", "+")
    assert not large.large.zoom.is_fitted
    large.press("Right")
    assert large.large.zoom.is_fitted


def test_what_the_model_sees_can_be_shown(large):
    plain = seen(large)
    large.press("v")
    assert seen(large) != plain
    assert large.menu_entry("What the model sees").isChecked()


def test_a_broken_picture_says_why_and_the_next_one_comes(opened, coloured):
    (coloured / "red" / "a-broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no picture")
    opened.open(coloured)
    opened.wait_for_pictures(7)
    opened.wait_until_read()
    opened.select("red/a-broken.jpg")
    opened.menu("Go to the pictures")
    opened.press("Space")
    opened.wait_until_decoded()
    assert "damaged JPEG" in opened.message_in_picture
    opened.press("Home")
    opened.wait_until_decoded()
    assert not opened.message_in_picture


@pytest.fixture
def held(monkeypatch):
    """Let the decoding of pictures for the large view wait until the event is set."""
    gate, asked, real = threading.Event(), [], loading.picture

    def slow(path, side, cancel):
        asked.append(f"{path.parent.name}/{path.name}")
        while not gate.wait(0.01):
            cancel.raise_if_cancelled()
        return real(path, side, cancel)

    monkeypatch.setattr(loading, "picture", slow)
    yield gate, asked
    gate.set()


def test_the_thumbnail_is_shown_until_the_picture_is_decoded(opened, held):
    gate, asked = held
    opened.select(3)
    opened.menu("Go to the pictures")
    opened.main.grid.viewport().repaint()  # which asks for thumbnails
    wait(lambda: opened.main.thumbnails.is_idle)
    opened.press("Space")
    wait(lambda: asked)
    assert opened.large.is_picture_shown
    assert opened.facts() == ""
    gate.set()
    opened.wait_until_decoded()
    assert opened.facts().startswith(("90 × 60", "50 × 80"))


def test_what_was_walked_past_is_not_decoded(opened, held):
    gate, asked = held
    opened.select(0)
    opened.menu("Go to the pictures")
    opened.press("Space")
    wait(lambda: len(asked) == 2)
    opened.press("End")
    last = opened.pictures()[-1]
    wait(lambda: last in asked)
    assert asked.index(last) == 2
    gate.set()
    opened.wait_until_decoded()
    assert opened.pictures()[2] not in asked


def test_a_picture_that_takes_long_does_not_hold_up_the_next(opened, monkeypatch):
    slow, real, gate = opened.pictures()[0].split("/")[1], loading.picture, threading.Event()

    def some(path, side, cancel):
        while path.name == slow and not gate.wait(0.01):
            cancel.raise_if_cancelled()
        return real(path, side, cancel)

    monkeypatch.setattr(loading, "picture", some)
    opened.select(0)
    opened.menu("Go to the pictures")
    opened.press("Space", "End")
    wait(opened.facts)
    gate.set()


def test_neighbours_are_decoded_ahead(large):
    paths, rows = large.project.images.paths, large.main.arrangement.model.order.tolist()
    loader = large.main.large.loader
    large.press("Right")
    large.wait_until_decoded()
    there = [loader.fitted(paths[row]) is not None for row in rows]
    assert there == [True] * 5 + [False]


def test_the_next_picture_is_painted_before_the_rest_of_the_window_follows(large):
    happened = []

    class Painted(QObject):
        def eventFilter(self, _watched, event):
            if event.type() is QEvent.Type.Paint:
                happened.append("painted")
            return False

    watch = Painted()
    large.large.installEventFilter(watch)
    large.main.grid.current_image_changed.connect(lambda _row: happened.append("rest"))
    large.press("Right")
    assert happened == ["painted", "rest"]


def test_what_is_wanted_later_does_not_hold_up_what_is_wanted_now(qtbot, coloured, held):
    gate, asked = held
    loader = loading.PictureLoader()
    now, *later = (
        loading.PictureRequest(path, 50, 50) for path in sorted(coloured.rglob("*.png"))[:4]
    )
    loader.want([], later=later)
    wait(lambda: asked)
    loader.want([now], later=later)
    wait(lambda: len(asked) == 2)
    assert asked[1].endswith(now.path.name)
    gate.set()
    wait(lambda: loader.is_idle)
    assert all(loader.fitted(request.path) for request in (now, *later))
    loader.shut_down()


def test_the_inspector_leaves_the_picture_to_the_large_view_and_tells_of_it(large, monkeypatch):
    assert not large.picture.isVisible()
    chart_above = large.main.inspector.chart.y()
    sides, real = [], loading.picture
    monkeypatch.setattr(
        loading,
        "picture",
        lambda path, side, cancel: sides.append(side) or real(path, side, cancel),
    )
    large.press("End")
    large.wait_until_decoded()
    name, facts = large.inspected()[:2]
    assert large.current().endswith(name)
    assert large.facts().startswith(facts)
    assert sides
    assert INSPECTED not in sides
    large.press("Escape")
    assert large.picture.isVisible()
    wait(lambda: large.picture.is_picture_shown)
    assert large.main.inspector.chart.y() > chart_above


def test_no_more_is_decoded_ahead_than_is_kept(opened):
    request = loading.PictureRequest(opened.project.images.paths[0], 1000, 1000)
    kept = {n: loading.PictureLoader(max_bytes=n * 10**6).fits([request] * 5) for n in (1, 9, 99)}
    assert [len(requests) for requests in kept.values()] == [1, 2, 5]


def test_full_screen_hides_all_but_the_picture_and_escape_leads_back(opened):
    main = opened.main
    parts = (main.tools, main.panel, main.inspector, main.status)
    opened.menu("Go to the pictures")
    opened.press("F11")
    assert opened.is_full_screen
    assert opened.look == "large"
    assert not any(part.isVisible() for part in parts)
    assert not opened.menu_entry("Probabilities").isChecked()
    opened.press("i")
    assert main.inspector.isVisible()
    assert opened.menu_entry("Probabilities").isChecked()
    opened.press("1")
    assert opened.chips().count("red") == 1
    opened.press("Escape")
    assert not opened.is_full_screen
    assert all(part.isVisible() for part in parts)
    assert opened.shows_pictures


def test_full_screen_is_there_with_another_project_too(opened, coloured):
    opened.menu("New project")
    opened.open(coloured)
    opened.wait_until_read()
    opened.menu("Go to the pictures")
    opened.press("F11")
    assert opened.is_full_screen
    opened.press("Escape")
    assert not opened.main.menuBar().isHidden()


def test_a_picture_that_the_filter_hides_gives_way_to_the_next_or_to_the_grid(large):
    large.look_at("name:green")
    assert large.look == "large"
    assert large.side_by_side() == [large.current()]
    assert large.current() in large.pictures()
    large.look_at("is:checked")
    assert large.shows_nothing
    large.look_at()
    assert large.shows_pictures


def test_another_project_begins_in_the_grid(large, tmp_path):
    path = tmp_path / "kept.nameplate"
    large.save_as(path)
    large.press("Space", "Space")
    assert large.look == "large"
    large.menu("New project")
    large.open_project(path)
    assert large.look == "grid"


def test_a_picture_is_opened_in_another_program_and_it_is_said_if_there_is_none(large, monkeypatch):
    opened_with = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened_with.append(url) or False)
    large.press("Ctrl+Shift+Return")
    wait(lambda: opened_with)
    assert opened_with[0].fileName() == large.current().split("/")[1]
    assert "No program" in large.message


def test_back_in_the_grid_no_large_picture_is_kept_in_memory(window, tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(3):
        Image.new("RGB", (1800, 1300), (90, 60 * number, 30)).save(folder / f"{number}.jpg")
    look_at_real_pixels(window, folder)
    loader, paths = window.main.large.loader, window.project.images.paths
    assert loader.full(paths[0]).image.width() == 1800
    window.press("Right", "z")
    window.wait_until_decoded()
    assert loader.full(paths[0]) is None
    window.press("Escape")
    assert loader.full(paths[1]) is None


def test_screen_readers_are_told_the_picture(large):
    large.press("Right")
    said = large.main.large.accessibleDescription()
    assert "2 of 6, suggested: " in said


def test_full_screen_begins_from_the_name_box_too(opened):
    opened.menu("Add a name")
    opened.press("F11")
    assert opened.is_full_screen
    opened.press("1")
    assert opened.chips().count("red") == 1
    opened.press("F11")
    assert not opened.is_full_screen
    assert opened.look == "large"


def test_a_picture_that_is_left_to_the_large_view_is_not_said_to_be_broken(large, monkeypatch):
    large.press("Escape")
    begun, said, real = threading.Event(), [], loading.picture

    def cancelled(path, side, cancel):
        if side != INSPECTED:
            return real(path, side, cancel)
        begun.set()
        while not cancel.is_cancelled:
            time.sleep(0.005)
        raise CancelledError

    monkeypatch.setattr(loading, "picture", cancelled)
    monkeypatch.setattr(large.main.inspector, "show_unreadable", lambda *what: said.append(what))
    large.press("End")
    assert begun.wait(5)
    large.press("Space")
    large.wait_until_decoded()
    QTest.qWait(50)
    assert not said
