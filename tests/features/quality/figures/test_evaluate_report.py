"""`nameplate evaluate`: figures, report, comparisons, and truth that does not fit."""

import json
import os
import re
import shutil
from html.parser import HTMLParser

import pytest
from PIL import Image

from features.quality.figures.decisions import decided

COLOURS = ["red", "green", "blue"]
NAMES = [part for name in COLOURS for part in ("--concept", name)]


class Page(HTMLParser):
    """Gathers the elements and the text of a page."""

    def __init__(self, file):
        super().__init__()
        self.elements, self.text = [], ""
        self.source = file.read_text(encoding="utf-8")
        self.feed(self.source)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def test_the_figures_of_earlier_versions_stay_and_new_ones_come_beside_them(figures, coloured):
    found = figures(coloured, "--truth", "folders")
    assert (found["images"], found["accuracy"], found["left_out"]) == (6, 1.0, 0)
    first = found["concepts"][0]
    assert (first["name"], first["images"], first["right"]) == ("blue", 2, 2)
    assert (first["recall"], first["precision"]) == (1.0, 1.0)
    assert found["accuracy_95"] == pytest.approx([0.6097, 1.0], abs=1e-4)
    assert found["balanced_accuracy"] is None  # two pictures a name are too few
    assert first["recall_95"] is None
    assert found["calibration"] == {
        "images": 6, "missing": 94, "expected_error": None, "too_sure": None,
    }  # fmt: skip
    assert found["top"] == {"3": 1.0, "5": 1.0}
    assert [one["images"] for one in found["reliability"]].count(0) < 10


def test_the_report_is_one_page_that_needs_nothing_else_and_json_has_its_figures(
    figures, coloured, tmp_path
):
    printed = figures(coloured, "--truth", "folders", "--report", tmp_path / "r")
    page = Page(tmp_path / "r" / "report.html")
    assert "6 of 6 suggestions are right" in page.text
    assert not page.all("img")  # there is no mistake
    assert "found" in page.text
    assert [one["class"] for one in page.all("td") if "filled" in one.get("class", "")]
    assert not page.all("script") + page.all("link")
    assert not [one for _, of in page.elements for one in of if one == "style" or one[:2] == "on"]
    assert "default-src 'none'" in page.all("meta")[1]["content"]
    assert "prefers-color-scheme: dark" in page.source
    assert not page.all("svg")
    written = json.loads((tmp_path / "r" / "report.json").read_text(encoding="utf-8"))
    assert {key: written[key] for key in printed} == printed
    assert written["results"][0]["path"] == "blue/tall.jpg"
    assert written["results"][0]["truth"] == written["results"][0]["label"] == "blue"
    assert len(written["reliability"]) == 10


def test_the_surest_mistakes_are_shown_as_pictures(evaluate, coloured, tmp_path):
    truth = tmp_path / "truth.csv"
    truth.write_text("path,label\nred/wide.png,blue\ngreen/wide.png,green\n")
    evaluate(coloured, "--truth", truth, *NAMES, "--report", tmp_path / "r")
    page = Page(tmp_path / "r" / "report.html")
    alts = [one["alt"] for one in page.all("img")]
    assert alts == ["red/wide.png"]
    assert all(one["src"].startswith("data:image/jpeg;base64,") for one in page.all("img"))
    assert "red (1)" in page.text


@pytest.mark.skipif(os.name == "nt", reason="no such names there")
def test_names_and_paths_are_text_and_never_markup(evaluate, tiny_model, tmp_path):
    hostile = "<img src=x onerror=alert(1)>&\"'"
    folder = tmp_path / "p" / "<b>red<!--"
    folder.mkdir(parents=True)
    Image.new("RGB", (20, 20), "red").save(folder / "<title><script>x.png")
    names = ["--concept", f"{hostile}|<b>red<!--", "--concept", "=1+1", "--concept", "\u202ered"]
    code, _, _ = evaluate(tmp_path / "p", "--truth", "folders", *names, "--report", tmp_path / "r")
    assert code == 0
    page = Page(tmp_path / "r" / "report.html")
    assert not page.all("script")
    assert {one["src"][:5] for one in page.all("img")} == {"data:"}
    assert hostile in page.text
    assert "<title><script>x.png" in page.text
    assert json.loads((tmp_path / "r" / "report.json").read_text())["images"] == 1


def test_copies_of_a_picture_count_as_one(evaluate, figures, coloured):
    for number in range(4):
        shutil.copy(coloured / "red" / "wide.png", coloured / "red" / f"copy{number}.png")
    shutil.copy(coloured / "red" / "wide.png", coloured / "blue" / "not blue.png")
    found = figures(coloured, "--truth", "folders")
    assert (found["images"], found["right"], found["copies"]) == (7, 6, 4)
    assert found["left_out"] == 0
    _, out, _ = evaluate(coloured, "--truth", "folders")
    assert "4 more pictures are copies of these, or of the same burst, and count with them" in out


