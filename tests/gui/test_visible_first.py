"""Visible images are embedded before the others."""

import pytest
from PIL import Image

from qt_help import wait


@pytest.fixture
def many(tmp_path):
    """A folder of 300 plain pictures."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(300):
        Image.new("RGB", (40, 30), "red").save(folder / f"{number:03d}.png")
    return folder


@pytest.fixture
def unread(make_window, many, tmp_path):
    """A window with 300 pictures and no model, so that none of them is read."""
    window = make_window(tmp_path / "no-model")
    window.open(many)
    window.wait_for_pictures(300)
    wanted_as_seen(window)
    return window


def wanted_as_seen(window):
    """Return what is to be read first, once that is what is in sight."""
    found = []

    def is_as_seen():
        found[:] = window.priority() or found
        return set(window.visible_rows()) <= set(found)

    wait(is_as_seen)
    return found


def scroll_to_the_end(window):
    bar = window.main.grid.verticalScrollBar()
    bar.setValue(bar.maximum())


def test_the_current_picture_is_wanted_first_then_those_that_are_seen(unread):
    unread.select("many/200.png")
    wait(lambda: 200 in unread.visible_rows())
    wanted = wanted_as_seen(unread)
    assert wanted == [200, *(row for row in unread.visible_rows() if row != 200)]


def test_scrolling_away_wants_what_is_seen_then(unread):
    scroll_to_the_end(unread)
    wait(lambda: 299 in unread.visible_rows())
    assert wanted_as_seen(unread) == [0, *unread.visible_rows()]


@pytest.mark.usefixtures("slow_model")
def test_what_is_read_already_is_not_wanted_again(window, many):
    def waiting():
        return set(window.project.images.waiting_rows().tolist())

    window.open(many)
    wait(lambda: waiting() and not set(window.visible_rows()) <= waiting())
    window.menu("Cancel reading")
    wait(lambda: not window.is_reading)
    assert waiting()
    last = max(waiting())
    window.select(last)
    wait(lambda: last in window.visible_rows())
    window.select(0)
    wait(lambda: 0 in window.visible_rows())
    window.select(last)  # from where some are read already
    wanted = window.priority()
    assert wanted[0] == last
    assert set(wanted) <= waiting()


def test_a_reading_that_begins_learns_what_is_seen(unread, tiny_model):
    unread.priority()
    told = []
    unread.main.reading.started.connect(lambda: told.append(unread.priority()))
    unread.begin_to_use(tiny_model)
    wait(lambda: told)
    assert told == [unread.visible_rows()]
    unread.wait_until_nothing_waits()


def test_what_is_seen_is_read_first(unread, tiny_model):
    scroll_to_the_end(unread)
    wait(lambda: 299 in unread.visible_rows())
    wanted_as_seen(unread)
    seen, read = unread.visible_rows(), []
    unread.main.owner.changed.connect(lambda effects: read.extend(effects.read.tolist()))
    unread.begin_to_use(tiny_model)
    wait(lambda: len(read) == 300, 20)
    # A batch in progress may finish first; visible images must not wait for the 300.
    assert max(read.index(row) for row in seen) < len(seen) + 64
