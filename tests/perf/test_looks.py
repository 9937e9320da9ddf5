"""How pages, compare and the large view do among 100,000 pictures."""

import time

import numpy as np
import psutil
import pytest
from PySide6.QtWidgets import QApplication

from nameplate.pipeline.reading.batch_encoder import Embedded
from perf.measuring import Frames, Report, make_pictures
from qt_help import wait
from window_driver import WindowDriver

pytestmark = pytest.mark.perf

COUNT, BLOCK = 100_000, 4096
NAMES = [f"name {number}" for number in range(20)]
HELD_S = 0.033


def megabytes() -> float:
    return psutil.Process().memory_info().rss / 2**20


def read_all(window: WindowDriver) -> None:
    """Give every picture a vector, without the minutes of reading."""
    rng = np.random.default_rng(1)
    size = window.model.manifest.embedding_size
    for first in range(0, COUNT, BLOCK):
        rows = np.arange(first, min(first + BLOCK, COUNT))
        vectors = rng.standard_normal((len(rows), size), dtype=np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        window.put_vectors(Embedded(rows, vectors))
        QApplication.processEvents()


@pytest.fixture
def many(open_window, tmp_path, tiny_model) -> WindowDriver:
    """The window with 100,000 pictures, all rated."""
    window, frames = open_window(tiny_model), Frames()
    window.wait_until_loaded()
    window.main.activateWindow()
    window.add(*NAMES)
    window.open(make_pictures(tmp_path / "pictures", COUNT, distinct=False))
    frames.until(lambda: len(window.project.images) == COUNT)
    frames.until(lambda: not window.is_looking_for_pictures)
    window.menu("Cancel reading")
    frames.until(lambda: not window.is_reading)
    read_all(window)
    frames.until(lambda: window.is_settled)
    return window


def timed(frames: Frames, act, until=lambda: True) -> None:
    """Measure `act` until what follows is seen; the processor's time is that of the thread."""

    def all_of_it() -> None:
        act()
        while not until():
            QApplication.processEvents()

    frames.run(all_of_it)


def timed_page(frames: Frames, window: WindowDriver, act) -> None:
    """Measure `act` until another page is shown."""
    before = window.page_text, window.page
    timed(frames, act, lambda: window.page and (window.page_text, window.page) != before)


def rest(seconds: float = 0.4) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        QApplication.processEvents()
        time.sleep(0.005)


def hold(window: WindowDriver, key: str, times: int) -> Frames:
    frames = Frames()
    for _ in range(times):
        start = time.perf_counter()
        frames.run(lambda: window.press(key))
        rest(max(0, start + HELD_S - time.perf_counter()))
    return frames


def measure_pages(window: WindowDriver, report: Report) -> list[Frames]:
    first, turns, back = Frames(), Frames(), Frames()
    timed_page(first, window, lambda: window.menu("Check pages"))
    report.row("pages are opened", first)
    for _ in range(40):
        wait(lambda: window.page and window.is_page_seen)
        rest()
        before = window.page
        timed_page(turns, window, lambda: window.press("Return"))
        assert window.page != before
    report.row("turn a page", turns)
    report.row("memory", f"{megabytes():8.0f} MB")
    for _ in range(10):
        timed_page(back, window, lambda: window.press("Backspace"))
        rest(0.1)
    report.row("take a page back", back)
    zoom = Frames()
    for entry in ("Smaller pictures", "Smaller pictures", "Larger pictures", "Larger pictures"):
        timed_page(zoom, window, lambda entry=entry: window.menu(entry))
        rest(0.2)
    report.row("fewer or more pictures on a page", zoom)
    pointed = Frames()
    for place in range(min(20, len(window.page))):
        pointed.run(lambda place=place: window.point_at(place))
    report.row("point at a picture", pointed)
    window.press("Escape")
    return [turns, back, zoom, pointed]


def measure_compare(window: WindowDriver, report: Report) -> list[Frames]:
    order = window.main.arrangement.model.order
    begun, moves, pans, ended = Frames(), Frames(), Frames(), Frames()
    for start in (0, COUNT // 2, COUNT - 9):
        window.main.grid.set_current_image(int(order[start]))
        window.main.grid.select_images(order[start : start + 9])
        window.menu("Go to the pictures")
        timed(begun, lambda: window.press("c"))
        assert len(window.panes) == 9
        window.wait_until_decoded()
        moves = hold(window, "Right", 8)
        for key in ("+", "Shift+Right", "Shift+Down", "Shift+Left", "+", "Shift+Up"):
            pans.run(lambda key=key: window.press(key))
        timed(ended, lambda: window.press("Escape"))
    report.row("nine pictures are compared", begun)
    report.row("the ring moves on, key held", moves)
    report.row("zoom and move all nine", pans)
    report.row("back to the grid", ended)
    return [begun, moves, pans, ended]


def measure_large(window: WindowDriver, report: Report) -> list[Frames]:
    window.main.grid.set_current_image(int(window.main.arrangement.model.order[1000]))
    window.menu("Go to the pictures")
    begun, jumps = Frames(), Frames()
    timed(begun, lambda: window.press("Space"))
    window.wait_until_decoded()
    held = hold(window, "Right", 120)
    window.wait_until_decoded()
    back = hold(window, "Left", 120)
    for key in ("Home", "End", "Home", "End"):
        timed(jumps, lambda key=key: window.press(key))
        window.wait_until_decoded()
    report.row("a picture is shown large", begun)
    report.row("next one, key held", held)
    report.row("previous one, key held", back)
    report.row("to the first, to the last", jumps)
    window.press("Escape")
    return [begun, held, back, jumps]


def test_looks_at_100_000_pictures(many, capsys):
    report = Report(capsys, f"{COUNT:,} pictures of 320 x 240, 20 names")
    before = megabytes()
    report.row("memory", f"{before:8.0f} MB")
    measured = measure_pages(many, report)
    measured += measure_compare(many, report)
    measured += measure_large(many, report)
    after = megabytes()
    report.row("memory", f"{after:8.0f} MB")
    assert max(frames.cpu_p99 for frames in measured) <= 100
    assert after - before < 300
