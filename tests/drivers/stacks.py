"""Drives stacks in the grid of a window in a person's words."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from drivers.base import called
from nameplate.domain.labels import DecidedBy
from qt_help import wait
from window_driver import WindowDriver


def all_pictures(window: WindowDriver) -> list[str]:
    """Return all pictures of the project that were not taken out, seen or not."""
    images = window.project.images
    return [called(images.paths[row]) for row in np.flatnonzero(~images.is_removed).tolist()]


def decided(window: WindowDriver) -> set[str]:
    """Return the pictures that a person decided about, seen or not."""
    rows = np.flatnonzero(window.project.labels.decided_by == DecidedBy.PERSON)
    return {called(window.project.images.paths[row]) for row in rows.tolist()}


def wait_for_stacks(window: WindowDriver, known: object = None) -> None:
    """Wait until stacks are found, anew after those that are known."""
    wait(lambda: window.main.owner.stacks is not known)


def behind(window: WindowDriver, picture: str) -> list[str]:
    """Return the pictures that the cell of one stands for."""
    paths, model = window.project.images.paths, window.main.arrangement.model
    row = next(row for row in model.order.tolist() if called(paths[row]) == picture)
    return [called(paths[row]) for row in model.images_of(np.array([row])).tolist()]


def suggest(window: WindowDriver, picture: str, name: str) -> None:
    """Let another name be suggested for a picture while a person works."""
    project = window.project
    row = [called(path) for path in project.images.paths].index(picture)
    key = next(concept.key for concept in project.concepts if concept.name == name)
    window.suggestions.suggested[row] = key


def click_number(window: WindowDriver, picture: str) -> None:
    """Click on the number in the corner of a picture."""
    grid = window.main.grid
    number = grid.count_box(window.pictures().index(picture)).center().toPoint()
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=number)


def heard_at(window: WindowDriver, place: int) -> str:
    """Return what a screen reader says of the picture at a place."""
    index = window.main.arrangement.model.index(place)
    return str(index.data(Qt.ItemDataRole.AccessibleTextRole))
