"""The CSV for ExifTool, and the command that applies it."""

import json
import os
import shlex
from pathlib import Path

import pytest

from exchange_help import JPEG, deliver, project_of
from nameplate.cli.main import run
from nameplate.formats.exported_image import Which
from nameplate.wording.texts import what_of

pytestmark = pytest.mark.skipif(os.name == "nt", reason="paths and words of POSIX")


def made(folder, *names):
    """Make pictures of these names in a folder."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(JPEG + name.encode())
    return [folder / name for name in names]


def words(report):
    """Return the words of a report's command, as a shell splits it."""
    return shlex.split(report.command)


def test_a_row_has_the_whole_path_and_all_names(tmp_path):
    one, other, none = made(tmp_path / "p", "b/=1.jpg", "a, b.png", "none.jpg")
    project = project_of({one: ["cat", 'the "dog"'], other: ["=1+1"], none: []})
    out = tmp_path / "labels.csv"
    report = deliver(project, "exiftool", out)
    assert report.images == 3
    assert out.read_bytes().decode() == (
        f'SourceFile,XMP-dc:Subject\r\n"{other}",=1+1\r\n{one},"cat; the ""dog"""\r\n{none},\r\n'
    )


@pytest.mark.parametrize(("which", "rows"), [(Which.LABELS, 1), (Which.DECIDED, 0)])
def test_which_names_are_written_can_be_chosen(tmp_path, which, rows):
    one, other = made(tmp_path / "p", "1.jpg", "2.jpg")
    project = project_of({one: ["cat"], other: []}, by_person=False)
    deliver(project, "exiftool", tmp_path / "labels.csv", which=which)
    assert len((tmp_path / "labels.csv").read_text().splitlines()) == 1 + rows


def test_the_command_can_be_pasted_whatever_folders_are_called(tmp_path):
    folder = tmp_path / 'Anna\'s $HOME; `ls` "x"'
    one, other = made(folder, "b/1.jpg", "c/2.jpg")
    report = deliver(project_of({one: ["cat"], other: ["dog"]}), "exiftool", tmp_path / "a b.csv")
    table = f"-csv+={tmp_path / 'a b.csv'}"
    assert words(report) == ["exiftool", table, "-sep", "; ", "-r", str(folder)]


def test_the_command_is_the_plain_one_for_plain_paths(tmp_path):
    (one,) = made(tmp_path / "p", "1.jpg")
    command = deliver(project_of({one: ["cat"]}), "exiftool", tmp_path / "a.csv").command
    assert command == f'exiftool -csv+={tmp_path}/a.csv -sep "; " -r {tmp_path}/p'


@pytest.mark.parametrize(
    ("files", "folders"),
    [
        (["/home/a/x/1.jpg", "/home/a/y/z/2.jpg"], ["/home/a"]),
        (["/home/a/1.jpg", "/media/stick/in/2.jpg"], ["/home/a", "/media/stick/in"]),
        (["/1.jpg", "/media/stick/2.jpg"], ["/"]),
    ],
)
def test_the_command_names_the_folders_of_the_pictures_each_once(tmp_path, files, folders):
    project = project_of({Path(file): ["cat"] for file in files}, reads_contents=False)
    assert words(deliver(project, "exiftool", tmp_path / "a.csv"))[5:] == folders


def test_without_a_picture_or_a_file_there_is_no_command(tmp_path, capsys):
    assert not deliver(project_of({}), "exiftool", tmp_path / "a.csv").command
    (one,) = made(tmp_path / "p", "1.jpg")
    assert not deliver(project_of({one: ["cat"]}), "exiftool", Path("-")).command
    assert capsys.readouterr().out.startswith("SourceFile,")


def test_a_semicolon_in_a_name_becomes_a_comma_and_that_is_said(tmp_path):
    one, other = made(tmp_path / "p", "1.jpg", "2.jpg")
    project = project_of({one: ["cat; dog", "a;b"], other: ["a;b"]})
    report = deliver(project, "exiftool", tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text().splitlines()[1].endswith(',"cat, dog; a,b"')
    assert [what_of(note) for note in report.notes] == [
        "2 names have semicolons, written as commas: ExifTool would split them"
    ]


def test_a_path_that_is_no_text_stands_there_byte_for_byte(tmp_path):
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/p/caf\xe9.jpg"))
    file.parent.mkdir()
    file.write_bytes(JPEG)
    deliver(project_of({file: ["cat"]}), "exiftool", tmp_path / "a.csv")
    assert os.fsencode(file) + b",cat\r\n" in (tmp_path / "a.csv").read_bytes()
    none = project_of({Path("/\ud800.jpg"): ["cat"]}, reads_contents=False)
    assert deliver(none, "exiftool", tmp_path / "b.csv").images == 1


def test_the_command_line_says_the_command(coloured, tmp_path, capsys):
    file, table = tmp_path / "p.nameplate", tmp_path / "t.csv"
    table.write_text("path,label\nred/wide.png,red\n")
    assert run(["project", "new", str(file), str(coloured), "--concept", "red"]) == 0
    assert run(["import", str(table), "--into", str(file), "--checked"]) == 0
    capsys.readouterr()
    asked = ["export", str(file), "--format", "exiftool", "--decided", "--no-scores"]
    assert run([*asked, "--out", str(tmp_path / "a.csv")]) == 0
    command = f'exiftool -csv+={tmp_path}/a.csv -sep "; " -r {coloured}/red'
    assert f"To write them into the pictures, once: {command}" in capsys.readouterr().out
    assert run([*asked, "--out", str(tmp_path / "b.csv"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["command"] == command.replace("a.csv", "b.csv")
