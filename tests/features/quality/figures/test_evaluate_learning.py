"""`nameplate evaluate` where decisions teach: what is learned is judged on what it has not seen."""

import csv
import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from features.quality.figures.decisions import decided
from grey_pictures import draw_greys

NAMES = ["red", "black", "green"]


@pytest.fixture
def greys(tmp_path) -> Path:
    """Grey pictures, of which a person would say black, and red ones."""
    return draw_greys(tmp_path / "greys")


def said_by_a_person(greys: Path, file: Path, starts: str, more: str = "") -> Path:
    """Write the labels of the pictures whose number begins with one of some digits."""
    lines = [
        f"{one.parent.name}/{one.name},{'black' if one.parent.name == 'grey' else 'red'}"
        for one in sorted(greys.rglob("*.png"))
        if one.name[1] in starts
    ]
    file.write_text("path,label\n" + "\n".join(lines) + "\n" + more)
    return file


def project_of(greys: Path, file: Path, starts: str, *, on_a_page: bool = False) -> Path:
    """Write a project with these decisions, made one by one or all of them on one page."""
    images = sorted(greys.rglob("*.png"))
    said = {
        f"/{one.name}": ["black" if one.parent.name == "grey" else "red"]
        for one in images
        if one.name[1] in starts
    }
    return decided(file, images, NAMES, said, pages=dict.fromkeys(said, 1) if on_a_page else None)


def options(truth: Path | str) -> list[str]:
    return ["--truth", str(truth), *(part for name in NAMES for part in ("--concept", name))]


def test_labels_that_a_person_gave_teach_and_the_rest_alone_is_judged(evaluate, greys, tmp_path):
    truth = said_by_a_person(greys, tmp_path / "all.csv", "0123456789")
    taught = said_by_a_person(greys, tmp_path / "some.csv", "0134")
    learn = ["--learn-from", taught]
    code, out, _ = evaluate(greys, *options(truth), *learn, "--json", "--report", tmp_path / "r")
    found = json.loads(out)
    assert code == 0
    assert (found["images"], found["accuracy"], found["left_out"]) == (30, 1.0, 60)
    assert found["thresholds"][0] == {"minimum": 0.0, "labelled": 30, "right": 30}
    learning = found["learning"]
    assert learning["decisions"] == 60
    assert learning["is_used"]
    assert learning["why_names_alone"] is None
    assert learning["gain_95"][0] <= learning["gain"] <= learning["gain_95"][1]
    (names_only,) = found["compared"]
    assert (names_only["with"], names_only["verdict"]) == ("names only", "second-better")
    page = (tmp_path / "r" / "report.html").read_text()
    assert "These suggestions learned from 60 labels" in page
    # The labels of the report are what was judged, and replaced by the next run.
    assert evaluate(greys, *options(truth), *learn, "--report", tmp_path / "r")[0] == 0
    with (tmp_path / "r" / "labels.csv").open(newline="") as stream:
        assert {row["decided_by"] for row in csv.DictReader(stream)} == {"probe"}


def test_a_copy_of_a_picture_that_was_learned_from_is_not_judged(evaluate, greys, tmp_path):
    shutil.copy(greys / "grey" / "g00.png", greys / "grey" / "g90.png")
    with Image.open(greys / "red" / "r00.png") as picture:
        picture.resize((64, 64)).save(greys / "red" / "r90.png")
    shutil.copy(greys / "grey" / "g20.png", greys / "grey" / "g91.png")
    truth = said_by_a_person(greys, tmp_path / "all.csv", "0123456789")
    for starts, learned in (("0134", 60), ("0", 20)):
        taught = said_by_a_person(greys, tmp_path / "some.csv", starts)
        learn = [greys, *options(truth), "--learn-from", taught]
        found = json.loads(evaluate(*learn, "--json")[1])
        assert (found["images"], found["left_out"]) == (90 - learned, learned + 2)
        assert (found["copies_of_learned"], found["copies"]) == (2, 1)
        _, out, _ = evaluate(*learn)
        assert "2 of them are copies of pictures learned from, or of the same burst" in out


def test_the_decisions_in_a_project_can_teach_or_be_the_truth_for_a_folder(
    evaluate, greys, tmp_path
):
    project = project_of(greys, tmp_path / "x.nameplate", "0134")
    truth = said_by_a_person(greys, tmp_path / "all.csv", "0123456789")
    found = json.loads(evaluate(greys, *options(truth), "--learn-from", project, "--json")[1])
    assert (found["images"], found["learning"]["decisions"]) == (30, 60)
    found = json.loads(evaluate(greys, *options(project), "--json")[1])
    assert (found["images"], found["learning"]) == (60, None)


