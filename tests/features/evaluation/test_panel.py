"""Accuracy: figures in the window, and the pictures behind them."""

import csv
import json
import re
import time

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QListWidget

from drivers.learning import learning_says
from features.evaluation.driver import FiguresDriver
from grey_pictures import GREYS, draw_greys
from nameplate.cli.main import run
from nameplate.features.evaluation.panel import EvaluationPanel
from nameplate.ui.widgets.message_bar import MessageBar
from qt_help import wait
from window_driver import WindowDriver
from window_fixtures import read_in

NAMES = "How well each name is found"
MATRIX = "What is taken for what"
MISTAKES = "The most frequent mistakes"
RANGES = "Whether percentages are what they say, range"


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
def judged(window, folders):
    """The window with those pictures, read, and three names."""
    return FiguresDriver(read_in(window, folders, "red", "green", "blue"))


@pytest.fixture
def by_folders(judged):
    """Its figures, against the folders' names."""
    judged.open()
    judged.compare_with("Folder names")
    return judged


def test_without_decisions_it_says_how_many_are_missing_and_shows_no_figure(judged):
    said = judged.open()
    assert said[2].startswith("Check 20 more pictures")
    assert not judged.has_figures
    assert judged.window.focused == "What labels are compared with"
    judged.window.press("Escape")
    assert not judged.panel.is_open


def test_keys_are_for_the_list_of_figures_once_there_are_some_and_change_no_truth(judged):
    judged.window.press("Ctrl+A", "1")
    judged.window.menu("Accuracy")
    judged.window.press("Down")
    said = judged.says()
    assert said[0].startswith("You checked all 27 pictures.")
    assert judged.window.focused == "How well each name is found, the worst first"


def test_without_names_it_says_so(window, folders):
    window.open(folders)
    window.wait_for_pictures(27)
    figures = FiguresDriver(window)
    assert "no names" in figures.open()[2]
    assert not figures.has_figures


def test_with_several_labels_a_picture_each_name_has_its_figures_and_opens_its_pictures(judged):
    judged.window.menu("Several labels per picture")
    judged.window.wait_until_read()
    judged.open()
    judged.compare_with("Folder names")
    pages = judged.panel.findChild(QListWidget)
    seen = [pages.item(at).text() for at in range(pages.count()) if not pages.isRowHidden(at)]
    assert seen == ["Overview", "By name", "Share right", "Percentages", "Surest mistakes"]
    assert "of 27 pictures have exactly the right labels" in judged.turn_to("Share right")
    judged.turn_to("By name")
    ((_, rows),) = judged.tables().items()
    found = {row[0]: row for row in rows}
    assert found["green"][1] == "11"
    assert all("% (" in cell for cell in found["green"][2:])
    assert "found and right where given" in judged.spoken_cell(NAMES, 0, 4)
    place = [row[0] for row in rows].index("green")
    judged.open_cell(NAMES, place, 4)
    wait(lambda: "Mistakes about “green”" in judged.shown)
    wait(lambda: 3 <= len(judged.window.pictures()) < 27)
    assert sum("odd" in picture for picture in judged.window.pictures()) == 3
    judged.answer_shown("Back to accuracy")
    judged.turn_to("Percentages")
    judged.open_cell("Whether percentages", 0, 0)
    wait(lambda: "A name at" in judged.shown)
    judged.answer_shown("Back to accuracy")
    judged.turn_to("Surest mistakes")
    judged.press("Show these")
    wait(lambda: "The surest mistakes" in judged.shown)
    judged.window.menu("Several labels per picture")
    judged.window.wait_until_read()
    judged.open()
    assert judged.turn_to("Mixed up")


def test_labels_are_compared_with_the_folders(by_folders):
    assert by_folders.turn_to("Share right").startswith("24 of 27 suggestions are right")
    assert by_folders.turn_to("By name").startswith("“")
    assert "“red” suggested for 3 of “green”" in by_folders.turn_to("Mixed up")
    names = list(by_folders.table(MATRIX).grid.heads)
    at = names.index("green"), names.index("red")
    assert by_folders.spoken_cell(MATRIX, *at) == "Really green, given red: 3"
    assert by_folders.turn_to("Percentages").startswith("Not enough yet")
    assert by_folders.button("Save as a report").startswith("Save")


