"""The next step is the one filled button, and what its number says is so."""

import csv

import pytest
from PySide6.QtWidgets import QProgressBar

from nameplate.domain.progress import Progress
from nameplate.ui.shell import status_line
from qt_help import wait


def test_the_filled_button_follows_the_work(window, coloured, tmp_path):
    assert window.next_step == ""  # the start page has the first one
    window.main.activateWindow()
    window.open(coloured)
    window.wait_for_pictures(6)
    assert window.next_step == ""  # a name is next
    window.add("red", "green", "blue")
    window.wait_until_read()
    wait(lambda: window.next_step == "Check 1 page")
    window.menu("Check pages")
    wait(lambda: window.page)
    assert window.next_step == ""  # the page has its own
    window.menu("Grid")
    window.look_at("zebra")
    assert window.next_step == ""  # what says that there is none has its own
    window.look_at("")
    window.menu("Select all")
    window.press_on_pictures("1")
    assert window.next_step == "Export 6"
    window.menu("Export…")
    assert window.next_step == ""
    window.press("Escape")
    assert window.next_step == "Export 6"
    window.export(tmp_path / "labels.csv")
    assert window.next_step == ""
    window.select(0)
    window.press_on_pictures("2")
    assert window.next_step == "Export 6"
    window.menu("Undo")
    assert window.next_step == ""  # it is as it was exported


def test_the_end_is_said_once_with_one_filled_button_wherever_it_is_looked_at(opened, tmp_path):
    opened.menu("Select all")
    opened.press_on_pictures("1")
    end = "All 6 pictures are checked."
    assert (opened.end_message, opened.filled) == (end, ["Export 6"])
    opened.main.messages.clear()
    opened.press_on_pictures("N")
    assert (opened.end_message, opened.message) == (end, "")
    opened.begin_pages_at_the_end()
    assert (opened.page_text.strip(), opened.end_message) == (end, "")
    assert opened.filled == ["Export…"]
    opened.menu("Grid")
    assert (opened.end_message, opened.filled) == (end, ["Export 6"])
    opened.menu("Accuracy")
    assert opened.end_message == ""
    assert opened.filled != ["Export 6"]
    opened.press("Escape")
    opened.export(tmp_path / "labels.csv")
    assert (opened.end_message, opened.filled) == ("", [])


def test_the_focus_fills_no_second_button(opened):
    opened.select(0)
    opened.name_by_key("red")
    opened.open_export("CSV")
    opened.focus_on("Export labels only (1)")
    assert opened.main.focusWidget().isDefault()  # Enter is for it
    assert opened.filled == ["Export all 6"]


def test_that_all_is_exported_is_known_when_the_project_is_opened_again(
    opened, make_window, tmp_path
):
    opened.menu("Select all")
    opened.press_on_pictures("1")
    opened.save_as(tmp_path / "p.nameplate")
    opened.wait_for_message("Saved as")
    opened.export(tmp_path / "labels.csv")
    opened.close()
    again = make_window()
    again.wait_until_loaded()
    again.open_project(tmp_path / "p.nameplate")
    again.wait_until_read()
    assert again.checked == "6 of 6 checked"
    wait(lambda: again.next_step == "")


def test_export_counts_the_labels_that_it_has_and_no_suggestion(opened, tmp_path):
    assert "Export" in opened.tools_seen()
    opened.select(0)
    opened.press_on_pictures("1", "X")  # the second is skipped
    assert "Export 1" in opened.tools_seen()
    opened.menu("Auto-label all")
    wait(lambda: "Export 5" in opened.tools_seen())
    opened.export(tmp_path / "labels.csv")
    with (tmp_path / "labels.csv").open(encoding="utf-8", newline="") as file:
        assert len([row for row in csv.DictReader(file) if row["label"]]) == 5


def test_the_buttons_keep_their_places_while_their_numbers_change(opened):
    places = [button.geometry() for button in opened.tool_buttons()]
    opened.select(0)
    opened.press_on_pictures("1")
    opened.menu("Auto-label all")
    opened.menu("Select all")
    opened.press_on_pictures("1")
    opened.let_work()
    wait(lambda: "Check" in opened.tools_seen())
    assert [button.geometry() for button in opened.tool_buttons()] == places


@pytest.fixture
def clock(monkeypatch):
    """Let the status line go by this clock."""
    now = [100.0]
    monkeypatch.setattr(status_line.time, "monotonic", lambda: now[0])
    return now


def test_rate_and_time_left_are_told_calmly(opened, clock):
    status = opened.main.status
    status.show_progress(Progress(10, 100_000, 0.5))
    assert status.text == "Reading 10 of 100,000"  # too early to tell
    status.show_progress(Progress(1_000, 100_000, 10.0))
    assert status.text == "Reading 1,000 of 100,000   100/s   16 min left"
    clock[0] += 0.5
    status.show_progress(Progress(3_000, 100_000, 10.5))
    assert status.text == "Reading 3,000 of 100,000   100/s   16 min left"
    clock[0] += 2
    status.show_progress(Progress(4_000, 100_000, 12.5))
    assert status.text == "Reading 4,000 of 100,000   320/s   5 min left"


def test_the_status_line_is_as_high_whatever_it_says(opened):
    status = opened.main.status
    opened.let_work()
    height = status.height()
    status.show_progress(Progress(10, 100, 5.0))
    status.show_problems(3, 2, 1)
    status.show_note("Learning", lambda: None)
    opened.let_work()
    assert status.sizeHint().height() == status.height() == height


def test_a_bar_shows_how_much_is_checked(opened):
    bars = opened.main.status.findChildren(QProgressBar)
    bar = next(bar for bar in bars if bar.isVisible())
    assert bar.value() == 0
    opened.press_on_pictures("1", "1", "1")
    assert bar.value() / bar.maximum() == 0.5
    assert bar.accessibleName() == "3 of 6 checked, 3 undecided"
