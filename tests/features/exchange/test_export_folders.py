"""`nameplate export` into folders: moving pictures, putting them back, what is said."""

import json

import pytest

from nameplate.cli.main import run
from nameplate.cli.project_files import opened
from nameplate.project.file.autosave import ProjectFile

NAMES = ["--concept", "red", "--concept", "green"]


@pytest.fixture
def project(coloured, tmp_path):
    """A project of six pictures, labelled by their folders."""
    file, table = tmp_path / "p.nameplate", tmp_path / "t.csv"
    rows = [f"{name}/{file_name},{name}" for name in ("red", "green", "blue")
            for file_name in ("wide.png", "tall.jpg")]  # fmt: skip
    table.write_text("\n".join(["path,label", *rows]))
    assert run(["project", "new", str(file), str(coloured), *NAMES]) == 0
    assert run(["import", str(table), "--into", str(file), "--checked"]) == 0
    return file


def pictures(folder):
    files = (*folder.rglob("*.png"), *folder.rglob("*.jpg"))
    return sorted(path.relative_to(folder).as_posix() for path in files)


def export(project, out, *more, code=0):
    words = ["export", str(project), "--format", "folders", "--no-scores", "--out", str(out)]
    assert run([*words, *more]) == code


def test_pictures_are_moved_the_project_follows_and_an_undo_brings_them_back(
    project, coloured, tmp_path
):
    before = pictures(coloured)
    export(project, tmp_path / "out", "--files", "move")
    assert pictures(coloured) == []
    moved = opened(project)
    assert all(path.is_file() for path in moved.images.paths)
    assert {path.parent.name for path in moved.images.paths} == {"red", "green", "blue"}
    log = tmp_path / "out" / "nameplate-moves.jsonl"
    assert run(["export", str(project), "--undo", str(log)]) == 0
    assert pictures(coloured) == before
    assert {path.parents[1] for path in opened(project).images.paths} == {coloured}
    assert not (tmp_path / "out").exists()


def test_pictures_go_back_where_the_project_cannot_be_written_after_they_moved(
    project, coloured, tmp_path, capsys, monkeypatch
):
    before = pictures(coloured)
    close = ProjectFile.close
    monkeypatch.setattr(ProjectFile, "close", lambda file, timeout: close(file, timeout) and False)
    export(project, tmp_path / "out", "--files", "move", code=2)
    said = capsys.readouterr()
    assert "6 pictures put back" in said.out
    assert "could not be written" in said.err
    assert pictures(coloured) == before
    assert not (tmp_path / "out").exists()


def test_a_split_is_the_same_again(project, tmp_path):
    for name in ("one", "two"):
        export(project, tmp_path / name, "--split", "0.5,0.5", "--seed", "3")
    assert pictures(tmp_path / "one") == pictures(tmp_path / "two")
    assert {name.split("/")[0] for name in pictures(tmp_path / "one")} == {"train", "val"}


def test_a_picture_that_vanished_is_listed_and_the_exit_code_says_so(
    project, coloured, tmp_path, capsys
):
    (coloured / "red" / "wide.png").unlink()
    export(project, tmp_path / "out", code=1)
    assert f"{coloured / 'red' / 'wide.png'}: file not found" in capsys.readouterr().err
    assert len(pictures(tmp_path / "out")) == 5


def test_what_could_not_be_put_back_is_listed(project, coloured, tmp_path, capsys):
    export(project, tmp_path / "out", "--files", "move")
    (coloured / "red" / "wide.png").write_bytes(b"another")
    log = tmp_path / "out" / "nameplate-moves.jsonl"
    assert run(["export", str(project), "--undo", str(log)]) == 1
    said = capsys.readouterr()
    assert "5 pictures put back" in said.out
    assert "another file is there" in said.err
    assert all(path.is_file() for path in opened(project).images.paths)


def test_labels_come_back_from_the_folders(project, tmp_path, capsys):
    export(project, tmp_path / "out", "--split", "0.6,0.2,0.2")
    capsys.readouterr()
    assert run(["import", str(tmp_path / "out"), "--into", str(project), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["format"], found["matched"], found["same"]) == ("folders", 6, 6)


def test_stacks_without_a_model_are_those_of_equal_files_and_that_is_said(
    project, tmp_path, capsys
):
    out = tmp_path / "labels.csv"
    assert run(["export", str(project), "--stacks", "--no-scores", "--out", str(out)]) == 0
    assert out.read_text().splitlines()[0].endswith(",stack")
    assert "identical files only" in capsys.readouterr().err


def test_folders_hold_the_best_names_unless_labels_alone_are_asked_for(
    coloured, tiny_model, tmp_path, capsys
):
    file, model = tmp_path / "p.nameplate", ["--model", str(tiny_model)]
    assert run(["project", "new", str(file), str(coloured), *NAMES]) == 0
    words = ["export", str(file), "--format", "folders"]
    assert run([*words, "--out", str(tmp_path / "best"), *model]) == 0
    said = capsys.readouterr()
    assert "best: 6 images" in said.out
    assert "6 names are only suggestions" in said.err
    assert {name.split("/")[0] for name in pictures(tmp_path / "best")} == {"red", "green"}
    assert run([*words, "--which", "labels", "--out", str(tmp_path / "labels"), *model]) == 0
    assert pictures(tmp_path / "labels") == []
    assert run([*words, "--which", "best", "--no-scores", "--out", str(tmp_path / "x")]) == 2
    assert "--best needs scores. Leave out one of the two" in capsys.readouterr().err


def test_sidecars_are_taken_back_by_the_log_that_the_export_names(
    project, coloured, tmp_path, capsys
):
    words = ["export", str(project), "--format", "xmp", "--no-scores", "--out", "beside", "--json"]
    assert run(words) == 0
    assert len(list(coloured.rglob("*.xmp"))) == 6
    out = capsys.readouterr().out
    log = json.loads(out[out.index("{") :])["undo"]
    assert run(["export", "--undo", log]) == 0
    assert "6 sidecars taken back" in capsys.readouterr().out
    assert not list(coloured.rglob("*.xmp"))
