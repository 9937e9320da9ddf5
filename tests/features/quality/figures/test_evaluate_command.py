"""`nameplate evaluate`: how right the labels are, against folders or a file."""

import csv
import json
import os

import pytest
from PIL import Image

from nameplate.cli.main import run

NAMES = ["--concept", "red", "--concept", "green", "--concept", "blue"]


def test_against_folders_it_prints_accuracy_and_writes_a_report(evaluate, coloured, tmp_path):
    report = tmp_path / "report"
    code, out, _ = evaluate(coloured, "--truth", "folders", "--report", report)
    assert code == 0
    assert "accuracy 1.0000 (6 of 6)" in out
    with (report / "confusion.csv").open(newline="") as stream:
        table = list(csv.reader(stream))
    assert table[0] == ["truth", "blue", "green", "red", ""]
    assert table[1] == ["blue", "2", "0", "0", "0"]
    assert (report / "labels.csv").exists()


def test_a_synonym_is_the_truth_too(figures, coloured):
    result = figures(coloured, "--truth", "folders", "--concept", "scarlet|red", *NAMES[2:])
    assert result["images"] == 6
    assert result["concepts"][0]["name"] == "scarlet"
    assert result["concepts"][0]["images"] == 2


def test_a_picture_whose_truth_is_none_of_these_is_right_without_a_label(figures, coloured):
    found = figures(coloured, "--truth", "folders", *NAMES[:4], "--reject", "blue")
    assert (found["images"], found["right"], found["truth"]["unknown_names"]) == (6, 6, {})
    assert [one["name"] for one in found["concepts"]] == ["red", "green"]


def test_against_a_csv_only_its_images_count(evaluate, coloured, tmp_path):
    truth = tmp_path / "truth.csv"
    truth.write_text("path,label\nred/wide.png,red\nblue/wide.png,green\n")
    assert "accuracy 0.5000 (1 of 2)" in evaluate(coloured, "--truth", truth, *NAMES)[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("path,label\nelsewhere.png,red\n", "Its paths must look like “blue/tall.jpg”"),
        ("path,label\n" + "x" * 140_000 + ",red\n", "not a readable CSV"),
    ],
)
def test_what_is_wrong_with_a_truth_file_is_said(evaluate, coloured, tmp_path, text, said):
    truth = tmp_path / "truth.csv"
    truth.write_text(text)
    code, _, error = evaluate(coloured, "--truth", truth)
    assert code == 2
    assert "truth.csv" in error
    assert said in error


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_report_that_cannot_be_written_is_said_before_the_work(
    evaluate, coloured, tmp_path, place
):
    (tmp_path / "file").touch()
    code, out, error = evaluate(coloured, "--truth", "folders", "--report", tmp_path / place)
    assert code == 2
    assert "--report" in error
    assert "accuracy" not in out


def test_folder_names_in_any_spelling_are_the_truth(figures, tmp_path):
    of_posix = [] if os.name == "nt" else ["green | lime"]
    folders = ("re\u0301d  car", "RE\u0301D car", "!blue", *of_posix, "x" * 230)
    for number, folder in enumerate(folders):
        (tmp_path / "p" / folder).mkdir(parents=True)
        Image.new("RGB", (40 + number, 40), "red").save(tmp_path / "p" / folder / "a.png")
    rows = figures(tmp_path / "p", "--truth", "folders")["concepts"]
    names = [row["name"].casefold() for row in rows]
    assert names == ["!blue", *of_posix, "r\u00e9d car", "x" * 230]
    assert rows[-2]["images"] == 2


def test_what_was_not_read_is_left_out_and_that_is_said(evaluate, coloured):
    (coloured / "red" / "empty.png").touch()
    code, out, _ = evaluate(coloured, "--truth", "folders")
    assert code == 1
    assert "accuracy 1.0000 (6 of 6)" in out
    assert "1 left out" in out


def test_no_picture_has_no_accuracy(evaluate, coloured):
    for image in coloured.rglob("*.*"):
        image.write_bytes(b"")
    code, out, _ = evaluate(coloured, "--truth", "folders", "--json")
    assert (code, json.loads(out)["images"], json.loads(out)["accuracy"]) == (1, 0, None)
    _, out, _ = evaluate(coloured, "--truth", "folders")
    assert "0.0" not in out
    assert "no picture could be compared" in out


def test_the_programs_own_csv_is_read_as_truth(evaluate, tiny_model, coloured, tmp_path):
    Image.new("RGB", (70, 70), "red").save(coloured / "=x.png")
    (coloured / "empty.png").touch()
    own, names = tmp_path / "own.csv", ["--concept", "=red | red", *NAMES[2:]]
    run(["label", str(coloured), "--csv", str(own), *names, "--model", str(tiny_model)])
    assert "accuracy 1.0000 (7 of 7)" in evaluate(coloured, "--truth", own, *names)[1]