def test_a_cell_opens_the_pictures_behind_it_by_keyboard_and_leads_back(by_folders):
    by_folders.turn_to("Mixed up")
    table = by_folders.table(MATRIX)
    names = list(table.grid.heads)
    by_folders.open_cell(MATRIX, names.index("green"), names.index("red"))
    odd = [f"green/odd{number}.png" for number in range(3)]
    wait(lambda: sorted(by_folders.window.pictures()) == odd)
    assert not by_folders.panel.is_open
    assert by_folders.shown == ("Accuracy: Really “green”, suggested as “red” (3)")
    by_folders.answer_shown("Back to accuracy")
    assert by_folders.panel.is_open
    assert by_folders.window.focused.startswith(MATRIX)
    wait(lambda: len(by_folders.window.pictures()) == 27)
    assert by_folders.shown == ""


def test_the_bar_goes_with_what_it_leads_back_to(by_folders):
    window = by_folders.window

    def show_mistakes() -> None:
        by_folders.turn_to("Mixed up")
        by_folders.click_cell(MISTAKES, 0, 2)
        wait(lambda: len(window.pictures()) == 3 and by_folders.shown)
        assert not by_folders.panel.is_open

    show_mistakes()
    by_folders.answer_shown("Show all pictures")
    wait(lambda: len(window.pictures()) == 27)
    assert not by_folders.panel.is_open
    by_folders.open()
    show_mistakes()
    window.menu("Clear the filter")
    assert by_folders.shown == ""
    by_folders.open()
    show_mistakes()
    window.menu("New project")
    bars = window.main.findChildren(MessageBar)
    assert not [bar.text for bar in bars if bar.isVisible() and "really" in bar.text]


def test_found_opens_what_was_missed_and_the_name_all_of_its_pictures(by_folders):
    by_folders.turn_to("By name")
    (_, rows), *_ = by_folders.tables().items()
    assert rows[0][:2] == ("green", "11")
    assert rows[0][2].startswith("73% (")
    by_folders.open_cell(NAMES, 0, 2)
    wait(lambda: len(by_folders.window.pictures()) == 3)
    by_folders.answer_shown("Back to accuracy")
    by_folders.open_cell(NAMES, 0, 0)
    wait(lambda: len(by_folders.window.pictures()) == 11)


def test_a_bar_opens_the_pictures_of_its_percentages(by_folders):
    by_folders.turn_to("Percentages")
    count = int(by_folders.tables().popitem()[1][0][1])
    by_folders.click_bar(0)
    wait(lambda: len(by_folders.window.pictures()) == count)
    assert "Suggested at" in by_folders.shown


def test_the_certainty_says_how_many_would_get_a_label_and_how_right(by_folders):
    by_folders.turn_to("Only the sure")
    assert "With 0% or more: 100% of the pictures get a label, and 89% of those are right" in (
        by_folders.ask_for_certainty(0)
    )
    assert by_folders.button("Show the wrong ones of these").endswith("(3)")
    by_folders.press("Show the wrong ones of these")
    wait(lambda: len(by_folders.window.pictures()) == 3)