def test_several_folders_are_judged_one_by_one_with_the_drop_between_them(
    evaluate, figures, coloured, tmp_path
):
    other = shutil.copytree(coloured, tmp_path / "other")
    for image in other.rglob("*.*"):
        Image.new("RGB", (40, 40), "red").save(image)
    found = figures(coloured, other, "--truth", "folders")
    first, second = found["folders"]
    assert (first["accuracy"], first["difference"]) == (1.0, None)
    assert second["accuracy"] == pytest.approx(1 / 3)
    assert second["difference"] == pytest.approx(-2 / 3)
    assert second["difference_95"][0] < -2 / 3 < second["difference_95"][1] < 0
    _, out, _ = evaluate(coloured, other, "--truth", "folders")
    assert re.search(rf"{other} +6  0.333 \(", out)


def test_truth_of_unknown_pictures_and_names_is_listed_and_not_guessed(
    evaluate, coloured, tmp_path
):
    truth = tmp_path / "truth.csv"
    rows = ["red/wide.png,red", "blue/wide.png,bird", "green/wide.png,red", "green/wide.png,green"]
    rows += [f"gone/{number}.png,red" for number in range(150)]
    truth.write_text("\n".join(("path,label", *rows)))
    code, out, said = evaluate(coloured, "--truth", truth, *NAMES, "--report", tmp_path / "r")
    assert code == 0
    assert "accuracy 0.6667 (2 of 3)" in out
    assert "150 of the truth match no picture" in said
    assert "gone/0.png" in said
    assert "gone/149.png" not in said
    assert "bird (1)" in said
    assert "1 are listed twice in the truth" in said
    page = Page(tmp_path / "r" / "report.html")
    assert "150 pictures of the truth aren't here" in page.text
    assert "50 more are in report.json" in page.text
    assert "3 pictures were not judged: not read, without a truth, or learned from" in page.text
    written = json.loads((tmp_path / "r" / "report.json").read_text())
    assert len(written["unknown_images"]) == 150
    assert written["truth"]["unknown_names"] == {"bird": 1}
    assert written["contradicted_images"] == ["green/wide.png"]
    assert len(written["left_out_images"]) == 3


def test_the_decisions_in_a_project_are_a_truth(evaluate, coloured, tmp_path):
    decisions = {"red/wide.png": ["red"], "blue/wide.png": ["green"], "green/wide.png": None}
    decisions["green/tall.jpg"] = []
    file = decided(tmp_path / "x.nameplate", coloured.rglob("*.*"), COLOURS, decisions)
    before = file.read_bytes()
    code, out, _ = evaluate(file, "--truth", "decisions", "--report", tmp_path / "r")
    assert code == 0
    assert "accuracy 0.3333 (1 of 3)" in out
    # Of the first two, both blue, one is decided.
    assert "accuracy 0.0000 (0 of 1)" in evaluate(file, "--truth", "decisions", "--limit", 2)[1]
    assert file.read_bytes() == before
    text = Page(tmp_path / "r" / "report.html").text
    assert "Only checked pictures count" in text


def test_decisions_need_a_project_with_some(evaluate, coloured, tmp_path):
    assert "Give one project" in evaluate(coloured, "--truth", "decisions")[2]
    skipped = {"red/wide.png": None}
    file = decided(tmp_path / "x.nameplate", coloured.rglob("*.*"), COLOURS, skipped)
    code, _, said = evaluate(file, "--truth", "decisions")
    assert code == 2
    assert "no labels to compare with" in said


@pytest.mark.parametrize("count", [1, 6])
def test_one_name_and_one_picture_make_a_report(evaluate, coloured, tmp_path, count):
    picture = ["--limit", str(count), "--concept", "red"]
    code, _, _ = evaluate(coloured, "--truth", "folders", *picture, "--report", tmp_path / "r")
    assert code == 0
    for file in ("report.html", "report.json"):
        assert "NaN" not in (tmp_path / "r" / file).read_text()


def test_the_page_lists_confusions_of_however_many_names(evaluate, coloured, tmp_path):
    for number in range(30):
        (coloured / f"name {number}").mkdir()
        Image.new("RGB", (9, 9), "red").save(coloured / f"name {number}" / "a.png")
    evaluate(coloured, "--truth", "folders", "--report", tmp_path / "r")
    confusions = Page(tmp_path / "r" / "report.html").text.partition("Confusions")[2]
    wrong = {f"name {number}" for number in range(30) if f"name {number}" in confusions}
    assert len(wrong) >= 29  # 30 red pictures have one label
