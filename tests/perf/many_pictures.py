"""A window with very many pictures that are read, rated and partly decided, and what is done in it.

Vectors are put into the window instead of being read for hours: two thirds of them lie around their
names, one third elsewhere, so that there is something to learn.
"""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nameplate.domain.changes import Title
from nameplate.domain.embeddings import unit
from nameplate.pipeline.reading.batch_encoder import Embedded
from nameplate.project.label_changes import label
from perf.measuring import Frames, Report, make_pictures
from qt_help import wait
from window_driver import WindowDriver

NAMES = (
    "cat", "dog", "horse", "cow", "tree", "flower", "car", "bicycle", "train", "ship",
    "house", "bridge", "chair", "table", "cup", "bottle", "book", "shoe", "apple", "bird",
)  # fmt: skip
NONE, CONTROL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
_BLOCK = 4096
_NOISE = 0.07

Meanwhile = Callable[[], object]
"""What is seen to before each measured act, so that a job goes on beside it."""


def open_many(window: WindowDriver, root: Path, count: int) -> np.ndarray:
    """Open `count` pictures, give each a vector, and wait until all are rated.

    Returns:
        What each picture shows, as a place among `NAMES`.
    """
    frames = Frames()
    window.wait_until_loaded()
    window.main.activateWindow()
    window.add(*NAMES)
    window.open(make_pictures(root, count, distinct=False))
    frames.until(lambda: len(window.project.images) == count)
    frames.until(lambda: not window.is_looking_for_pictures)
    window.menu("Cancel reading")
    frames.until(lambda: not window.is_reading)
    frames.until(lambda: window.are_suggestions_current)
    rng = np.random.default_rng(3)
    truth = rng.integers(0, len(NAMES), count)
    names = window.suggestions.classifier.weights.of_embeddings[: len(NAMES)]
    centres = names + unit(rng.standard_normal(names.shape))
    centres[::3] = unit(rng.standard_normal(centres[::3].shape))
    for first in range(0, count, _BLOCK):
        rows = np.arange(first, min(first + _BLOCK, count))
        noise = rng.standard_normal((len(rows), centres.shape[1]), dtype=np.float32)
        vectors = unit(centres[truth[rows]] + _NOISE * noise).astype(np.float32)
        window.put_vectors(Embedded(rows, vectors))
        QApplication.processEvents()
    frames.until(lambda: window.is_settled)
    return truth


def decide(window: WindowDriver, truth: np.ndarray, decisions: int) -> None:
    """Let a person have decided about pictures from all parts of the folder, rightly."""
    chosen = np.linspace(0, len(truth) - 1, decisions).astype(np.int64)
    for place, concept in enumerate(window.project.concepts):
        rows = chosen[truth[chosen] == place]
        change = label(window.project, rows, concept.key, window.main.scoring.decision_context)
        window.main.owner.change(change, Title("label", {"name": concept.name}))


# ---- what a person does


def press_keys_that_label(window: WindowDriver, meanwhile: Meanwhile, times: int = 40) -> Frames:
    window.menu("Go to the pictures")
    window.main.grid.set_current_image(int(window.main.arrangement.model.order[7]))
    frames = Frames()
    for turn in range(times):
        meanwhile()
        key = Qt.Key(Qt.Key.Key_1 + turn % 9)
        frames.paced(lambda key=key: QTest.keyClick(window.main.grid, key, NONE))
    return frames


def press_keys_that_move(window: WindowDriver, meanwhile: Meanwhile, times: int = 60) -> Frames:
    window.menu("Go to the pictures")
    frames = Frames()
    for turn in range(times):
        meanwhile()
        key = Qt.Key.Key_Right if turn % 2 else Qt.Key.Key_Down
        frames.paced(lambda key=key: QTest.keyClick(window.main.grid, key, NONE))
    return frames


def scroll(window: WindowDriver, meanwhile: Meanwhile, times: int = 400) -> Frames:
    bar, frames = window.main.grid.verticalScrollBar(), Frames()
    for turn in range(times):
        meanwhile()
        frames.paced(lambda turn=turn: bar.setValue(60 * turn))
    bar.setValue(0)
    return frames


