"""Stacks in the grid: one cell, one decision, opened and closed."""

import csv
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from drivers.stacks import (
    all_pictures,
    behind,
    click_number,
    decided,
    heard_at,
    suggest,
    wait_for_stacks,
)
from nameplate.domain.progress import CancelToken, Progress
from nameplate.pipeline.stacks.finding import ToStack, look_for_stacks
from nameplate.pipeline.stacks.small import SmallPictures
from nameplate.ui.stacks import showing
from qt_help import button_in, wait
from window_driver import COLOURS, WindowDriver
from window_fixtures import read_in


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A folder of three pictures, in folders named after their colour, each with a smaller copy."""
    chance = np.random.default_rng(0)
    for colour in COLOURS:
        (tmp_path / "pictures" / colour).mkdir(parents=True)
        light = Image.fromarray(chance.integers(0, 256, (8, 12), np.uint8), "L")
        light = light.resize((180, 120), Image.Resampling.BICUBIC).convert("RGB")
        picture = Image.blend(Image.new("RGB", light.size, colour), light, 0.3)
        picture.save(tmp_path / "pictures" / colour / "first.png")
        picture.resize((90, 60)).save(tmp_path / "pictures" / colour / "small.jpg")
    return tmp_path / "pictures"


@pytest.fixture
def stacked(window: WindowDriver, copied: Path) -> WindowDriver:
    """The window with three stacks of two pictures, each shown as one cell."""
    read_in(window, copied, *COLOURS).press_on_pictures("Ctrl+B")
    wait_for_stacks(window)
    assert len(window.pictures()) == 3
    return window


def counts(window: WindowDriver) -> list[int]:
    return [tile.count for tile in window.tiles().values()]


def test_a_stack_is_one_cell_with_its_number_and_the_status_says_both_counts(stacked):
    assert counts(stacked) == [2, 2, 2]
    assert "6 pictures, 3 shown" in stacked.status
    first = stacked.pictures()[0]
    stacked.look_at(stacked.pictures()[0].split("/")[0])
    assert stacked.pictures() == [first]
    assert "2 of 6 pictures, 1 shown" in stacked.status


def test_the_switch_is_in_the_menu_and_shows_each_picture_again(stacked):
    assert stacked.menu_entry("Stacks").isChecked()
    stacked.menu("Stacks")
    assert len(stacked.pictures()) == 6
    assert not stacked.menu_entry("Stacks").isChecked()
    assert counts(stacked) == [1] * 6


def test_a_key_decides_all_of_a_closed_stack_as_one_step_and_undo_returns_to_it(stacked):
    cells = stacked.pictures()
    stacked.select(1)
    stacked.press("1")
    assert "2 pictures changed" in stacked.message
    assert stacked.pictures() == cells
    assert stacked.current() == cells[2]
    colour = cells[1].split("/")[0]
    assert decided(stacked) == {name for name in all_pictures(stacked) if colour in name}
    stacked.menu("Undo")
    assert not decided(stacked)
    assert stacked.current() == cells[1]


def test_select_all_and_a_digit_decide_every_picture(stacked):
    stacked.press_on_pictures("Ctrl+A")
    assert "6 selected" in stacked.status
    stacked.press("2")
    assert "6 pictures changed" in stacked.message
    assert len(decided(stacked)) == 6


def test_an_open_stack_shows_its_pictures_side_by_side_and_each_is_decided_alone(stacked):
    cells = stacked.pictures()
    stacked.select(1)
    stacked.press("Shift+E")
    assert len(stacked.pictures()) == 4
    assert [tile.opened for tile in stacked.tiles().values()] == [None, (1, 2), (2, 2), None]
    other = stacked.pictures()[2]
    stacked.select(2)
    stacked.press("3")
    assert decided(stacked) == {other}
    assert len(stacked.pictures()) == 4
    stacked.select(2)
    stacked.press("Shift+E")
    assert "Not stacked" in stacked.message
    assert stacked.pictures() == [*cells[:2], other, cells[2]]
    assert counts(stacked) == [2, 1, 1, 2]


def test_the_same_key_closes_a_stack_again_and_the_cell_is_the_current_one(stacked):
    cells = stacked.pictures()
    stacked.select(1)
    stacked.press("Shift+E")
    stacked.select(2)
    stacked.press("Shift+E")
    assert stacked.pictures() == cells
    assert stacked.current() == cells[1]


def test_a_click_on_the_number_opens_and_closes(stacked):
    stacked.select(2)
    click_number(stacked, stacked.pictures()[0])
    assert len(stacked.pictures()) == 4
    assert stacked.current() == stacked.pictures()[3]
    click_number(stacked, stacked.pictures()[1])
    assert len(stacked.pictures()) == 3


def test_a_key_decides_only_what_the_filter_shows_of_a_stack(stacked):
    stacked.look_at("small")
    stacked.press_on_pictures("Ctrl+A", "1")
    assert decided(stacked) == {f"{colour}/small.jpg" for colour in COLOURS}


def test_a_stack_within_which_a_suggestion_differs_by_now_is_opened_not_decided(stacked):
    stacked.select(0)
    second = behind(stacked, stacked.pictures()[0])[1]
    suggest(stacked, second, "blue" if "blue" not in second else "red")
    stacked.press("Return")
    assert not decided(stacked)
    assert "differ" in stacked.message
    assert len(stacked.pictures()) == 4


def test_what_a_person_decided_before_is_no_part_of_a_stack(stacked):
    stacked.menu("Stacks")
    stacked.select(0)
    first = stacked.current()
    stacked.press("1")
    stacked.menu("Stacks")
    assert len(stacked.pictures()) == 4
    assert decided(stacked) == {first}


def test_large_and_compare_show_the_pictures_of_a_stack_one_by_one(stacked):
    stacked.select(1)
    inside = behind(stacked, stacked.current())
    stacked.press("C")
    stacked.wait_until_decoded()
    assert stacked.side_by_side() == inside
    stacked.press("Escape")
    assert len(stacked.pictures()) == 3
    assert "2 selected" in stacked.status
    stacked.press("Space", "Right")
    assert stacked.current() == inside[1]
    stacked.press("1")
    assert decided(stacked) == {inside[1]}
    stacked.press("Escape")
    assert [tile.count for tile in stacked.tiles().values()] == [2, 1, 1, 2]


def test_one_picture_of_an_open_stack_is_compared_with_the_others_of_it(stacked):
    stacked.select(0)
    inside = behind(stacked, stacked.current())
    stacked.press("Shift+E")
    stacked.select(1)
    stacked.press("C")
    stacked.wait_until_decoded()
    assert stacked.side_by_side() == inside
    assert stacked.current() == inside[1]
    stacked.press("C")
    assert len(stacked.pictures()) == 4


def test_a_search_that_fails_is_said_and_not_that_there_are_none(window, copied, monkeypatch):
    def fail(*_args):
        raise OSError("broken")
        yield

    monkeypatch.setattr(showing, "look_for_stacks", fail)
    window.open(copied)
    window.add(*COLOURS)
    window.wait_until_read()
    window.press_on_pictures("Ctrl+B")
    window.wait_for_message("Can't look for copies and bursts. broken")


def test_that_there_are_no_stacks_is_said_to_who_asks_and_not_after_an_undo(
    window, coloured, tmp_path
):
    window.main.activateWindow()
    window.open(coloured)
    window.wait_until_read()
    window.press_on_pictures("Ctrl+B")
    window.wait_for_message("No copies or bursts found.")
    found = window.main.owner.stacks
    window.select(0)
    window.menu("Remove from the project")
    wait_for_stacks(window, found)
    found = window.main.owner.stacks
    window.menu("Undo")
    wait_for_stacks(window, found)
    assert "No copies" not in window.message


def test_that_a_picture_is_in_no_stack_is_said_until_the_next_key(stacked):
    stacked.menu("Stacks")
    stacked.select(0)
    stacked.press("Shift+E")
    assert stacked.message == "Turn on Stacks first."
    stacked.press("Right")
    assert stacked.message == ""


def test_in_the_large_view_no_stack_opens_and_it_says_so(stacked):
    stacked.select(1)
    stacked.press("Space", "Shift+E")
    assert "Here each picture is shown alone" in stacked.message
    stacked.press("Escape")
    assert counts(stacked) == [2, 2, 2]


def test_the_files_of_a_closed_stack_are_dragged_copied_and_removed_together(stacked):
    first = stacked.pictures()[0]
    assert len(stacked.drag_out(first).urls()) == 2
    stacked.select(0)
    stacked.menu("Remove from the project")
    assert "2 pictures removed" in stacked.message
    assert len(stacked.pictures()) == 2
    stacked.menu("Undo")
    assert len(stacked.pictures()) == 3


def test_a_screen_reader_hears_of_how_many_a_stack_is_and_whether_it_is_closed(stacked):
    assert heard_at(stacked, 0).endswith("stack of 2, closed")
    stacked.select(0)
    stacked.press("Shift+E")
    assert heard_at(stacked, 1).endswith("2 of 2 of an open stack")


def test_the_switch_is_kept_with_the_project_and_the_stacks_are_found_again(stacked, make_window):
    stacked.close()
    again = make_window()
    again.find_recent()
    again.go_on_with_last()
    assert again.menu_entry("Stacks").isChecked()
    wait_for_stacks(again)
    assert len(again.pictures()) == 3


def test_stacks_are_found_anew_after_pictures_were_taken_out_and_move_nothing(stacked):
    cells, found = stacked.pictures(), stacked.main.owner.stacks
    stacked.select(0)
    inside = behind(stacked, cells[0])
    stacked.press("Shift+E")
    stacked.select(1)
    stacked.menu("Remove from the project")
    wait_for_stacks(stacked, found)
    assert stacked.pictures() == cells
    found = stacked.main.owner.stacks
    stacked.menu("Undo")
    wait_for_stacks(stacked, found)
    assert set(inside) <= set(all_pictures(stacked))


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Looking for stacks takes until this is set."""
    go_on = threading.Event()

    def slowly(of: ToStack, cancel: CancelToken, *more: SmallPictures) -> Iterator[object]:
        yield Progress(2, 6, 0.5)
        go_on.wait(20)
        yield from look_for_stacks(of, cancel, *more)

    monkeypatch.setattr(showing, "look_for_stacks", slowly)
    yield go_on
    go_on.set()


