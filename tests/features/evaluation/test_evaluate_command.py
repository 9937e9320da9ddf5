"""`nameplate evaluate`: how right the labels are, against folders or a file."""

import csv
import json
import os

import pytest
from PIL import Image

from nameplate.cli.main import run

NAMES = ["--concept", "red", "--concept", "green", "--concept", "blue"]


@pytest.fixture
def evaluate(tiny_model, coloured, capsys):
    """Return a function that returns exit code, standard output and standard error."""

    def call(*words, truth="folders", folder=coloured):
        command = ["evaluate", folder, "--truth", truth, "--model", tiny_model, *words]
        return run(list(map(str, command))), *capsys.readouterr()

    return call


def test_against_folders_it_prints_accuracy_and_writes_a_report(evaluate, tmp_path):
    report = tmp_path / "report"
    code, out, _ = evaluate("--report", report)
    assert code == 0
    assert "accuracy 1.0000 (6 of 6)" in out
    with (report / "confusion.csv").open(newline="") as stream:
        table = list(csv.reader(stream))
    assert table[0] == ["truth", "blue", "green", "red", ""]
    assert table[1] == ["blue", "2", "0", "0", "0"]
    assert (report / "labels.csv").exists()


def test_a_synonym_is_the_truth_too_and_there_is_json(evaluate):
    _, out, _ = evaluate("--json", "--concept", "scarlet|red", *NAMES[2:])
    result = json.loads(out)
    assert result["images"] == 6
    assert result["concepts"][0]["name"] == "scarlet"
    assert result["concepts"][0]["images"] == 2


def test_against_a_csv_only_its_images_count(evaluate, tmp_path):
    truth = tmp_path / "truth.csv"
    truth.write_text("path,label\nred/wide.png,red\nblue/wide.png,green\n")
    assert "accuracy 0.5000 (1 of 2)" in evaluate(*NAMES, truth=truth)[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", ""),
        ("path,label\nelsewhere.png,red\n", "Its paths must look like “blue/tall.jpg”"),
        ("", ""),
        ("path,label\n" + "x" * 140_000 + ",red\n", "not a readable CSV"),
    ],
)
def test_what_is_wrong_with_a_truth_file_is_said(evaluate, tmp_path, text, said):
    truth = tmp_path / "truth.csv"
    truth.write_text(text)
    code, _, error = evaluate(truth=truth)
    assert code == 2
    assert "truth.csv" in error
    assert said in error


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_report_that_cannot_be_written_is_said_before_the_work(evaluate, tmp_path, place):
    (tmp_path / "file").touch()
    code, out, error = evaluate("--report", tmp_path / place)
    assert code == 2
    assert "--report" in error
    assert "accuracy" not in out


def test_folder_names_in_any_spelling_are_the_truth(evaluate, tmp_path):
    of_posix = [] if os.name == "nt" else ["green | lime"]
    folders = ("re\u0301d  car", "RE\u0301D car", "!blue", *of_posix, "x" * 230)
    for number, folder in enumerate(folders):
        (tmp_path / "p" / folder).mkdir(parents=True)
        Image.new("RGB", (40 + number, 40), "red").save(tmp_path / "p" / folder / "a.png")
    code, out, _ = evaluate("--json", folder=tmp_path / "p")
    assert code == 0
    rows = json.loads(out)["concepts"]
    names = [row["name"].casefold() for row in rows]
    assert names == ["!blue", *of_posix, "r\u00e9d car", "x" * 230]
    assert rows[-2]["images"] == 2


def test_what_was_not_read_is_left_out_and_that_is_said(evaluate, coloured):
    (coloured / "red" / "empty.png").touch()
    code, out, _ = evaluate()
    assert code == 1
    assert "accuracy 1.0000 (6 of 6)" in out
    assert "1 left out" in out


def test_the_programs_own_csv_is_read_as_truth(evaluate, tiny_model, coloured, tmp_path):
    Image.new("RGB", (70, 70), "red").save(coloured / "=x.png")
    (coloured / "empty.png").touch()
    own, names = tmp_path / "own.csv", ["--concept", "=red | red", *NAMES[2:]]
    run(["label", str(coloured), "--csv", str(own), *names, "--model", str(tiny_model)])
    assert "accuracy 1.0000 (7 of 7)" in evaluate(*names, truth=own)[1]
