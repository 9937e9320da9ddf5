"""Accuracy: figures in the window, and the pictures behind them."""

import json
import re
import time

import numpy as np
import pytest
from PIL import Image

from features.quality.driver import AccuracyDriver, RandomChecks, heads_of
from grey_pictures import GREYS, draw_greys
from nameplate.cli.main import run
from nameplate.domain.errors import UsageError
from nameplate.features.quality.figures import section
from nameplate.features.quality.panel import AccuracyPanel
from nameplate.wording.texts import error_text
from qt_help import wait
from window_driver import WindowDriver
from window_fixtures import read_in

ODD = {f"green/odd{number}.png": "green" for number in range(3)}


@pytest.fixture
def folders(tmp_path):
    """27 pictures in three folders; three red ones lie in the folder `green`."""
    root = tmp_path / "many"
    for name in ("red", "green", "blue"):
        (root / name).mkdir(parents=True)
        for number in range(8):
            Image.new("RGB", (40 + number, 30), name).save(root / name / f"{number}.png")
    for number in range(3):
        Image.new("RGB", (60 + number, 30), "red").save(root / "green" / f"odd{number}.png")
    return root


@pytest.fixture
def unchecked(window, folders):
    """The window with those pictures, read, and three names."""
    return AccuracyDriver(read_in(window, folders, "red", "green", "blue"))


def by_folder(figures: AccuracyDriver) -> dict[str, str]:
    """The pictures, with the name that a person would give each who goes by its folder."""
    return {path: path.split("/")[0] for path in figures.window.pictures()}


@pytest.fixture
def checked(unchecked):
    """All but two of them are checked, the red ones in `green` as green; the panel is open."""
    truths = by_folder(unchecked)
    unchecked.decide({path: truths[path] for path in list(truths)[1:-1]})
    unchecked.open()
    return unchecked


def test_without_checked_pictures_it_asks_for_them_and_leads_to_them(unchecked):
    unchecked.open()
    assert unchecked.suggestions == "Check 20 more pictures to see where suggestions go wrong."
    assert not unchecked.has_figures
    assert unchecked.window.filled == ["Check pictures"]
    unchecked.answer("Check pictures")
    assert not unchecked.panel.is_open
    truths = by_folder(unchecked)
    unchecked.decide({path: truths[path] for path in list(truths)[:19]})
    unchecked.open()
    assert unchecked.headline == "You checked 19 of 27 pictures."
    assert unchecked.suggestions == "Check 1 more picture to see where suggestions go wrong."


def test_the_next_step_has_the_focus_and_esc_closes_the_panel(checked):
    assert checked.window.focused == "Check pictures"
    checked.window.press("Escape")
    assert not checked.panel.is_open


def test_without_names_it_says_so(window, folders):
    window.open(folders)
    window.wait_for_pictures(27)
    figures = AccuracyDriver(window)
    figures.open()
    wait(lambda: "no names" in figures.state)
    assert not figures.has_figures


def test_why_there_are_no_figures_is_said_in_their_place(unchecked, monkeypatch):
    error = UsageError("nothing-decided", where="here")

    def fail(*_):
        raise error

    monkeypatch.setattr(section, "judge", fail)
    unchecked.open()
    wait(lambda: unchecked.state == error_text(error))
    assert not unchecked.has_figures


def test_only_figures_that_are_shown_are_from_before_the_last_change(unchecked):
    truths, old = by_folder(unchecked), "From before your last change."
    unchecked.open()
    unchecked.settled()
    unchecked.decide(dict(list(truths.items())[:1]))
    assert (unchecked.has_figures, unchecked.state) == (False, "")
    unchecked.decide(dict(list(truths.items())[1:-1]))
    unchecked.settled()
    assert (unchecked.has_figures, unchecked.state) == (True, "")
    unchecked.decide(dict(list(truths.items())[-1:]))
    assert (unchecked.has_figures, unchecked.state) == (True, old)


