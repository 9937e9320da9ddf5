"""Truth from a table: whatever program wrote it, and however its paths are written."""

import pytest

from nameplate.domain.errors import UsageError
from nameplate.features.quality.figures.truth import truth_of_csv, truth_of_folders

IMAGES = {"red/a.png": "/all/red/a.png", "blue/b.png": "/all/blue/b.png"}
RED, BLUE = IMAGES.values()


@pytest.mark.parametrize(
    "table",
    [
        b"path,label\nred/a.png,caf\xc3\xa9\n",
        b"\xef\xbb\xbfpath;label\r\nred/a.png;caf\xc3\xa9\r\n",
        b"path\tLabel\nred/a.png\tcaf\xe9\n",
        "Path,label\nred\\a.png,café\n".encode("utf-16"),
        "label,path\ncafé,./red/a.png\n".encode(),
        "path,label\n/all/red/a.png,  café \n".encode(),
    ],
)
def test_a_table_is_read_as_programs_write_it(tmp_path, table):
    (tmp_path / "t.csv").write_bytes(table)
    assert truth_of_csv(tmp_path / "t.csv", IMAGES).names == {RED: ("café",)}


def test_several_labels_rows_without_one_and_contradictions(tmp_path):
    lines = ["red/a.png,x | y", "blue/b.png,", "red/a.png,Y | X", "gone.png,z", "blue/b.png,x"]
    (tmp_path / "t.csv").write_text("\n".join(["path,label", *lines, "blue/b.png,y"]))
    truth = truth_of_csv(tmp_path / "t.csv", IMAGES)
    assert truth.names == {RED: ("Y", "X"), BLUE: ("y",)}
    assert (truth.unknown, truth.contradicted) == (("gone.png",), ("blue/b.png",))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "no-table"),
        ("a,b\n1,2\n", "no-truth-columns"),
        ("path,label\nred/a.png,\n", "no-row-with-label"),
        ("path,label\ngone.png,red\n", "no-path-of-images"),
    ],
)
def test_a_table_without_a_truth_says_what_is_missing(tmp_path, text, code):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(UsageError) as caught:
        truth_of_csv(tmp_path / "t.csv", IMAGES)
    assert caught.value.reason.code == code


def test_a_folder_is_the_truth_of_its_images_also_of_the_one_that_we_are_in(tmp_path, monkeypatch):
    (tmp_path / "Red").mkdir()
    monkeypatch.chdir(tmp_path / "Red")
    found = truth_of_folders(["a.png", "in/b.png", "/c.png"]).names
    assert found == {"a.png": ("Red",), "in/b.png": ("in",)}


def test_what_the_program_gave_is_no_label_of_a_person(tmp_path):
    lines = ["red/a.png,red,person", "blue/b.png,blue,auto", "blue/b.png,blue,probe"]
    (tmp_path / "t.csv").write_text("\n".join(["path,label,decided_by", *lines]))
    assert truth_of_csv(tmp_path / "t.csv", IMAGES).names == {RED: ("red",), BLUE: ("blue",)}
    taught = truth_of_csv(tmp_path / "t.csv", IMAGES, is_by_person=True)
    assert taught.names == {RED: ("red",)}
    (tmp_path / "t.csv").write_text("\n".join(["path,label,decided_by", *lines[1:]]))
    with pytest.raises(UsageError) as caught:
        truth_of_csv(tmp_path / "t.csv", IMAGES, is_by_person=True)
    assert caught.value.reason.code == "no-row-by-person"
