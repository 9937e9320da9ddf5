"""The states of the window that are looked at after a change, in the order of a day's work."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from nameplate.storage.resources import resource
from qt_help import wait
from window_driver import WindowDriver

LOOKS = ("light", "dark", "contrast")
SETTLE_MS = 300


def samples_with_a_broken_one(folder: Path) -> Path:
    """Return a new folder with the samples and a file that can't be read."""
    pictures = folder / "pictures"
    shutil.copytree(resource("samples"), pictures, ignore=shutil.ignore_patterns("*.txt", "*.md"))
    (pictures / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no more")
    return pictures


def walk(window: WindowDriver, pictures: Path) -> Iterator[str]:
    """Lead a window from one state to the next, and yield the name of each."""
    run = window.main.actions_by_id.trigger
    yield "start"
    window.open(pictures)
    window.wait_until_read()
    yield "no-names"
    lines = resource("samples", "concepts.txt").read_text(encoding="utf-8").splitlines()
    window.add(*(line for line in lines if line and line[0] != "#"))
    window.wait_until_read()
    yield "suggestions"
    run("auto_label")()
    window.main.modes.focus()
    for _ in range(4):
        run("accept")()
    window.wait_until_nothing_waits()
    yield "labels"
    window.filter_by("is:undecided")
    yield "filtered"
    window.filter_by("nowhere")
    yield "nothing-found"
    run("clear_filter")()
    yield from _view_modes(window)
    run("problems")()
    yield "unreadable"
    run("problems")()
    run("export")()
    window.wait_for_preview()
    yield "export"
    window.press("Escape")
    from features.quality.driver import DoubtfulLabels

    DoubtfulLabels(window).open()
    yield "doubtful"
    window.press("Escape")
    for action, state in (
        ("how_right", "accuracy"),
        ("models", "models"),
        ("all_keys", "keys"),
    ):
        run(action)()
        window.wait_until_nothing_waits()
        yield state
        window.press("Escape")


def _view_modes(window: WindowDriver) -> Iterator[str]:
    from drivers.groups import Groups

    run = window.main.actions_by_id.trigger
    for state in ("large", "compare"):
        run("grid")()
        run(state)()
        window.wait_until_nothing_waits()
        yield state
    run("grid")()
    window.begin_pages()
    yield "page"
    run("grid")()
    Groups(window).begin()
    yield "similar"
    run("grid")()


def taken(window: WindowDriver, look: str, size: QSize) -> QImage:
    """Return a picture of the window in a look and a size."""
    window.main.resize(size)
    window.main.actions_by_id.trigger(f"look_{look}")()
    QTest.qWait(SETTLE_MS)
    wait(lambda: window.main.thumbnails.is_idle and not window.main.jobs.is_busy)
    QTest.qWait(SETTLE_MS // 3)  # what came is painted
    return window.main.grab().toImage()