def test_without_random_checks_it_claims_nothing_about_what_was_not_checked(checked):
    assert checked.headline == "You checked 25 of 27 pictures."
    assert checked.sources == "27 pictures: 25 checked by you, 2 suggested."


def test_what_gets_no_label_is_not_counted_as_unchecked(window, folders):
    figures = AccuracyDriver(read_in(window, folders, "red", "green", "!blue"))
    truths = by_folder(figures)
    figures.decide({path: truths[path] for path in list(truths) if path != "blue/7.png"})
    figures.open()
    assert figures.headline == "You checked 26 of 27 pictures."


def test_where_all_is_checked_it_says_so_and_how_many_suggestions_were_right(checked):
    checked.decide(by_folder(checked))
    wait(lambda: checked.headline == "You checked all 27 pictures.")
    said = "On the 27 pictures you checked, 24 suggestions were right: 88.9%."
    assert checked.suggestions == said
    assert checked.sources == ""  # it would be the same sentence once more


def test_automatic_and_skipped_pictures_are_counted_by_themselves(checked):
    window = checked.window
    window.press("Escape")
    window.menu("Auto-label all")
    window.select(window.pictures()[5])
    window.press_on_pictures("X")
    checked.open()
    said = "27 pictures: 25 checked by you, 1 of them skipped, 2 automatic."
    wait(lambda: checked.sources == said)
    assert checked.headline == "2 labels are not checked yet."


def test_what_cannot_be_read_is_not_said_to_be_suggested(checked):
    checked.window.press("Escape")
    checked.window.lose(checked.window.pictures()[0])
    checked.open()
    wait(lambda: checked.sources.endswith("25 checked by you, 1 suggested, 1 can't be read."))


def test_the_weakest_name_is_first_with_what_it_is_mistaken_for(checked):
    first, *_ = checked.rows
    assert first == ("green", "11", "73%", "100%", "red (3)", "", "")
    said = checked.spoken_cell("green", "Found")
    assert said.startswith("Really green: 8 of 11 are found; of more like these between 43% and")
    assert checked.spoken_cell("green", "Mistaken for") == "Really “green”, given “red”: 3"


def test_a_cell_opens_the_pictures_behind_it_by_keyboard_and_esc_leads_back(checked):
    checked.open_cell("green", "Mistaken for")
    wait(lambda: sorted(checked.window.pictures()) == sorted(ODD))
    assert not checked.panel.is_open
    assert checked.shown == "Accuracy: really “green”, given “red” (3)"
    checked.window.menu("Large picture")
    checked.window.press("Escape", "Escape")
    assert checked.panel.is_open
    assert checked.window.focused == "Figures by name, the weakest first"
    wait(lambda: len(checked.window.pictures()) == 27)
    assert checked.shown == ""


def test_each_cell_opens_what_it_counts(checked):
    def pictures_of(name: str, head: str) -> tuple[str, int]:
        checked.click_cell(name, head)
        found = checked.shown, len(checked.window.pictures())
        checked.answer_shown("Back to accuracy")
        return found

    assert pictures_of("green", "Found") == ("Accuracy: really “green”, missed (3)", 3)
    assert pictures_of("green", "Name") == ("Accuracy: really “green” (11)", 11)
    assert pictures_of("red", "Right where given") == ("Accuracy: wrongly given “red” (3)", 3)


def test_the_bar_goes_with_the_filter_and_the_project(checked):
    window = checked.window
    checked.click_cell("green", "Found")
    checked.answer_shown("Show all pictures")
    wait(lambda: len(window.pictures()) == 27)
    assert (checked.shown, checked.panel.is_open) == ("", False)
    checked.open()
    checked.click_cell("green", "Found")
    window.menu("Clear the filter")
    assert checked.shown == ""
    checked.open()
    checked.click_cell("green", "Found")
    bar = checked.panel.shown_bar
    window.menu("New project")
    wait(lambda: not window.project.images.present)
    assert not bar.isVisible()
    assert not [one for one in window.main.findChildren(AccuracyPanel) if one.isVisible()]