def test_a_table_with_unknown_pictures_and_names_is_listed_not_guessed(judged, tmp_path):
    truth = tmp_path / "truth.csv"
    with truth.open("w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["path", "label"])
        rows.writerows([f"red/{number}.png", "RED"] for number in range(8))
        rows.writerows([f"blue/{number}.png", "azure"] for number in range(8))
        rows.writerows([f"green/{number}.png", "green"] for number in range(8))
        rows.writerow(["gone.png", "red"])
    judged.open()
    said = judged.drop(truth)
    assert "Compared with the labels in “truth.csv”: 16 of 24 are the same." in said[0]
    assert "1 name not among yours, so its pictures can't be right: azure (8)" in said[1]
    assert "1 row of the table matches no picture here: gone.png" in said[1]
    assert judged.turn_to("Share right").startswith("16 of 24 suggestions are right")


def test_a_table_that_is_none_says_why_and_shows_no_figure(judged, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\n1,2\n")
    judged.open()
    assert "no columns path and label" in judged.compare_with_table(bad)[2]
    assert not judged.has_figures


def test_figures_of_decisions_renew_themselves(judged):
    truths = {p: p.split("/")[0] for p in judged.window.pictures() if "odd" not in p}
    judged.decide(truths)
    said = judged.open()
    assert "Compared with your labels: 24 of 24 are the same." in said[0]
    assert "Did you check easy or hard ones first?" in said[0]
    judged.decide({"green/odd0.png": "red"})
    wait(lambda: "of 25 are the same" in judged.says()[0])


def test_what_is_delivered_is_said_before_how_right_the_program_alone_is(judged):
    judged.decide({path: path.split("/")[0] for path in judged.window.pictures()[:24]})
    judged.open()
    wait(lambda: judged.delivered == "27 pictures: 24 checked by you, 3 suggested.")
    judged.decide({path: path.split("/")[0] for path in judged.window.pictures()[24:]})
    wait(lambda: judged.says()[0].startswith("You checked all 27 pictures. Without you, "))
    assert judged.delivered == ""


def test_skipped_pictures_are_checked_too(judged):
    first, last, *others = judged.window.pictures()
    judged.decide({path: path.split("/")[0] for path in others})
    judged.window.select(first)
    judged.window.press_on_pictures("X")
    judged.open()
    said = "27 pictures: 26 checked by you, 1 of them skipped, 1 suggested."
    wait(lambda: judged.delivered == said)
    judged.decide({last: last.split("/")[0]})
    wait(lambda: judged.says()[0].startswith("You checked all 27 pictures. Without you, "))


def test_labels_of_your_own_are_in_the_headline_where_another_truth_is_known(by_folders):
    assert by_folders.says()[0].startswith("89% of 27 suggestions are right. Compared with folder")
    odd = {f"green/odd{number}.png": "green" for number in range(3)}
    by_folders.decide(odd)
    wait(lambda: by_folders.says()[0].startswith("100% of 27 labels are right. "))
    assert "The suggestions alone: 89%." in by_folders.says()[0]


def test_what_cannot_be_read_is_not_said_to_be_suggested(judged):
    first, second, _, *others = judged.window.pictures()
    judged.decide({path: path.split("/")[0] for path in others})
    judged.window.lose(first)
    judged.window.lose(second)
    judged.open()
    said = "27 pictures: 24 checked by you, 1 suggested, 2 can't be read."
    wait(lambda: judged.delivered == said)


def test_a_report_of_the_figures_is_saved(by_folders, tmp_path):
    page = tmp_path / "report.html"
    by_folders.save(page)
    text = page.read_text(encoding="utf-8")
    assert "24 of 27 suggestions are right" in text
    origin = r"prompts none, truth from folders, made \d{4}-\d\d-\d\d \d\d:\d\d UTC\b"
    assert re.search(origin, text)


def test_everything_is_reached_by_tab(by_folders):
    by_folders.turn_to("Mixed up")
    by_folders.window.focus_on("Figures")
    stops = by_folders.window.walk_by_tab()
    assert {"Figures", "What labels are compared with", "The most frequent mistakes"} <= set(stops)
    assert stops[1].startswith(MATRIX)  # though it is made later than what stands around it
    assert {"Save as a report…", "Update"} <= set(stops)


def test_another_project_forgets_the_figures(by_folders):
    window = by_folders.window
    window.menu("New project")
    wait(lambda: not window.project.images.present)
    assert not [one for one in window.main.findChildren(EvaluationPanel) if one.isVisible()]
    assert by_folders.shown == ""


def test_the_figures_lead_to_the_promise_and_back(by_folders):
    promise = pytest.importorskip("features.promise.driver").Promise(by_folders.window)
    promise.open()
    promise.answer("Accuracy")
    assert by_folders.panel.is_open
    by_folders.press("Certify accuracy…")
    promise.wait()


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
    figures = FiguresDriver(window)
    said = figures.open()
    sentence = figures.turn_to("Share right")
    hint = learning_says(window)
    path = window.main.files.path
    window.close()
    assert path is not None
    decisions = [str(path), "--truth", "decisions", "--model", str(tiny_model), "--json"]
    assert run(["evaluate", *decisions]) == 0
    found = json.loads(capsys.readouterr().out)
    counts = f"{found['right']} of {found['images']} suggestions are right"
    assert sentence.startswith(counts)
    assert found["images"] == found["learning"]["judged_without_itself"] == 60
    assert "Each picture is judged by suggestions that didn't learn from it." in said[0]
    (names_only,) = found["compared"]
    here, there = names_only["right_here_alone"], names_only["right_there_alone"]
    assert here > there > 0
    gain = f"about {round(100 * found['learning']['gain'])} of 100 more right"
    alone = found["right"] - here + there
    assert f"Names alone: {alone} of 60 right." in said[0]
    assert gain in hint