def turn_pages(window: WindowDriver, meanwhile: Meanwhile, times: int = 20) -> Frames:
    """Check page by page; a turn is from Enter until the next page is painted."""
    window.menu("Check pages")
    frames, view = Frames(), window.pages.view

    def look_at_page() -> None:
        end = time.perf_counter() + 0.3
        while time.perf_counter() < end or not window.is_page_seen:
            meanwhile()
            QApplication.processEvents()
            time.sleep(0.002)

    def turn() -> None:
        before = window.page_text.splitlines()[0], window.page
        QTest.keyClick(view, Qt.Key.Key_Return)
        while not window.page or (window.page_text.splitlines()[0], window.page) == before:
            QApplication.processEvents()
            time.sleep(0.0002)
        view.viewport().repaint()

    wait(lambda: window.page, 60)
    for _ in range(times):
        look_at_page()
        frames.run(turn)
    window.press("Escape")
    return frames


def mark_on_page(window: WindowDriver, meanwhile: Meanwhile, times: int = 20) -> Frames:
    """Check page by page, and give pictures of a page their names by keys."""
    window.menu("Check pages")
    frames, view = Frames(), window.pages.view
    wait(lambda: window.is_page_seen and window.page, 60)
    for turn in range(times):
        view.go_to(7 * turn % len(window.page))
        meanwhile()
        QApplication.processEvents()
        frames.paced(lambda turn=turn: QTest.keyClick(view, Qt.Key(Qt.Key.Key_1 + turn % 9)))
    window.press("Escape")
    return frames


def undo_and_redo(
    window: WindowDriver, meanwhile: Meanwhile, times: int = 10
) -> tuple[Frames, ...]:
    """Undo the last step, such as a page, and redo it."""
    undo, redo = Frames(), Frames()
    for _ in range(times):
        meanwhile()
        undo.paced(lambda: window.menu("Undo"))
        redo.paced(lambda: window.menu("Redo"))
    return undo, redo


def select_all(window: WindowDriver, meanwhile: Meanwhile, times: int = 5) -> Frames:
    frames = Frames()
    for _ in range(times):
        meanwhile()
        frames.paced(lambda: QTest.keyClick(window.main.grid, Qt.Key.Key_A, CONTROL))
        window.main.grid.clearSelection()
    return frames


def label_at_once(window: WindowDriver, meanwhile: Meanwhile, count: int) -> tuple[Frames, ...]:
    """Label `count` pictures by a key, undo and redo that."""
    bulk, undo = Frames(), Frames()
    for turn in range(3):
        window.main.grid.select_images(window.main.arrangement.model.order[:count])
        QApplication.processEvents()
        meanwhile()
        key = Qt.Key(Qt.Key.Key_1 + turn)
        bulk.paced(lambda key=key: QTest.keyClick(window.main.grid, key, NONE))
        undo.paced(lambda: window.menu("Undo"))
    window.main.grid.clearSelection()
    return bulk, undo


def type_filter(window: WindowDriver, meanwhile: Meanwhile) -> tuple[Frames, Frames]:
    """Type a filter and take it off again; the second are the turns until it is shown."""
    typed, until = Frames(), Frames()
    for line in ("img_00", "is:undecided", "name:cat p>50%", ""):
        meanwhile()
        typed.run(lambda line=line: window.look_at(line))
        until.until(lambda: not window.main.arrangement.arranging.is_busy)
    return typed, until


def do_everything(window: WindowDriver, report: Report, meanwhile: Meanwhile) -> dict[str, Frames]:
    """Do all of that and report it; return the figures by what was done."""
    found = {
        "scroll by the wheel, a frame": scroll(window, meanwhile),
        "a key that labels": press_keys_that_label(window, meanwhile),
        "a key that moves": press_keys_that_move(window, meanwhile),
    }
    found["undo, a label"], found["redo, a label"] = undo_and_redo(window, meanwhile)
    found["a key on a page"] = mark_on_page(window, meanwhile)
    found["a page is turned"] = turn_pages(window, meanwhile)
    found["undo, a page"], found["redo, a page"] = undo_and_redo(window, meanwhile)
    found["select all"] = select_all(window, meanwhile)
    half = len(window.project.images) // 2
    bulk = f"{half:,} labelled at once"
    found[bulk], found["undo of that"] = label_at_once(window, meanwhile, half)
    found["a filter is typed"], found["  until it is shown, a turn"] = type_filter(
        window, meanwhile
    )
    for what, frames in found.items():
        report.row(what, frames)
    return found