def test_pictures_of_none_of_the_names_have_a_row(checked):
    window = checked.window
    window.press("Escape")
    window.add("!other")
    window.wait_until_read()
    checked.decide({"green/odd0.png": "other"})
    checked.open()
    wait(lambda: checked.rows[-1][:2] == ("none of them", "1"))
    assert checked.rows[-1][2:] == ("0 of 1", "", "red (1)", "", "")
    assert checked.spoken_cell("none of them", "Found") == "Really none of them: 0 of 1 are found"


def test_with_several_labels_a_picture_each_name_opens_its_mistakes(unchecked):
    unchecked.window.menu("Several labels per picture")
    unchecked.window.wait_until_read()
    unchecked.decide(by_folder(unchecked))
    unchecked.open()
    wait(lambda: unchecked.headline == "You checked all 27 pictures.")
    assert heads_of(unchecked.panel.figures.table) == [
        "Name",
        "Pictures",
        "Found",
        "Right where given",
    ]
    assert {row[0]: row[1] for row in unchecked.rows} == {"red": "8", "green": "11", "blue": "8"}
    unchecked.open_cell("green", "Found")
    wait(lambda: set(ODD) <= set(unchecked.window.pictures()))


def test_figures_renew_themselves_while_they_are_seen(checked):
    checked.decide({"green/odd0.png": "red"})
    wait(lambda: checked.rows[0][4] == "red (2)")


def test_a_report_of_the_figures_is_saved(checked, tmp_path):
    page = tmp_path / "report.html"
    checked.save(page)
    text = page.read_text(encoding="utf-8")
    assert "22 of 25 suggestions are right" in text
    origin = r"prompts none, truth from decisions, made \d{4}-\d\d-\d\d \d\d:\d\d UTC\b"
    assert re.search(origin, text)


def test_everything_is_reached_by_tab(checked):
    checked.settled()
    checked.window.focus_on("Figures by name, the weakest first")
    stops = checked.window.walk_by_tab()
    assert {"Figures by name, the weakest first", "Save as a report…"} <= set(stops)


def teach_one_by_one(window: WindowDriver, rows: range, key: int) -> None:
    """Let these pictures be decided, each at a moment of its own: none of them makes a page."""
    concept = window.project.concepts[key - 1].key
    for row in rows:
        window.main.labelling.label(concept, np.array([row]))
        time.sleep(0.002)


def test_the_command_line_finds_the_same_figures_for_what_was_learned(
    window, tiny_model, tmp_path, capsys
):
    window.main.activateWindow()
    window.open(draw_greys(tmp_path / "greys"))
    window.add("red", "black", "green")
    window.wait_until_read()
    teach_one_by_one(window, range(30), 2)
    teach_one_by_one(window, range(GREYS, GREYS + 20), 1)
    teach_one_by_one(window, range(30, 40), 3)  # some that nobody would expect
    figures = AccuracyDriver(window)
    figures.open()
    rows, path = {row[0]: row for row in figures.rows}, window.main.files.path
    shown = figures.panel.figures.figures
    window.close()
    assert path is not None
    decisions = [str(path), "--truth", "decisions", "--model", str(tiny_model), "--json"]
    assert run(["evaluate", *decisions]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["images"] == found["learning"]["judged_without_itself"] == 60
    assert found["right"] == shown.judged.records.share.count
    for one in found["concepts"]:
        assert rows[one["name"]][1:3] == (str(one["images"]), f"{one['recall']:.0%}")
    (names_only,) = found["compared"]
    assert names_only["right_here_alone"] > names_only["right_there_alone"] > 0


def test_the_headline_is_what_random_checks_show_where_there_are_any(checked):
    assert checked.headline == "You checked 25 of 27 pictures."
    checked.window.press("Escape")
    checks = RandomChecks(checked.window)
    checks.begin()
    checked.window.pages.accept()
    wait(lambda: checks.status.startswith("At least"))
    checked.window.press("Escape")
    checked.open()
    wait(lambda: checked.headline.startswith("At least"))
    assert checked.headline.rstrip(".") in checks.status
    assert "none was wrong" in checked.explanation
