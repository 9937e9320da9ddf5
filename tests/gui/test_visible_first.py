"""Visible images are embedded before the others."""

import numpy as np
import pytest
from PIL import Image

from nameplate.domain.images import ImageState


def shown(window):
    return window.model.order[window.grid._shown().start : window.grid._shown().stop].tolist()


@pytest.fixture
def many(tmp_path):
    """A folder of 300 plain pictures."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(300):
        Image.new("RGB", (40, 30), "red").save(folder / f"{number:03d}.png")
    return folder


@pytest.fixture
def unread(qtbot, window, many, monkeypatch):
    """The window with 300 pictures, none of them read."""
    monkeypatch.setattr(window.controller, "_read_waiting", lambda: None)
    window.open_paths([many])
    qtbot.waitUntil(lambda: len(window.model.order) == 300)
    qtbot.waitUntil(lambda: window.controller.priority._rows == shown(window))
    return window


def test_the_current_picture_is_wanted_first_then_those_that_are_seen(qtbot, unread):
    unread.grid.set_current_image(200)
    qtbot.waitUntil(lambda: set(unread.controller.priority._rows) == set(shown(unread)))
    wanted = unread.controller.priority._rows
    assert wanted[0] == 200
    assert wanted[1:] == [row for row in shown(unread) if row != 200]


def test_scrolling_away_wants_what_is_seen_then(qtbot, unread):
    bar = unread.grid.verticalScrollBar()
    bar.setValue(bar.maximum())
    qtbot.waitUntil(lambda: 299 in unread.controller.priority._rows)
    assert unread.controller.priority._rows == [0, *shown(unread)]


def test_what_is_read_already_is_not_wanted_again(qtbot, unread):
    states = unread.controller.project.images.states
    states[:4] = ImageState.READY
    unread.grid.set_current_image(5)
    wanted = unread.controller.priority._rows
    assert wanted[0] == 5
    assert not set(wanted) & {0, 1, 2, 3}


def test_a_reading_that_begins_learns_what_is_seen(qtbot, unread, monkeypatch):
    assert unread.controller.priority.pop()
    monkeypatch.undo()
    told: list[list[int]] = []
    unread.controller.reading_started.connect(
        lambda: told.append(list(unread.controller.priority._rows))
    )
    unread.controller.resume()
    assert told == [shown(unread)]
    qtbot.waitUntil(lambda: not unread.controller.project.images.waiting, timeout=15_000)


def test_what_is_seen_is_read_first(qtbot, unread, monkeypatch):
    bar = unread.grid.verticalScrollBar()
    bar.setValue(bar.maximum())
    qtbot.waitUntil(lambda: 299 in unread.controller.priority._rows)
    seen = shown(unread)
    read: list[int] = []
    unread.controller.read.connect(lambda rows: read.extend(np.asarray(rows).tolist()))
    monkeypatch.undo()
    unread.controller.resume()
    qtbot.waitUntil(lambda: not unread.controller.project.images.waiting, timeout=15_000)
    # A batch in progress may finish first; visible images must not wait for the 300.
    assert max(read.index(row) for row in seen) < len(seen) + 64