def test_what_was_decided_on_one_page_is_no_evidence_for_the_page_itself(figures, greys, tmp_path):
    project = project_of(greys, tmp_path / "x.nameplate", "0134", on_a_page=True)
    truth = said_by_a_person(greys, tmp_path / "all.csv", "0123456789")
    asked = (
        [project, "--truth", "decisions"],
        [project, *options("decisions"), "--concept", "blue"],  # not the names of the project
        [greys, *options(truth), "--learn-from", project],
    )
    for arguments in asked:
        learning = figures(*arguments)["learning"]
        assert (learning["decisions"], learning["is_used"]) == (60, False)


def test_a_name_that_was_checked_on_one_page_is_judged_as_for_new_pictures(
    figures, greys, tmp_path
):
    images = sorted(greys.rglob("*.png"))
    said = {f"/{one.name}": ["black" if one.name[0] == "g" else "green"] for one in images}
    pages = {end: 2 + int(end[2] > "2") if end[1] == "g" else 1 for end in said}
    project = decided(tmp_path / "x.nameplate", images, NAMES, said, pages=pages)
    found = figures(project, "--truth", "decisions")
    assert found["learning"]["is_used"]
    assert found["accuracy"] > 0.9


def test_with_too_few_labels_the_names_are_judged_and_it_is_said_why(evaluate, greys, tmp_path):
    truth = said_by_a_person(greys, tmp_path / "all.csv", "0123456789")
    taught = tmp_path / "few.csv"
    taught.write_text("path,label\ngrey/g00.png,black\nred/r00.png,red\n")
    _, out, _ = evaluate(greys, *options(truth), "--learn-from", taught)
    assert (
        "These suggestions come from the names alone: Learning starts after 18 more labels" in out
    )
    found = json.loads(evaluate(greys, *options(truth), "--learn-from", taught, "--json")[1])
    assert (found["learning"]["missing"], found["learning"]["is_used"]) == (18, False)
    assert found["compared"] == []


def test_what_cannot_be_learned_from_is_listed(evaluate, greys, tmp_path):
    truth = said_by_a_person(greys, tmp_path / "all.csv", "0123456789")
    strange = "gone.png,red\ngrey/g50.png,mauve\ngrey/g51.png,red | black\n"
    taught = said_by_a_person(greys, tmp_path / "some.csv", "0134", strange)
    _, out, said = evaluate(greys, *options(truth), "--learn-from", taught, "--json")
    assert json.loads(out)["learning"]["decisions"] == 60
    assert "2 labels can't be learned from" in said
    assert "mauve" in said
    assert "gone.png" in said


def test_a_project_is_judged_as_it_has_learned_each_picture_without_itself(
    evaluate, figures, greys, tmp_path
):
    file = project_of(greys, tmp_path / "x.nameplate", "0134")
    before = file.read_bytes()
    report = ["--report", tmp_path / "r"]
    code, out, _ = evaluate(file, "--truth", "decisions", *report)
    assert code == 0
    assert file.read_bytes() == before
    assert "These suggestions learned from 60 labels" in out
    assert "60 of the pictures taught them; each is judged by suggestions that didn't learn" in out
    assert out.startswith("90 pictures: 60 checked by you, 30 suggested. The program alone:")
    gain = figures(file, "--truth", "decisions")["learning"]["gain"]
    assert f"gets about {round(100 * gain)} of 100 more right than the names alone" in out
    with (tmp_path / "r" / "labels.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 90
    # Of a picture that was judged by another classifier only what that one said is written.
    judged = [row for row in rows if row["path"][-6] in "0134"]
    assert {row["score"] for row in judged} == {""}
    assert all(row["label"] and row["probability"] for row in judged)
    found = figures(file, "--truth", "folders")
    assert (found["images"], found["truth"]["unknown_names"]) == (90, {"grey": 60})


def test_too_few_decisions_say_how_many_are_missing(evaluate, figures, greys, tmp_path):
    file = project_of(greys, tmp_path / "x.nameplate", "5")  # ten pictures
    _, out, _ = evaluate(file, "--truth", "decisions")
    assert "Not enough yet: label 10 more pictures before these figures" in out
    found = figures(file, "--truth", "decisions")
    assert found["missing"] == 10


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{project}", "--truth", "decisions", "--learn-from", "{all}"], "already teach"),
        (["{greys}", "--truth", "{all}", "--learn-from", "{all}"], "none is left to judge"),
        (["{greys}", "--truth", "{all}", "--learn-from", "{none}"], "none.csv"),
        (["{greys}", "{project}", "--truth", "folders"], "Give one project"),
    ],
)
def test_what_makes_no_sense_together_is_said(evaluate, greys, tmp_path, arguments, said):
    files = {
        "greys": greys,
        "project": project_of(greys, tmp_path / "x.nameplate", "0"),
        "all": said_by_a_person(greys, tmp_path / "all.csv", "0123456789"),
        "none": tmp_path / "none.csv",
    }
    code, out, message = evaluate(*(one.format(**files) for one in arguments))
    assert (code, out) == (2, "")
    assert said in message
