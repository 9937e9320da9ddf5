"""How many functions lie between what a person does and what they see of it.

Each of them is a place that has to be read by whoever wants to know what a key does.
"""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from call_paths import calls_to, stacks_at
from nameplate.imaging.scan import scan
from nameplate.ui.grid.tile_view import TileView
from nameplate.ui.jobs.jobs import Jobs
from nameplate.ui.tiles.model import TileModel
from nameplate.ui.tiles.painter import TilePainter
from qt_help import wait


def test_a_key_that_labels_reaches_its_tile_in_12_calls_and_is_painted_in_5(opened):
    grid = opened.main.grid
    opened.menu("Go to the pictures")
    path = calls_to(TileView.dataChanged, lambda: QTest.keyClick(grid, Qt.Key.Key_1))
    assert path[0] == "MainWindow.keyPressEvent"
    assert len(path) <= 12, path
    wait(lambda: not opened.main.painting.is_held)
    path = calls_to(TilePainter.paint, grid.viewport().repaint)
    assert path[-1] == "TilePainter.paint"
    assert len(path) <= 5, path


def test_a_dropped_picture_reaches_its_tile_in_15_calls_and_by_one_job(window, coloured):
    """Counted are those on the stacks when the job is begun, when it scans, and for its tile."""
    wait(lambda: window.is_settled and not window.main.jobs.is_busy)
    goals = [Jobs.run, scan, TileModel.append]
    stacks = stacks_at(goals, lambda: (window.drop(coloured), window.wait_for_pictures(6)))
    ends = [stack[-1] for stack in stacks]
    assert ends[:2] == ["Jobs.run", "scan"], stacks
    path = [*stacks[:2], stacks[ends.index("TileModel.append")]]
    assert path[0][0] == "MainWindow.dropEvent"
    assert sum(map(len, path)) <= 15, path
