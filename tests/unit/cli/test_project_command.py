"""`nameplate project` and `nameplate export`."""

import csv
import json
import sqlite3

import numpy as np
import pytest
from PIL import Image

from nameplate.cli.main import run
from tiny_model import COLOURS

NAMES = ["--concept", "red", "--concept", "green", "--concept", "blue | azure", "--reject", "grey"]


@pytest.fixture
def model(tiny_model):
    return ["--model", str(tiny_model)]


@pytest.fixture
def labelled(coloured, tmp_path, model):
    """A project of six pictures that were labelled automatically."""
    file = tmp_path / "p.nameplate"
    assert run(["project", "new", str(file), str(coloured), *NAMES, "--auto-label", *model]) == 0
    return file


def facts(file, capsys):
    capsys.readouterr()
    assert run(["project", "info", str(file), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_project_has_the_images_names_and_labels_that_were_asked_for(labelled, capsys):
    found = facts(labelled, capsys)
    assert found["images"] == 6
    assert found["labels"] == {"red": 2, "green": 2, "blue": 2}
    assert found["reject_names"] == ["grey"]
    assert found["states"]["suggested"] == 6
    assert found["steps_to_undo"] == 3
    assert [path.name for path in labelled.parent.iterdir() if path.is_file()] == ["p.nameplate"]


def test_info_does_not_say_that_decisions_are_learned_from_which_only_a_model_can_tell(
    labelled, capsys
):
    project_info = run(["project", "info", str(labelled)])
    assert project_info == 0
    assert "0 decided by a person; " in capsys.readouterr().out


def test_names_of_a_strangers_project_cannot_command_a_terminal(coloured, tmp_path, capsys):
    file = tmp_path / "p.nameplate"
    assert run(["project", "new", str(file), str(coloured), "--concept", "a\u202eb"]) == 0
    assert run(["project", "info", str(file)]) == 0
    out = capsys.readouterr().out
    assert "a\\u202eb" in out
    assert "\u202e" not in out


def test_without_auto_label_no_model_is_needed(coloured, tmp_path, capsys):
    file = tmp_path / "p.nameplate"
    command = ["project", "new", str(file), str(coloured), "--model", str(tmp_path / "none")]
    assert run(command) == 0
    found = facts(file, capsys)
    assert (found["images"], found["labels"], found["steps_to_undo"]) == (6, {}, 1)


def test_a_project_is_exported_as_label_writes_the_same(labelled, coloured, tmp_path, model):
    of_project, of_label = tmp_path / "project.csv", tmp_path / "label.csv"
    scores = ["--scores", "all"]
    only = ["--which", "labels"]
    assert run(["export", str(labelled), "--out", str(of_project), *scores, *only, *model]) == 0
    assert run(["label", str(coloured), *NAMES, "--csv", str(of_label), *scores, *model]) == 0
    assert of_project.read_bytes() == of_label.read_bytes()


def test_several_labels_and_a_minimum_are_kept(coloured, tmp_path, model, capsys):
    file = tmp_path / "p.nameplate"
    options = ["--multi", "--min-probability", "0.25", "--templates", "a {} thing", "--auto-label"]
    assert run(["project", "new", str(file), str(coloured), *NAMES, *options, *model]) == 0
    found = facts(file, capsys)
    assert (found["several_labels"], found["min_probability"]) == (True, 0.25)
    of_project, of_label = tmp_path / "project.csv", tmp_path / "label.csv"
    only = ["--which", "labels"]
    assert run(["export", str(file), "--out", str(of_project), *only, *model]) == 0
    command = ["label", str(coloured), *NAMES, *options[:-1], *model, "--csv", str(of_label)]
    assert run(command) == 0
    assert of_project.read_bytes() == of_label.read_bytes()
    assert b"a {} thing" in of_label.read_bytes()


def test_an_unreadable_picture_is_in_the_project_and_ends_with_1(coloured, tmp_path, model):
    (coloured / "broken.jpg").write_text("text")
    file, out = tmp_path / "p.nameplate", tmp_path / "o.csv"
    assert run(["project", "new", str(file), str(coloured), *NAMES, "--auto-label", *model]) == 1
    assert run(["export", str(file), "--out", str(out), *model]) == 1
    assert b'broken.jpg,,,,,,,,,,unlabelled,"not a picture, but' in out.read_bytes()


def test_an_export_replaces_no_picture_of_the_project(labelled, coloured, model, capsys):
    picture = coloured / "red" / "tall.jpg"
    before = picture.read_bytes()
    command = ["export", str(labelled), "--out", str(picture), *model, "--overwrite"]
    assert run(command) == 2
    assert picture.read_bytes() == before
    assert run(["export", str(labelled), "--out", str(labelled), *model, "--overwrite"]) == 2
    assert run(["project", "check", str(labelled)]) == 0


def test_a_project_that_is_there_is_not_replaced(labelled, coloured, capsys):
    before = labelled.read_bytes()
    assert run(["project", "new", str(labelled), str(coloured)]) == 2
    assert "already exists" in capsys.readouterr().err
    assert labelled.read_bytes() == before


def test_a_whole_project_is_said_to_be_whole_and_a_damaged_one_is_not(labelled, capsys):
    assert run(["project", "check", str(labelled)]) == 0
    assert "6 images, all is well" in capsys.readouterr().out
    db = sqlite3.connect(labelled, isolation_level=None)
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("DELETE FROM images WHERE id = 3")
    db.close()
    assert run(["project", "check", str(labelled)]) == 2
    assert "damaged" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["info", "check"])
def test_another_file_is_no_project(coloured, capsys, command):
    assert run(["project", command, str(coloured / "red" / "tall.jpg")]) == 2
    assert "not a Nameplate project" in capsys.readouterr().err


def test_to_label_there_must_be_a_name(coloured, tmp_path, capsys):
    file = tmp_path / "p.nameplate"
    assert run(["project", "new", str(file), str(coloured), "--auto-label"]) == 2
    assert "no names to label with" in capsys.readouterr().err
    assert not file.exists()


def test_a_project_without_names_is_exported_without_labels(tmp_path, model):
    picture, file, out = tmp_path / "1.png", tmp_path / "p.nameplate", tmp_path / "o.csv"
    Image.new("RGB", (8, 8)).save(picture)
    assert run(["project", "new", str(file), str(picture)]) == 0
    assert run(["export", str(file), "--out", str(out), *model]) == 0
    assert out.read_text().splitlines()[1].startswith("1.png,,,,,,,,,,unlabelled,")


def test_numbers_in_an_export_are_learned_from_the_decisions_as_in_the_window(
    tmp_path, model, capsys
):
    random, folder = np.random.default_rng(5), tmp_path / "pictures"
    folder.mkdir()
    for name, count in (("grey", 40), ("red", 30)):
        for number in range(count):
            colour = np.array(COLOURS[name]) + random.integers(-8, 9, (4, 4, 3))
            pixels = np.clip(colour, 0, 255).astype(np.uint8)
            Image.fromarray(pixels).resize((32, 32)).save(folder / f"{name}{number:02}.png")
    file, decided, out = tmp_path / "p.nameplate", tmp_path / "decided.csv", tmp_path / "out.csv"
    names = ["--concept", "red", "--concept", "black", "--concept", "green"]
    assert run(["project", "new", str(file), str(folder), *names, *model]) == 0
    export = ["export", str(file), "--out", str(out), "--scores", "all", *model, "--overwrite"]

    def black() -> list[float]:
        assert run(export) == 0
        rows = csv.DictReader(out.read_text(encoding="utf-8").splitlines())
        return [float(row["p:black"]) for row in rows if row["path"] > "grey20"][:20]

    assert max(black()) < 0.5
    known = [f"grey{n:02}.png,black" for n in range(20)] + [f"red{n:02}.png,red" for n in range(20)]
    decided.write_text("\n".join(["path,label", *known]), encoding="utf-8")
    decided = decided.rename(folder / "decided.csv")
    assert run(["import", str(decided), "--into", str(file), "--checked"]) == 0
    capsys.readouterr()
    assert min(black()) > 0.5
    assert "suggested from names + your 40 decisions" in capsys.readouterr().err
    assert facts(file, capsys)["learns"]