def test_an_export_of_stacks_has_them_found_and_says_so_until_it_gives_them(
    window, copied, held, tmp_path
):
    window.open(copied)
    window.wait_until_read()
    window.open_export("CSV", path=tmp_path / "labels.csv")
    assert not window.export_says_of_stacks
    window.open_export("CSV", path=tmp_path / "labels.csv", with_stacks=True)
    assert "Looking for copies and bursts" in window.export_says_of_stacks
    held.set()
    wait(lambda: not window.export_says_of_stacks)
    window.wait_for_preview()
    window.write_export("Wrote 6 rows")
    lines = (tmp_path / "labels.csv").read_text(encoding="utf-8").splitlines()
    written = csv.DictReader(lines)
    assert [row["stack"] for row in written] == ["1", "1", "2", "2", "3", "3"]


@pytest.mark.parametrize("end", ["Cancel", "New project"])
def test_looking_for_stacks_says_how_far_it_is_until_it_ends(window, copied, held, end):
    window.open(copied)
    window.wait_until_read()
    window.press_on_pictures("Ctrl+B")
    wait(lambda: "Looking for copies and bursts: 2 of 6" in window.status)
    if end == "Cancel":
        button_in(window.main.status, end).click()
    else:
        window.menu(end)
    wait(lambda: "Looking" not in window.status)
    held.set()
