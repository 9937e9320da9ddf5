"""The grid: movement, selection, order changes, zoom, painting; with real events."""

import itertools
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QPixmap, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication

from nameplate.ui.grid.layout import MARGIN, GridLayout
from nameplate.ui.grid.size_slider import SizeSlider
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.tiles.model import Tile, TileKind, TileModel
from nameplate.ui.tiles.thumbnails import Fit, ThumbnailLoader

ABSENT = Path("/no/such/folder")
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
Key = Qt.Key


class NoThumbnails(ThumbnailLoader):
    """Has no pictures and starts no threads; records the requests."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.shown: set[str] = set()
        self.ahead: list[str] = []
        self.unshowable: set[str] = set()

    def has_failed(self, path: Path) -> bool:
        return path.name in self.unshowable

    def pixmap(self, path: Path, fit: Fit) -> QPixmap | None:
        self.asked.append(path.name)
        return None

    def prefetch(self, shown: Collection[Path], ahead: Sequence[Path], fit: Fit) -> None:
        self.shown = {path.name for path in shown}
        self.ahead = [path.name for path in ahead]


def tile_of(row: int) -> Tile:
    return Tile(ABSENT / f"{row}.jpg", TileKind.SUGGESTED, "cat", "#3b82f6", 0.91)


@pytest.fixture
def loader(qapp) -> Iterator[NoThumbnails]:
    loader = NoThumbnails()
    yield loader
    loader.shut_down()


def grid_of(qtbot, loader, count: int, tile_of=tile_of, height: int = 480) -> ImageGrid:
    grid = ImageGrid(loader)
    qtbot.addWidget(grid)
    grid.setModel(TileModel(tile_of, grid))
    grid.resize(900, height)
    grid.model().set_order(np.arange(count))
    return grid


@pytest.fixture
def grid(qtbot, loader) -> ImageGrid:
    """Five columns, 23 images: the last row holds three."""
    grid = grid_of(qtbot, loader, 23)
    grid.tile_size = 164
    grid.show()
    grid.setFocus()
    assert columns(grid) == 5
    return grid


def columns(grid: ImageGrid) -> int:
    """Return how many tiles lie in the first row."""
    tops = [tile_rect(grid, position).top() for position in range(min(30, grid.model().rowCount()))]
    return tops.count(tops[0])


def tile_rect(grid: ImageGrid, position: int) -> QRect:
    return grid.visualRect(grid.model().index(position, 0))


def centre(grid: ImageGrid, position: int) -> QPoint:
    return tile_rect(grid, position).center()


def beside(grid: ImageGrid, position: int) -> QPoint:
    """Return a point of the empty ground at the upper left of a tile."""
    return tile_rect(grid, position).topLeft() - QPoint(3, 3)


def click(qtbot, grid: ImageGrid, position: int, modifiers=NONE, button=LEFT) -> None:
    qtbot.mouseClick(grid.viewport(), button, modifiers, centre(grid, position))


@pytest.fixture
def long_grid(grid) -> ImageGrid:
    """The same with 10,000 images."""
    grid.model().set_order(np.arange(10_000))
    return grid


def press(qtbot, grid: ImageGrid, key: Qt.Key, modifiers=NONE) -> int:
    qtbot.keyClick(grid, key, modifiers)
    return grid.current_image_row()


def selected(grid: ImageGrid) -> list[int]:
    return grid.selected_image_rows().tolist()


def drag(qtbot, grid: ImageGrid, start: QPoint, end: QPoint, modifiers=NONE) -> None:
    view = grid.viewport()
    qtbot.mousePress(view, LEFT, modifiers, start)
    qtbot.mouseMove(view, (start + end) / 2)
    qtbot.mouseMove(view, end)
    qtbot.mouseRelease(view, LEFT, modifiers, end)


def wheel(grid: ImageGrid, at: QPoint, turned: int, modifiers=NONE, pixels: int = 0) -> None:
    event = QWheelEvent(
        QPointF(at), QPointF(grid.viewport().mapToGlobal(at)), QPoint(0, pixels),
        QPoint(0, turned), Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(grid.viewport(), event)


# Layout.


@pytest.mark.parametrize("width", [30, 96, 300, 333, 901, 2000])
@pytest.mark.parametrize("count", [0, 1, 5, 23, 1000])
def test_every_tile_is_found_where_it_is(count, width):
    layout = GridLayout.fitting(count, width, 96, lambda w: w + 40)
    for position in {0, count // 2, count - 1} & set(range(count)):
        rect = layout.rect(position)
        for corner in (rect.topLeft(), rect.bottomRight(), rect.center()):
            assert layout.position_at(corner) == position
        assert layout.position_at(rect.topLeft() - QPoint(1, 0)) != position
        assert layout.position_at(rect.bottomRight() + QPoint(0, 1)) != position
        assert position in layout.between(rect.top(), rect.bottom())
    if count:
        last = layout.rect(count - 1)
        assert layout.position_at(last.center() + QPoint(0, layout.step)) == -1
        assert layout.height > last.bottom()


def test_a_stretch_goes_from_point_to_point_as_in_reading_also_beside_the_tiles():
    layout = GridLayout(10, 4, 50, 40)
    first, sixth, last = (layout.rect(n).center() for n in (0, 5, 9))
    assert layout.stretch(first, sixth) == layout.stretch(sixth, first) == range(6)
    assert layout.stretch(sixth, last + QPoint(0, 500)) == range(5, 10)
    assert layout.stretch(sixth, QPoint(0, -50)) == range(6)
    assert layout.stretch(first, first + QPoint(1, 1)) == range(1)
    assert not layout.stretch(last + QPoint(60, 0), last + QPoint(70, 10))


@pytest.mark.parametrize("width", [400, 777, 1440])
def test_tiles_fill_the_width_evenly(width):
    layout = GridLayout.fitting(1000, width, 100, lambda w: w)
    left = layout.rect(0).left()
    right = width - 1 - layout.rect(layout.columns - 1).right()
    assert abs(left - right) <= 1
    assert left <= MARGIN + layout.columns // 2 + 1


def test_a_rectangle_touches_few_ranges():
    layout = GridLayout.fitting(100_000, 1000, 100, lambda w: w)
    assert layout.touched(QRect(0, 0, 1000, 10**7)) == [range(100_000)]
    part = layout.touched(layout.rect(1).united(layout.rect(2 * layout.columns + 2)))
    assert [(r.start, len(r)) for r in part] == [(1 + layout.columns * i, 2) for i in range(3)]


# Keys.


@pytest.mark.parametrize(
    ("start", "key", "end"),
    [
        (7, Key.Key_Right, 8), (7, Key.Key_Left, 6), (7, Key.Key_Up, 2), (7, Key.Key_Down, 12),
        (0, Key.Key_Left, 0), (0, Key.Key_Up, 0), (3, Key.Key_Up, 3), (4, Key.Key_Right, 5),
        (5, Key.Key_Left, 4), (22, Key.Key_Right, 22), (22, Key.Key_Down, 22),
        (19, Key.Key_Down, 22), (20, Key.Key_Down, 20), (22, Key.Key_Up, 17),
        (7, Key.Key_Home, 0), (7, Key.Key_End, 22), (1, Key.Key_PageDown, 11),
        (19, Key.Key_PageDown, 22), (21, Key.Key_PageUp, 11), (6, Key.Key_PageUp, 1),
    ],
)  # fmt: skip
def test_keys_move_in_the_grid_and_stop_at_its_edges(grid, qtbot, start, key, end):
    grid.set_current_image(start)
    assert press(qtbot, grid, key) == end
    assert selected(grid) == [end]
    assert grid.viewport().rect().contains(centre(grid, end))


def test_the_first_key_takes_the_first_image_seen(grid, qtbot):
    grid.set_current_image(-1)
    assert grid.current_image_row() == -1
    assert press(qtbot, grid, Key.Key_Right) == 0


def test_shift_selects_from_where_it_began(grid, qtbot):
    grid.set_current_image(7)
    press(qtbot, grid, Key.Key_Down, SHIFT)
    assert selected(grid) == [7, 8, 9, 10, 11, 12]
    press(qtbot, grid, Key.Key_Up, SHIFT)
    press(qtbot, grid, Key.Key_Left, SHIFT)
    assert selected(grid) == [6, 7]
    press(qtbot, grid, Key.Key_End, SHIFT)
    assert selected(grid) == list(range(7, 23))


def test_control_moves_without_selecting_and_space_toggles(grid, qtbot):
    grid.set_current_image(0)
    assert press(qtbot, grid, Key.Key_Right, CONTROL) == 1
    assert press(qtbot, grid, Key.Key_Right, CONTROL) == 2
    assert selected(grid) == [0]
    press(qtbot, grid, Key.Key_Space, CONTROL)
    assert selected(grid) == [0, 2]
    press(qtbot, grid, Key.Key_Right, CONTROL | SHIFT)
    assert selected(grid) == [0, 2, 3]


@pytest.mark.parametrize(
    "key", [Key.Key_1, Key.Key_C, Key.Key_Return, Key.Key_Enter, Key.Key_Backspace,
            Key.Key_Delete, Key.Key_Space, Key.Key_Escape, Key.Key_Tab],
)  # fmt: skip
def test_leaves_the_windows_keys_to_the_window(grid, qtbot, key):
    heard: list[int] = []
    parent = type("Parent", (QAbstractItemView.__mro__[3],), {})()  # a QWidget
    parent.keyPressEvent = lambda event: heard.append(event.key())
    qtbot.addWidget(parent)
    grid.setParent(parent)
    grid.set_current_image(5)
    qtbot.keyClick(grid, key)
    grid.setParent(None)
    assert key in heard or key == Key.Key_Tab
    assert grid.current_image_row() == 5


def test_select_all_of_a_hundred_thousand_is_one_change(grid, qtbot):
    told: list[None] = []
    grid.model().set_order(np.arange(100_000))
    grid.selected_images_changed.connect(lambda: told.append(None))
    qtbot.keyClick(grid, Key.Key_A, CONTROL)
    assert len(grid.selected_image_rows()) == 100_000
    assert len(told) == 1
    grid.clearSelection()
    assert not grid.has_selected_images()


# Mouse.


@pytest.mark.parametrize(
    ("clicks", "chosen"),
    [
        ([(6, NONE), (8, NONE)], [8]),
        ([(8, NONE), (5, SHIFT)], [5, 6, 7, 8]),
        ([(8, NONE), (5, SHIFT), (6, CONTROL)], [5, 7, 8]),
        ([(5, NONE), (0, CONTROL), (2, SHIFT | CONTROL)], [0, 1, 2, 5]),
    ],
)
def test_clicks_select_an_image_and_with_shift_and_control_extend_the_selection(
    grid, qtbot, clicks, chosen
):
    with qtbot.waitSignals([grid.current_image_changed, grid.selected_images_changed]):
        for position, modifiers in clicks:
            click(qtbot, grid, position, modifiers)
    assert selected(grid) == chosen
    assert grid.current_image_row() == clicks[-1][0]


def test_a_click_beside_the_tiles_selects_nothing_but_keeps_the_current_image(grid, qtbot):
    click(qtbot, grid, 3)
    qtbot.mouseClick(grid.viewport(), LEFT, NONE, QPoint(2, 2))
    assert selected(grid) == []
    assert grid.current_image_row() == 3


def test_a_right_click_takes_the_image_unless_it_is_selected(grid, qtbot):
    click(qtbot, grid, 1)
    click(qtbot, grid, 3, SHIFT)
    click(qtbot, grid, 2, button=RIGHT)
    assert selected(grid) == [1, 2, 3]
    click(qtbot, grid, 7, button=RIGHT)
    assert selected(grid) == [7]


def test_a_double_click_activates(grid, qtbot):
    with qtbot.waitSignal(grid.image_activated) as activated:
        qtbot.mouseDClick(grid.viewport(), LEFT, NONE, centre(grid, 4))
    assert activated.args == [4]


def test_a_rubber_band_from_empty_ground_selects_what_it_touches(grid, qtbot):
    drag(qtbot, grid, beside(grid, 1), centre(grid, 7))
    assert selected(grid) == [1, 2, 6, 7]
    drag(qtbot, grid, centre(grid, 3), centre(grid, 4), SHIFT)
    assert {1, 2, 3, 4, 6, 7} <= set(selected(grid))
    drag(qtbot, grid, centre(grid, 6), centre(grid, 7), CONTROL)
    assert not {6, 7} & set(selected(grid))
    view = grid.viewport()
    qtbot.mousePress(view, LEFT, NONE, beside(grid, 0))
    for end, touched in ((7, [0, 1, 2, 5, 6, 7]), (1, [0, 1])):  # it may shrink again
        qtbot.mouseMove(view, centre(grid, end))
        assert selected(grid) == touched
    qtbot.mouseRelease(view, LEFT, NONE, centre(grid, 1))


def test_a_rubber_band_scrolls_at_the_edge(grid, qtbot):
    view = grid.viewport()
    qtbot.mousePress(view, LEFT, NONE, QPoint(2, 2))
    qtbot.mouseMove(view, QPoint(400, 300))
    qtbot.mouseMove(view, QPoint(880, view.height() + 60))
    qtbot.waitUntil(lambda: grid.verticalScrollBar().value() == grid.verticalScrollBar().maximum())
    qtbot.mouseRelease(view, LEFT, NONE, QPoint(880, view.height() + 60))
    assert selected(grid) == list(range(23))


# Dragging pictures away.


@pytest.mark.parametrize(("begin", "dragged"), [(2, [1, 2, 3]), (7, [7])])
def test_a_drag_takes_all_that_are_selected_or_an_image_that_it_selects(
    grid, qtbot, begin, dragged
):
    click(qtbot, grid, 1)
    click(qtbot, grid, 3, SHIFT)
    with qtbot.waitSignal(grid.drag_begun):
        drag(qtbot, grid, centre(grid, begin), centre(grid, 8))
    assert selected(grid) == dragged
    assert grid.current_image_row() == begin


def test_a_click_on_one_of_several_selected_images_picks_it_alone(grid, qtbot):
    click(qtbot, grid, 1)
    click(qtbot, grid, 3, SHIFT)
    qtbot.mousePress(grid.viewport(), LEFT, NONE, centre(grid, 2))
    assert selected(grid) == [1, 2, 3]
    qtbot.mouseRelease(grid.viewport(), LEFT, NONE, centre(grid, 2))
    assert selected(grid) == [2]


def test_a_hand_that_trembles_drags_nothing_and_dropped_files_are_left_to_the_window(grid, qtbot):
    assert [part.acceptDrops() for part in (grid, grid.viewport())] == [False, False]
    with qtbot.assertNotEmitted(grid.drag_begun):
        drag(qtbot, grid, centre(grid, 2), centre(grid, 2) + QPoint(2, 1))
        drag(qtbot, grid, beside(grid, 1), centre(grid, 7))
        drag(qtbot, grid, centre(grid, 2), centre(grid, 7), SHIFT)


# Order.


def test_a_new_order_keeps_current_and_selected_images(grid, qtbot):
    grid.set_current_image(4)
    click(qtbot, grid, 6, SHIFT)
    with (
        qtbot.assertNotEmitted(grid.current_image_changed),
        qtbot.assertNotEmitted(grid.selected_images_changed),
    ):
        grid.model().set_order(np.arange(23)[::-1].copy())
    assert grid.current_image_row() == 6
    assert grid.currentIndex().row() == 16
    assert selected(grid) == [6, 5, 4]
    click(qtbot, grid, 15, SHIFT)  # Shift still selects from image 4
    assert sorted(selected(grid)) == [4, 5, 6, 7]


@pytest.mark.parametrize(
    ("current", "order"),
    [(5000, np.roll(np.arange(10_000), 3333)), (-1, np.arange(500, 10_000))],
)
def test_a_new_order_keeps_the_current_image_or_else_the_first_one_seen_in_place(
    long_grid, current, order
):
    model = long_grid.model()
    long_grid.verticalScrollBar().setValue(20_000)
    long_grid.set_current_image(current)
    kept = current if current >= 0 else model.image_row(long_grid.shown_positions().start)
    before = long_grid.visualRect(model.index_of(kept)).top()
    model.set_order(order)
    assert long_grid.visualRect(model.index_of(kept)).top() == before


def test_an_image_that_a_filter_drops_leads_to_the_next_one(grid, qtbot):
    grid.set_current_image(7)
    with qtbot.waitSignals([grid.current_image_changed, grid.selected_images_changed]):
        grid.model().set_order(np.delete(np.arange(23), [7, 8]))
    assert grid.current_image_row() == 9
    assert selected(grid) == [9]
    grid.model().set_order(np.arange(5))
    assert grid.current_image_row() == 4
    grid.model().set_order(np.arange(0))
    assert grid.current_image_row() == -1
    assert selected(grid) == []


def test_appending_moves_nothing(grid):
    grid.set_current_image(22)
    before = grid.visualRect(grid.currentIndex())
    for first in range(23, 5023, 100):
        grid.model().append(np.arange(first, first + 100))
    assert grid.visualRect(grid.currentIndex()) == before
    assert selected(grid) == [22]
    assert grid.verticalScrollBar().maximum() > 10_000


# Zoom, resize, scroll.


def test_zoom_keeps_the_current_image_in_place(long_grid):
    grid = long_grid
    grid.set_current_image(5000)
    index = grid.currentIndex()
    for step in (-1, -1, 1):
        before, was = grid.visualRect(index).top(), columns(grid)
        grid.zoom_by(step)
        assert columns(grid) != was
        assert abs(grid.visualRect(index).top() - before) <= 2 or step == 1
        assert grid.viewport().rect().contains(grid.visualRect(index))


def test_the_wheel_zooms_about_the_image_under_the_mouse(long_grid, qtbot):
    grid = long_grid
    grid.verticalScrollBar().setValue(50_000)
    at = QPoint(450, 200)
    index, was = grid.indexAt(at), columns(grid)
    wheel(grid, at, 120, CONTROL)
    assert columns(grid) == was - 1
    rect = grid.visualRect(index)
    assert rect.top() <= at.y() <= rect.bottom()
    wheel(grid, at, -60, CONTROL)
    wheel(grid, at, -60, CONTROL)
    assert columns(grid) == was


def test_tile_size_has_limits(grid):
    for asked, taken in ((5, 72), (5000, 480)):
        grid.tile_size = asked
        assert grid.tile_size == taken
    for step, most in ((1, 2), (-1, 11)):
        for _ in range(40):
            grid.zoom_by(step)
        assert columns(grid) == most


@pytest.mark.parametrize("step", [1, -1])
@pytest.mark.parametrize("current", [5000, -1])
def test_three_steps_of_zoom_and_three_back_lead_to_where_it_was(long_grid, step, current):
    grid = long_grid
    grid.set_current_image(current)
    grid.verticalScrollBar().setValue(grid.verticalScrollBar().value() + 57)
    before = columns(grid), grid.verticalScrollBar().value()
    seen = []
    for by in (step, step, step, -step, -step, -step):
        grid.zoom_by(by)
        seen.append(columns(grid))
    assert len(set(seen[:3])) == 3
    assert (columns(grid), grid.verticalScrollBar().value()) == before


def test_the_wheel_turned_there_and_back_leads_to_where_it_was(long_grid):
    grid, at = long_grid, QPoint(450, 200)
    grid.verticalScrollBar().setValue(50_000)
    before = columns(grid), grid.verticalScrollBar().value()
    for turned in (-120, -120, 240):
        wheel(grid, at, turned, CONTROL)
    assert (columns(grid), grid.verticalScrollBar().value()) == before


def test_the_slider_sets_the_size_and_follows_it(grid, qtbot):
    slider = SizeSlider(grid)
    qtbot.addWidget(slider)
    before = slider.value()
    grid.zoom_by(1)
    assert slider.value() > before
    grid.zoom_by(-1)
    assert slider.value() == pytest.approx(before, abs=1)
    for value, size in ((0, 72), (100, 480)):
        slider.setValue(value)
        assert grid.tile_size == size


def test_each_press_of_an_arrow_on_the_slider_is_a_column(grid, qtbot):
    slider = SizeSlider(grid)
    qtbot.addWidget(slider)
    for key, there in ((Key.Key_Right, 4), (Key.Key_Up, 3), (Key.Key_Left, 4), (Key.Key_Down, 5)):
        qtbot.keyClick(slider, key)
        assert columns(grid) == there


def test_the_wheel_over_the_slider_changes_nothing(grid, qtbot):
    slider = SizeSlider(grid)
    qtbot.addWidget(slider)
    at = QPointF(slider.rect().center())
    event = QWheelEvent(
        at, at, QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, NONE,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(slider, event)
    assert grid.tile_size == 164
    assert not event.isAccepted()


def test_resizing_there_and_back_comes_back(long_grid):
    grid = long_grid
    grid.verticalScrollBar().setValue(30_000)
    QApplication.processEvents()
    for width in (900, 700, 500, 300, 1100, 900):
        grid.resize(width, 480)
    assert abs(grid.verticalScrollBar().value() - 30_000) <= columns(grid)


@pytest.mark.parametrize("width", range(300, 340))
def test_the_layout_comes_to_rest_at_every_size(grid, width):
    grid.model().set_order(np.arange(4))
    for height in range(380, 480, 20):
        grid.resize(width, height)
        last = tile_rect(grid, 3)
        fits = last.bottom() < grid.viewport().height()
        assert fits or grid.verticalScrollBar().maximum() > 0
        assert last.right() < grid.viewport().width()


def test_the_wheel_glides(long_grid, qtbot):
    grid = long_grid
    bar = grid.verticalScrollBar()
    wheel(grid, QPoint(100, 100), -120)
    wheel(grid, QPoint(100, 100), -120)
    assert bar.value() < 2 * 3 * bar.singleStep()
    qtbot.waitUntil(lambda: bar.value() == 2 * 3 * bar.singleStep())
    wheel(grid, QPoint(100, 100), 0, pixels=-7)
    assert bar.value() == 2 * 3 * bar.singleStep() + 7


def test_scrolls_to_an_image_as_asked(long_grid):
    grid = long_grid
    index = grid.model().index(500, 0)
    hints = QAbstractItemView.ScrollHint
    page = grid.viewport().rect()
    for hint in hints:
        grid.verticalScrollBar().setValue(0)
        grid.scrollTo(index, hint)
        assert page.contains(grid.visualRect(index))
    grid.scrollTo(index, hints.PositionAtTop)
    assert grid.visualRect(index).top() < 20
    value = grid.verticalScrollBar().value()
    grid.scrollTo(index)
    assert grid.verticalScrollBar().value() == value


# Painting and signals.


def test_asks_only_for_thumbnails_that_are_seen_the_first_ones_last(grid, loader):
    grid.model().set_order(np.arange(100_000))
    loader.asked.clear()
    grid.viewport().repaint()
    assert len(loader.asked) < 40
    assert loader.asked[-1] == "0.jpg"


def test_tells_what_is_seen_and_prepares_the_rows_that_come_next(grid, loader, qtbot):
    told: list[list[int]] = []
    grid.shown_images_changed.connect(lambda rows: told.append(rows.tolist()))
    grid.set_current_image(0)
    order = np.append(0, np.arange(999, 0, -1))
    grid.model().set_order(order)
    qtbot.waitUntil(lambda: bool(told))
    count = len(told[-1])
    assert told == [order[:count].tolist()]
    assert loader.shown == {f"{row}.jpg" for row in told[-1]}
    assert loader.ahead == [f"{row}.jpg" for row in order[count : 2 * count]]
    grid.verticalScrollBar().setValue(20_000)
    qtbot.waitUntil(lambda: len(told) == 2)
    grid.verticalScrollBar().setValue(18_000)
    qtbot.waitUntil(lambda: len(told) == 3)
    first = told[-1][0]
    assert loader.ahead == [f"{first + 1 + i}.jpg" for i in range(len(told[-1]))]


def test_nothing_is_told_again_while_the_same_is_seen(grid, qtbot):
    told: list[object] = []
    qtbot.wait(80)
    grid.shown_images_changed.connect(told.append)
    grid.verticalScrollBar().setValue(3)
    qtbot.wait(80)
    assert told == []


def test_images_that_come_in_below_what_is_seen_repaint_nothing(grid, loader, qtbot):
    grid.model().set_order(np.arange(1000))
    qtbot.wait(80)
    loader.asked.clear()
    grid.model().append(np.arange(1000, 1008))
    QApplication.processEvents()
    assert loader.asked == []


def test_repaints_the_tile_whose_thumbnail_came(grid, loader, qtbot):
    painted: list[str] = []
    QApplication.processEvents()
    loader.asked = painted
    loader.loaded.emit({ABSENT / "3.jpg", Path("/somewhere/else.jpg")})
    qtbot.waitUntil(lambda: "3.jpg" in painted)
    assert painted == ["3.jpg"]


def test_a_tile_that_cannot_be_painted_is_an_error_and_no_crash(qtbot, loader):
    is_there = []
    grid = grid_of(qtbot, loader, 3, lambda row: tile_of(is_there[row]))
    for _ in range(2):
        with pytest.raises(IndexError):
            grid.grab()
    is_there += range(3)
    assert not grid.grab().isNull()


def test_paints_every_kind_in_every_state_at_every_size(qtbot, loader):
    kinds, long = list(TileKind), "a name that is far too long for any chip " * 4

    def long_tile(row: int) -> Tile:
        return Tile(ABSENT / f"{long}{row}", kinds[row], long, "", 0.5, long)

    grid = grid_of(qtbot, loader, len(kinds), long_tile)
    grid.set_current_image(2)
    grid.selectAll()
    for size in (30, 120, 700):
        grid.resize(size, 600)
        grid.tile_size = size
        assert not grid.grab().isNull()


def test_a_picture_that_cannot_be_shown_is_not_an_empty_mat(grid, loader):
    before = grid.grab().toImage()
    loader.unshowable.add("3.jpg")
    assert grid.grab().toImage() != before


def test_looks_differ_without_colour(qtbot, loader):
    kinds = [TileKind.SUGGESTED, TileKind.UNSURE, TileKind.AUTO, TileKind.DECIDED]
    grid = grid_of(
        qtbot, loader, 4, lambda row: Tile(ABSENT / "a", kinds[row], "cat", "#777777", 0.5), 300
    )
    tiles = [grid.grab(tile_rect(grid, row)).toImage() for row in range(4)]
    assert not any(one == other for one, other in itertools.combinations(tiles, 2))


def test_the_current_image_is_seen_and_said_to_screen_readers(grid):
    plain = grid.grab(tile_rect(grid, 2)).toImage()
    grid.set_current_image(2)
    assert grid.grab(tile_rect(grid, 2)).toImage() != plain
    assert grid.accessibleDescription() == "2.jpg, suggested: cat, 91%"
    assert grid.accessibleName()


def test_follows_a_new_font(grid):
    before = tile_rect(grid, 0).height()
    font = grid.font()
    font.setPointSizeF(font.pointSizeF() * 2)
    grid.setFont(font)
    assert tile_rect(grid, 0).height() > before


def test_works_without_a_model(qtbot, loader):
    grid = ImageGrid(loader)
    qtbot.addWidget(grid)
    grid.show()
    grid.set_current_image(3)
    grid.selectAll()
    qtbot.keyClick(grid, Key.Key_Down)
    assert selected(grid) == []
    assert grid.current_image_row() == -1
