"""Whatever a person does, page, tiles and bars say the same of a picture."""

import random
from contextlib import suppress

import numpy as np
import pytest

from grey_pictures import draw_colours, draw_greys
from qt_help import wait
from window_driver import COLOURS
from window_fixtures import read_in

STEPS = 12
SECONDS = 3
"""A page follows what was learned within a second."""


@pytest.fixture
def greys(window, tmp_path):
    """Sixty grey pictures and thirty red ones, with three names, at a page of few pictures."""
    window.show(1024, 700)
    return read_in(window, draw_greys(tmp_path / "greys"), "red", "black", "green")


@pytest.fixture
def colours(window, tmp_path):
    """Fourteen pictures of each colour, some in a wrong folder: names share pages of twenty."""
    window.show(1024, 700)
    wrong = frozenset({("red", 3), ("green", 5), ("green", 6), ("blue", 1)})
    return read_in(window, draw_colours(tmp_path / "colours", 14, wrong), *COLOURS)


def right_name(picture):
    folder = picture.partition("/")[0]
    return "black" if folder == "grey" else folder


def name_rightly(window, rng):
    """Give some pictures of the page their right names, whatever it says."""
    for picture in rng.sample(window.page, min(len(window.page), rng.randint(1, 6))):
        if picture in window.page:  # another page may have taken its place
            window.point_at(picture)
            window.name_by_key(right_name(picture))


def mark_wrong(window, rng):
    window.click_on_page(rng.choice(window.page))


def accept(window, _rng):
    """Press Enter; what it decides is what stands above each picture."""
    above = {p: window.name_on_page(p) for p, says in window.on_page().items() if says[-1] == "%"}
    number = window.project.history.next_number
    window.press("Return")
    window.wait_until_read()
    window.let_work()
    if window.project.history.next_number > number:
        labels = window.labels()
        assert {p: labels[p] for p in above if labels[p]} == {
            p: above[p] for p in above if labels[p]
        }


def leave_a_block(window, rng):
    if window.block_headings:
        window.click_on_heading(rng.choice(sorted(window.block_headings)))


def take_page_back(window, _rng):
    window.press("Backspace")


def choose_another_name(window, rng):
    window.press(rng.choice(["Tab", "Shift+Tab"]))


def decide_elsewhere(window, rng):
    """Let some pictures be decided by something else than the page."""
    start = rng.randrange(len(window.project.images) - 10)
    window.main.labelling.label(window.project.concepts[1].key, np.arange(start, start + 10))


def leave_and_return(window, _rng):
    window.press("Escape")
    window.press_on_pictures("T")


def undo(window, _rng):
    window.menu("Undo")


def redo(window, _rng):
    if window.offers("Redo"):
        window.menu("Redo")


def change_names(window, rng):
    """Add a name, or delete one of those that were added."""
    added = [name for name in window.names() if name.startswith("grey ")]
    if added and rng.random() < 0.5:
        window.delete(added[0])
    else:
        window.add(f"grey {rng.randrange(100)}")


ON_A_PAGE = [
    *(name_rightly, name_rightly, mark_wrong, accept, accept, leave_a_block, choose_another_name)
]
ANYWHERE = [take_page_back, decide_elsewhere, leave_and_return, undo, undo, redo, change_names]


def work(window, seed):
    """Do things by chance; after each, what the window says of a picture is the same anywhere.

    Return how many blocks a page had at most.
    """
    rng, done, most = random.Random(seed), [], 0
    first = window.project.history.next_number
    window.begin_pages()
    for _ in range(STEPS):
        act = rng.choice([*(ON_A_PAGE if window.page else ()), *ANYWHERE])
        if act is undo and window.project.history.done[-1].number < first:
            continue  # the pictures and their names stay
        done.append(act.__name__)
        act(window, rng)
        window.wait_until_read()
        with suppress(AssertionError):
            wait(lambda: not window.contradictions(), SECONDS)
        assert window.contradictions() == {}, f"{seed}: {done}"
        most = max(most, len(window.block_headings))
    return most


@pytest.mark.parametrize("seed", range(4))
def test_page_tiles_and_bars_agree_after_each_step(greys, seed):
    work(greys, seed)


@pytest.mark.parametrize("seed", range(4))
def test_pages_of_several_blocks_tiles_and_bars_agree_after_each_step(colours, seed):
    assert work(colours, seed) > 1


@pytest.mark.hostile
@pytest.mark.parametrize("seed", range(4, 54))
def test_page_tiles_and_bars_agree_in_fifty_sessions(greys, seed):
    work(greys, seed)


@pytest.mark.hostile
@pytest.mark.parametrize("seed", range(4, 54))
def test_pages_of_several_blocks_tiles_and_bars_agree_in_fifty_sessions(colours, seed):
    work(colours, seed)
