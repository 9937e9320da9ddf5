"""Screen readers find the visible tiles, with their texts, rectangles and states."""

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QMainWindow
from shiboken6 import Shiboken

from nameplate.ui.grid import accessible
from nameplate.ui.grid.view import ImageGrid
from nameplate.ui.tiles.model import Tile, TileKind, TileModel
from nameplate.ui.tiles.thumbnails import ThumbnailLoader

Text = QAccessible.Text


def tile_of(row: int) -> Tile:
    return Tile(Path(f"/no/such/{row}.jpg"), TileKind.SUGGESTED, "cat", "#3b82f6", 0.91)


@pytest.fixture(autouse=True)
def let_in(qapp) -> None:
    accessible.install()


@pytest.fixture
def grid(qtbot) -> Iterator[ImageGrid]:
    loader = ThumbnailLoader()
    window = QMainWindow()
    grid = ImageGrid(loader)
    window.setCentralWidget(grid)
    qtbot.addWidget(window)
    model = TileModel(tile_of, grid)
    grid.setModel(model)
    window.resize(900, 480)
    model.set_order(np.arange(100_000))
    window.show()
    grid.setFocus()
    yield grid
    loader.shut_down()


def face(grid: ImageGrid):
    return QAccessible.queryAccessibleInterface(grid)


def names(grid: ImageGrid) -> list[str]:
    of_grid = face(grid)
    return [of_grid.child(i).text(Text.Name) for i in range(of_grid.childCount())]


def test_the_grid_is_a_list_of_the_tiles_that_are_seen(grid):
    assert face(grid).role() == QAccessible.Role.List
    assert face(grid).text(Text.Name) == grid.accessibleName()
    shown = grid.shown_positions()
    assert names(grid) == [f"{p}.jpg, suggested: cat, 91%" for p in shown]
    grid.verticalScrollBar().setValue(50_000)
    assert len(names(grid)) < 60
    assert names(grid)[0].startswith(f"{grid.shown_positions().start}.jpg")
    assert face(grid).child(-1) is None
    assert face(grid).child(10**6) is None


def test_a_tile_says_where_it_stands_and_how_it_is(grid):
    grid.set_current_image(2)
    tile = face(grid).child(2)
    assert tile.role() == QAccessible.Role.ListItem
    assert tile.text(Text.Description) == "3 of 100,000"
    assert (tile.state().selected, tile.state().offscreen) == (True, False)
    assert not face(grid).child(3).state().selected
    assert face(grid).focusChild().text(Text.Name) == tile.text(Text.Name)
    assert face(grid).indexOfChild(tile) == 2
    place = tile.rect().center()
    assert face(grid).childAt(place.x(), place.y()).text(Text.Name) == tile.text(Text.Name)
    grid.verticalScrollBar().setValue(50_000)
    assert tile.state().offscreen
    assert face(grid).focusChild() is None
    assert face(grid).indexOfChild(tile) == -1


def test_a_tile_that_is_gone_says_nothing(grid):
    tile = face(grid).child(2)
    grid.model().set_order(np.arange(1))
    assert not tile.isValid()
    assert tile.text(Text.Name) == ""


def test_a_reader_that_goes_through_all_pages_leaves_little_behind(grid):
    bar, of_grid, told = grid.verticalScrollBar(), face(grid), []
    for place in range(0, bar.maximum(), bar.maximum() // 200):
        bar.setValue(place)
        told += [weakref.ref(of_grid.child(i)) for i in range(of_grid.childCount())]
    gc.collect()
    assert len(told) > 2000
    assert sum(tile() is not None for tile in told) <= 500


def test_a_grid_that_goes_takes_its_tiles_out_of_what_qt_holds(qapp):
    """Qt would delete them again at exit, and crash."""
    loader = ThumbnailLoader()
    grid = ImageGrid(loader)
    grid.setModel(TileModel(tile_of, grid))
    grid.model().set_order(np.arange(50))
    grid.resize(900, 480)
    grid.show()
    of_grid = face(grid)
    held = [of_grid.child(i).id for i in range(of_grid.childCount())]
    assert len(held) > 3
    loader.shut_down()
    grid.close()
    grid.deleteLater()
    QApplication.sendPostedEvents(grid, QEvent.Type.DeferredDelete)
    assert [QAccessible.accessibleInterface(one) for one in held] == [None] * len(held)
    assert not Shiboken.isValid(of_grid)
