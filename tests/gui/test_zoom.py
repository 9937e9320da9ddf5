"""Where a zoomed picture lies, and how pictures share a room: arithmetic, for all sizes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF
from PySide6.QtGui import QColor, QImage

from nameplate.ui.modes.panes import cells, columns_for
from nameplate.ui.widgets.picture import PictureView
from nameplate.ui.widgets.zoom import ACTUAL, Room, Zoom

sides = st.integers(1, 20_000)
sizes = st.builds(QSizeF, sides, sides)
rooms = st.builds(
    lambda width, height, ratio: Room(QRectF(8, 8, width, height), ratio, 8.0),
    st.integers(60, 3000), st.integers(60, 3000), st.sampled_from([1.0, 1.25, 1.5, 2.0, 3.0]),
)  # fmt: skip
parts = st.floats(0, 1)
PIXEL = 1.01


@given(sizes, rooms)
def test_a_fitted_picture_is_whole_and_as_large_as_fits(size, room):
    rect, box = Zoom().rect(size, room), room.box
    assert rect.width() <= box.width() + PIXEL
    assert rect.height() <= box.height() + PIXEL
    fills = max(rect.width() / box.width(), rect.height() / box.height())
    assert fills > 0.9 or rect.width() == pytest.approx(size.width() * 8.0, abs=PIXEL)


@given(sizes, rooms)
def test_at_its_real_size_a_pixel_takes_one_of_the_screen(size, room):
    rect = ACTUAL.rect(size, room)
    assert rect.width() * room.ratio == pytest.approx(max(size.width(), room.ratio), abs=1)
    left = rect.left() * room.ratio
    assert left == pytest.approx(round(left), abs=1e-6)


@given(sizes, rooms, st.floats(1.05, 4), parts, parts, st.integers(1, 6))
def test_the_part_under_the_pointer_stays_there(size, room, factor, across, down, times):
    fitted = Zoom().rect(size, room)
    at = QPointF(fitted.left() + across * fitted.width(), fitted.top() + down * fitted.height())
    zoom = Zoom()
    for _ in range(times):
        before = zoom.part_at(at, size, room)
        zoom = zoom.by(factor, at, size, room)
        rect = zoom.rect(size, room)
        after = zoom.part_at(at, size, room)
        # Unless the picture would leave an empty edge, or is smaller than the room.
        if rect.width() > room.box.width() and zoom == zoom.within(size, room):
            moved = abs(after.x() - before.x()) * rect.width()
            is_at_an_edge = (
                abs(rect.left() - room.box.left()) < 2 or abs(rect.right() - room.box.right()) < 2
            )
            assert moved < 2 or is_at_an_edge


@given(sizes, rooms, parts, parts, st.floats(-5000, 5000), st.floats(-5000, 5000))
def test_moving_leaves_no_empty_edge(size, room, x, y, across, down):
    zoom = Zoom(is_actual=True, x=x, y=y).moved(QPointF(across, down), size, room)
    rect, box = zoom.rect(size, room), room.box
    if rect.width() > box.width() + PIXEL:
        assert rect.left() <= box.left() + PIXEL
        assert rect.right() >= box.right() - PIXEL
    if rect.height() > box.height() + PIXEL:
        assert rect.top() <= box.top() + PIXEL
        assert rect.bottom() >= box.bottom() - PIXEL


@given(sizes, rooms, st.integers(1, 40))
def test_zooming_out_ends_with_the_whole_picture(size, room, times):
    zoom = ACTUAL
    for _ in range(times):
        zoom = zoom.by(0.5, room.box.center(), size, room)
    for _ in range(40):
        zoom = zoom.by(0.5, room.box.center(), size, room)
    assert zoom == Zoom()


@given(st.lists(st.floats(0.05, 20), min_size=1, max_size=9), st.integers(60, 3000),
       st.integers(60, 3000))  # fmt: skip
def test_cells_lie_in_the_room_and_apart_from_each_other(aspects, width, height):
    room = QRect(0, 0, width, height)
    made = cells(len(aspects), columns_for(aspects, width, height, 20), room, 4)
    assert len(made) == len(aspects)
    for number, cell in enumerate(made):
        assert room.contains(cell)
        assert not any(cell.intersects(other) for other in made[:number])


def test_wide_pictures_lie_one_under_the_other_and_tall_ones_side_by_side():
    assert columns_for([4.0, 4.0], 1000, 1000) == 1
    assert columns_for([0.25, 0.25], 1000, 1000) == 2
    assert columns_for([1.5] * 4, 1000, 700) == 2
    assert columns_for([1.5] * 9, 1000, 700) == 3


def test_a_zoomed_picture_is_painted_from_enough_pixels_and_not_from_too_many(qtbot):
    view = PictureView()
    qtbot.addWidget(view)
    view.resize(416, 416)
    small, half, full = (
        QImage(side, side, QImage.Format.Format_RGB32) for side in (400, 1000, 2000)
    )
    for image, colour in ((small, "#ff0000"), (half, "#00ff00"), (full, "#0000ff")):
        image.fill(QColor(colour))
    view.show_picture(small, (2000, 2000), None, (half, full))
    painted = {}
    for scale in (0.2, 0.3, 0.5, 0.7, 1.0, 4.0):
        view.set_zoom(Zoom(is_actual=True, factor=scale * view.devicePixelRatioF()))
        painted[scale] = view.grab().toImage().pixelColor(200, 200).name()
    red, green, blue = "#ff0000", "#00ff00", "#0000ff"
    assert list(painted.values()) == [red, green, green, blue, blue, blue]
