"""`nameplate export` into folders, and taking sidecars back: what is written and said."""

import json

import pytest

from nameplate.cli.main import run

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


def test_a_picture_that_vanished_is_listed_and_the_exit_code_says_so(
    project, coloured, tmp_path, capsys
):
    (coloured / "red" / "wide.png").unlink()
    export(project, tmp_path / "out", code=1)
    assert f"{coloured / 'red' / 'wide.png'}: file not found" in capsys.readouterr().err
    assert len(pictures(tmp_path / "out")) == 5


def test_labels_come_back_from_the_folders(project, tmp_path, capsys):
    export(project, tmp_path / "out")
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


def test_a_log_of_moved_pictures_is_refused_with_how_to_move_them_back(tmp_path, capsys):
    log = tmp_path / "nameplate-moves.jsonl"
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "1.jpg").write_bytes(b"1")
    line = {"from": str(tmp_path / "old" / "1.jpg"), "to": "cat/1.jpg"}
    log.write_text(json.dumps(line) + "\n")  # as 1.0.0 wrote it
    assert run(["export", "--undo", str(log)]) == 2
    said = capsys.readouterr().err
    assert f"{log}: lists pictures that Nameplate 1.0.0 moved" in said
    assert "move each file from its “to” in this folder to its “from”" in said
    assert (tmp_path / "cat" / "1.jpg").is_file()
    assert not (tmp_path / "old").exists()


def test_a_log_of_others_is_refused(tmp_path, capsys):
    log = tmp_path / "log.jsonl"
    for content in ('["/a.jpg", "b.jpg"]', '{"from": 1, "to": "x.jpg"}', "{", "[" * 50_000):
        log.write_text(content + "\n")
        assert run(["export", "--undo", str(log)]) == 2
        assert "not the log of exported sidecars (line 1)" in capsys.readouterr().err
    assert run(["export", "--undo", str(tmp_path / "none")]) == 2
    assert "file not found" in capsys.readouterr().err
