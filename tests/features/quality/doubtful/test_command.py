"""`nameplate audit`: what it says of a folder whose labels came with it."""

import csv
import json

import pytest
from PIL import Image

from nameplate.cli.main import run

COLOURS = ("red", "green", "blue")


@pytest.fixture
def pictures(tmp_path):
    """A folder of five pictures in each of three folders; one of the green ones is red."""
    root = tmp_path / "pictures"
    for name in COLOURS:
        (root / name).mkdir(parents=True)
        for number in range(5):
            shade = [30 * number, 30 * number, 30 * number]
            shade[COLOURS.index(name)] = 255
            Image.new("RGB", (60, 40), tuple(shade)).save(root / name / f"{number}.png")
    Image.new("RGB", (70, 40), (255, 5, 5)).save(root / "green" / "wrong.png")
    return root


@pytest.fixture
def audit(tiny_model, pictures, capsys):
    """Audit the pictures, and return the exit code and what was said."""

    def call(truth="folders", *arguments, where=pictures):
        shown = ("--truth", str(truth), *map(str, arguments), "--model", str(tiny_model))
        code = run(["audit", str(where), *shown])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    return call


@pytest.fixture
def table(tmp_path):
    def write(*rows, header=("path", "label")):
        file = tmp_path / "given.csv"
        with file.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([header, *rows])
        return file

    return write


def right_rows():
    return [(f"{name}/{number}.png", name) for name in COLOURS for number in range(5)]


def test_a_picture_in_a_wrong_folder_is_the_first_suspect(audit):
    code, out, err = audit("folders", "--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert (found["images"], found["not_read"], found["several_labels"]) == (16, 0, 0)
    first = found["suspects"][0]
    assert (first["path"], first["given"], first["suggested"]) == (
        "green/wrong.png",
        "green",
        "red",
    )
    assert first["reason"] in ("copy", "pictures", "name")
    doubts = [one["doubt"] for one in found["suspects"]]
    assert doubts == sorted(doubts, reverse=True)
    assert 0.5 < doubts[0] <= 1
    share = found["share_wrong"]
    assert 0 <= share["low"] <= 1 / 16 <= share["high"] <= 1
    assert share["low"] <= share["estimate"] <= share["high"]


def test_a_person_reads_how_many_are_wrong_and_why(audit):
    code, out, _ = audit()
    head, first, *_ = out.splitlines()
    assert code == 0
    assert head.startswith("about 1 of 16 labels are wrong, between 0 and ")
    assert "green/wrong.png  green: " in first
    assert "red" in first


def test_the_table_has_all_suspects_and_replaces_nothing_but_its_own_kind(audit, tmp_path):
    file = tmp_path / "suspects.csv"
    assert audit("folders", "--out", file)[0] == 0
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["path", "given", "suggested", "doubt", "reason"]
    assert rows[0]["path"] == "green/wrong.png"
    assert audit("folders", "--out", file)[0] == 0
    file.write_text("path,label\nmine,1\n")
    code, _, err = audit("folders", "--out", file)
    assert code == 2
    assert "suspects.csv" in err
    assert file.read_text() == "path,label\nmine,1\n"
    code, out, _ = audit("folders", "--out", "-")
    assert out.startswith("path,given,suggested,doubt,reason")


def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(audit, table):
    rows = [(path, "=red" if label == "red" else label) for path, label in right_rows()]
    _, out, _ = audit(table(*rows, ("green/wrong.png", "green")), "--out", "-")
    assert "'=red" in out
    assert ",=red" not in out


def test_names_are_the_same_in_any_case_and_paths_of_other_pictures_are_said(audit, table):
    rows = [(path, label.upper() if "0" in path else label) for path, label in right_rows()]
    code, out, err = audit(table(*rows, ("elsewhere/x.png", "red")), "--json")
    found = json.loads(out)
    assert (code, found["images"]) == (0, 15)
    assert len({one["suggested"].casefold() for one in found["suspects"]} - {*COLOURS}) == 0
    assert err.splitlines() == [
        "nameplate: 1 of the truth match no picture:",
        "nameplate:   elsewhere/x.png",
    ]


def test_pictures_with_several_labels_are_left_out_and_of_two_rows_the_last_counts(audit, table):
    rows = [(path, "red | blue" if path == "red/0.png" else label) for path, label in right_rows()]
    code, out, err = audit(table(*rows, ("red/1.png", "blue")), "--json")
    found = json.loads(out)
    assert (code, found["images"], found["several_labels"]) == (0, 14, 1)
    assert ("red/1.png", "blue") in [(one["path"], one["given"]) for one in found["suspects"]]
    assert err.splitlines() == [
        "nameplate: 1 are listed twice in the truth, and the last one counts:",
        "nameplate:   red/1.png",
        "nameplate: 1 picture has several labels and is left out",
    ]


def test_pictures_that_cannot_be_read_are_left_out_and_said(audit, pictures):
    for file in [*pictures.rglob("[012].png")]:
        file.write_bytes(b"none")
    code, out, err = audit("folders", "--json")
    found = json.loads(out)
    assert code == 1
    assert (found["images"], found["not_read"]) == (7, 9)
    assert "9 files" in err


def test_nothing_is_said_of_labels_that_are_all_the_same(audit, pictures):
    code, out, _ = audit(where=pictures / "red")
    why = "all are labelled red, and it takes two different labels"
    assert (code, out) == (0, f"no label can be judged: {why}\n")
    _, out, err = audit("folders", "--json", where=pictures / "red")
    assert "--reject" not in err  # which this command does not have
    found = json.loads(out)
    assert found["suspects"] == []
    assert found["share_wrong"] == {"estimate": None, "low": None, "high": None}


def test_a_table_that_contradicts_itself_everywhere_is_told_so(audit, table):
    rows = [(path, label) for path, _ in right_rows() for label in ("red", "green")]
    code, out, err = audit(table(*rows))
    why = "every picture is listed twice, with different labels; keep one row for each"
    assert (code, out) == (0, f"no label can be judged: {why}\n")
    assert "15 are listed twice in the truth" in err


def test_a_table_of_several_labels_alone_is_told_so(audit, table):
    code, out, _ = audit(table(*((path, "red | green") for path, _ in right_rows())))
    why = "every picture has several labels; give each one"
    assert (code, out) == (0, f"no label can be judged: {why}\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not a readable table"),
        (b"path,label\n", "no row has a label"),
        (b"path,label\nother.png,red\n", "none of its paths is among the pictures"),
        (b"path,label\nred/0.png,\n", "no row has a label"),
        (b"file,name\nred/0.png,red\n", "no columns path and label"),
        (b"\x89PNG\r\n\x1a\n\0\0", "not a readable table"),
        (None, "file not found"),
    ],
)
def test_labels_that_cannot_be_used_are_one_sentence(content, said, audit, tmp_path):
    truth = tmp_path / "truth.csv"
    if content is not None:
        truth.write_bytes(content)
    code, out, err = audit(truth)
    assert (code, out) == (2, "")
    (line,) = err.splitlines()
    assert "truth.csv" in line
    assert said in line


def test_labels_that_somebody_checked_elsewhere_are_judged_as_well(audit, table):
    rows = [(*row, "person", "accepted") for row in right_rows()]
    header = ("path", "label", "decided_by", "state")
    found = json.loads(audit(table(*rows, header=header), "--json")[1])
    assert found["images"] == 15
