"""How fast pages turn; `simulate.py` counts the actions that they take."""

import gc
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nameplate.storage.resources import starter_model
from nameplate.ui.widgets import theme
from perf.measuring import Frames, Report, make_pictures
from qt_help import wait
from window_driver import WindowDriver

pytestmark = pytest.mark.perf


@pytest.fixture
def window(qapp: QApplication, tmp_path: Path) -> Iterator[WindowDriver]:
    theme.apply(qapp)
    driver = WindowDriver.on(starter_model(), tmp_path / "window.ini")
    driver.show(1360, 840)
    driver.main.activateWindow()
    driver.wait_until_loaded()
    yield driver
    driver.main.shut_down()
    driver.main.close()
    driver.main.deleteLater()
    qapp.processEvents()
    gc.collect()


@pytest.mark.parametrize(("wanted", "pages"), [(12, 16), (30, 6)])
def test_the_next_page_is_there_within_a_tenth_of_a_second(window, wanted, pages, tmp_path, capsys):
    window.add("red", "green", "blue", "white", "black")
    window.open(make_pictures(tmp_path / "many", 1500, distinct=False))
    wait(lambda: window.project.images.present == 1500 and window.is_settled, 300)
    window.menu("Check pages")
    wait(lambda: window.page)
    while len(window.page) > wanted * 1.2:
        window.menu("Larger pictures")
        window.let_work()
    size, turns = len(window.page), Frames()
    view = window.pages.view

    def turn() -> None:
        """Press Enter; the page that comes is painted with all its pictures."""
        QTest.keyClick(view, Qt.Key.Key_Return)
        wait(lambda: window.page != before)
        view.viewport().repaint()
        assert window.is_page_seen  # they were made while the page before was looked at

    for _ in range(pages):  # equal pictures are decided together: there are no more pages
        wait(lambda: window.main.thumbnails.is_idle)
        time.sleep(0.3)  # a person looks at a page for longer; QTest.qWait would stop other threads
        before = window.page
        turns.run(turn)
    report = Report(capsys, f"pages of {size} pictures")
    report.row("turn a page", turns)
    assert turns.cpu_p99 <= 100
