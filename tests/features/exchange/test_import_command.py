"""`nameplate import`, and that what `nameplate export` writes comes back."""

import csv
import json
import shutil
from pathlib import Path

import pytest

from nameplate.cli.main import run
from nameplate.cli.project_files import opened
from nameplate.domain.labels import DecidedBy, ReviewState

NAMES = ["--concept", "red", "--concept", "green", "--concept", "blue"]


@pytest.fixture
def project(coloured, tmp_path):
    """A project of six pictures with three names and no labels."""
    file = tmp_path / "p.nameplate"
    assert run(["project", "new", str(file), str(coloured), *NAMES]) == 0
    return file


def labels_of(file):
    """Return label, who decided and state of each picture, by the end of its path."""
    project = opened(file)
    names = {concept.key: concept.name for concept in project.concepts}
    return {
        "/".join(path.parts[-2:]): (
            tuple(names[key] for key in project.labels.members(row)),
            DecidedBy(project.labels.decided_by[row]).name.lower(),
            ReviewState(project.labels.states[row]).name.lower(),
        )
        for row, path in enumerate(project.images.paths)
    }


def take(file, source, *more, code=0):
    assert run(["import", str(source), "--into", str(file), *more]) == code


def table(tmp_path, *rows, name="t.csv", **form):
    file = tmp_path / name
    with file.open("w", newline="", encoding=form.pop("encoding", "utf-8")) as stream:
        csv.writer(stream, **form).writerows(rows)
    return file


def test_a_table_gives_labels_that_nobody_has_checked(project, tmp_path):
    take(project, table(tmp_path, ("file", "class"), ("red/wide.png", "red")))
    assert labels_of(project)["red/wide.png"] == (("red",), "given", "suggested")
    info = opened(project)
    assert info.history.done[-1].title.parameters == {"count": 1}
    info.undo()
    assert not info.labels.has_label.any()


def test_labels_that_somebody_checked_elsewhere_can_count_as_decisions(project, tmp_path):
    take(project, table(tmp_path, ("path", "label"), ("red/wide.png", "red")), "--checked")
    assert labels_of(project)["red/wide.png"] == (("red",), "person", "corrected")


def test_what_was_given_is_delivered_beside_what_a_person_made_of_it(project, tmp_path):
    rows = ("red/wide.png", "blue"), ("green/wide.png", "green")
    take(project, table(tmp_path, ("path", "label"), *rows))
    take(project, table(tmp_path, ("path", "label"), ("red/wide.png", "red")), "--checked")
    out = tmp_path / "o.csv"
    command = ["export", str(project), "--no-scores", "--with-given", "--model", "none"]
    assert run([*command, "--out", str(out)]) == 0
    with out.open(encoding="utf-8", newline="") as stream:
        found = {row["path"]: row for row in csv.DictReader(stream)}
    cells = ("label", "decided_by", "given")
    assert [found["red/wide.png"][cell] for cell in cells] == ["red", "person", "blue"]
    assert [found["green/wide.png"][cell] for cell in cells] == ["green", "given", "green"]
    assert found["blue/wide.png"]["given"] == ""


def test_what_a_person_decided_stays_unless_asked(project, tmp_path, capsys):
    take(project, table(tmp_path, ("path", "label"), ("red/wide.png", "red")), "--checked")
    other = table(tmp_path, ("path", "label"), ("red/wide.png", "blue"))
    take(project, other)
    assert "1 were decided in the project and stay" in capsys.readouterr().out
    assert labels_of(project)["red/wide.png"][0] == ("red",)
    take(project, other, "--replace")
    assert labels_of(project)["red/wide.png"][0] == ("blue",)


def test_what_a_file_says_cannot_command_a_terminal(project, tmp_path, capsys):
    rows = ("path\x1b]0;x\x07", "label"), ("red/wide.png", "left\u202eright")
    take(project, table(tmp_path, *rows), "--path-column", "1")
    out = capsys.readouterr().out
    assert "path\\x1b]0;x\\x07" in out
    assert "left\\u202eright" in out
    assert not set(out) & {"\x1b", "\x07", "\u202e"}


def test_a_dry_run_says_all_and_changes_nothing(project, tmp_path, capsys):
    before = project.read_bytes()
    rows = ("path", "label"), ("red/wide.png", "mauve"), ("no.png", "red"), ("blue/wide.png", "")
    take(project, table(tmp_path, *rows), "--dry-run", "--json", code=1)
    found = json.loads(capsys.readouterr().out)
    assert (found["rows"], found["matched"], found["changed"]) == (3, 1, 1)
    assert (found["unknown_images"], found["without_label"]) == (1, 1)
    assert found["new_names"] == ["mauve"]
    assert [(one["row"], one["code"]) for one in found["listed"]] == [(3, "import-unknown-image")]
    assert project.read_bytes() == before


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ({"delimiter": ";", "encoding": "cp1252"}, []),
        ({"delimiter": "\t", "encoding": "utf-16"}, []),
        ({"delimiter": "|"}, []),
        ({"delimiter": ","}, ["--label-column", "3", "--path-column", "BILD"]),
        ({"delimiter": "x"}, ["--delimiter", "x"]),
        ({"encoding": "cp437"}, ["--encoding", "cp437"]),
    ],
)
def test_delimiter_encoding_and_columns_are_guessed_or_given(project, tmp_path, form, options):
    if "--label-column" in options:
        rows = ("note", "bild", "art"), ("a.jpg", "red/wide.png", "grün")
    else:
        rows = ("id", "path", "label"), ("1", "red/wide.png", "grün"), ("2", "blue/wide.png", "rot")
    rows = [tuple(cell.replace("x", "X") for cell in row) for row in rows]
    take(project, table(tmp_path, *rows, **form), *options)
    assert labels_of(project)["red/wide.png"][0] == ("grün",)


def test_a_table_without_a_header_is_read_by_what_is_in_it(project, tmp_path):
    take(project, table(tmp_path, ("red", "red/wide.png"), ("red", "red/tall.jpg")))
    assert labels_of(project)["red/tall.jpg"][0] == ("red",)


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        (b"", [], "not a readable table"),
        (b"\x00\x01\x02" * 100, [], "not a readable table"),
        (b"a,b\n1,2\n", [], "unclear column: paths"),
        (b"path,x,y\na.jpg,2,3\n", [], "unclear column: labels"),
        (b"path,label\na.jpg,x\n", ["--label-column", "no"], "unclear column: labels"),
        (b"path,label\na.jpg,x\n", ["--encoding", "no"], "isn't a text encoding"),
        (b"path,label\na.jpg,x\nb.jpg,\xff\n", ["--encoding", "utf-8"], "not all utf-8"),
    ],
)
def test_what_is_no_such_table_is_refused(project, tmp_path, capsys, content, options, words):
    file = tmp_path / "t.csv"
    file.write_bytes(content)
    take(project, file, *options, code=2)
    assert words in capsys.readouterr().err


def test_conflicts_long_names_and_short_rows_are_reported_by_row(project, tmp_path, capsys):
    rows = (
        ("path", "label"),
        ("red/wide.png", "red"),
        ("red/wide.png", "blue"),
        ("red/tall.jpg", "x" * 300),
        ("blue/wide.png",),
        ("blue/wide.png", "blue"),
        ("blue/wide.png", "blue"),
    )
    take(project, table(tmp_path, *rows), code=1)
    said = capsys.readouterr().err
    assert "row 3: red/wide.png: contradicts the label in row 2" in said
    assert "row 4: red/tall.jpg: “xxxxxxxxxxxxxxxxxxxxxxxx…” has 300 letters" in said
    assert "row 5: too few columns (1)" in said
    assert {k: v[0] for k, v in labels_of(project).items() if v[0]} == {"blue/wide.png": ("blue",)}


def test_our_csv_comes_back_from_another_folder_with_who_decided(
    project, coloured, tmp_path, tiny_model
):
    model = ["--model", str(tiny_model)]
    auto = tmp_path / "auto.nameplate"
    assert run(["project", "new", str(auto), str(coloured), *NAMES, "--auto-label", *model]) == 0
    take(auto, table(tmp_path, ("path", "label"), ("red/wide.png", "a | b")), "--checked")
    assert run(["export", str(auto), "--out", str(tmp_path / "o.csv"), *model]) == 0
    elsewhere = tmp_path / "elsewhere" / "pictures"
    shutil.copytree(coloured, elsewhere)
    other = tmp_path / "other.nameplate"
    assert run(["project", "new", str(other), str(elsewhere)]) == 0
    take(other, tmp_path / "o.csv")
    assert labels_of(other) == labels_of(auto)
    assert labels_of(other)["red/wide.png"] == (("a | b",), "person", "corrected")


def test_an_option_that_a_format_has_no_use_for_is_refused(project, tmp_path, capsys):
    command = ["export", str(project), "--out", str(tmp_path / "o.csv"), "--unlabelled"]
    assert run(command) == 2
    assert "csv doesn't use --unlabelled" in capsys.readouterr().err


def test_formats_are_listed_with_their_options(capsys):
    assert run(["export", "--formats"]) == 0
    assert "--byte-order-mark" in capsys.readouterr().out
    assert run(["export", "--formats", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["id"] == "csv"


def test_without_scores_no_model_is_asked(project, tmp_path):
    take(project, table(tmp_path, ("path", "label"), ("red/wide.png", "red")), "--checked")
    out = tmp_path / "o.csv"
    command = ["export", str(project), "--no-scores", "--decided", "--byte-order-mark"]
    assert run([*command, "--absolute-paths", "--out", str(out), "--model", "none"]) == 0
    _, second = out.read_text(encoding="utf-8-sig").splitlines()
    assert out.read_bytes().startswith(b"\xef\xbb\xbfpath,label")
    assert Path(second.split(",")[0]).is_absolute()
    assert second.endswith("/red/wide.png,red,,,,,,person,corrected,,,")


def test_an_imagefolder_on_its_own_and_class_folders_are_matched_by_content(
    project, coloured, tmp_path, tiny_model, capsys
):
    take(
        project, table(tmp_path, ("path", "label"), ("red/wide.png", "red"), ("blue/tall.jpg", "b"))
    )
    classes = tmp_path / "classes"
    for name in ("one", "two"):
        (classes / name).mkdir(parents=True)
    shutil.copy(coloured / "red" / "wide.png", classes / "one" / "x.png")
    shutil.copy(coloured / "green" / "wide.png", classes / "two" / "y.png")
    other = tmp_path / "other.nameplate"
    assert run(["project", "new", str(other), str(coloured)]) == 0
    capsys.readouterr()
    take(other, classes)
    assert "2 of them known by their content" in capsys.readouterr().out
    assert labels_of(other)["red/wide.png"][0] == ("one",)
    assert labels_of(other)["green/wide.png"][0] == ("two",)
    out = tmp_path / "set"
    assert (
        run(["export", str(other), "--format", "imagefolder", "--no-scores", "--out", str(out)])
        == 0
    )
    take(project, out, "--replace")
    assert labels_of(project)["red/wide.png"][0] == ("one",)
    assert (
        run(["export", str(other), "--format", "imagefolder", "--no-scores", "--out", str(out)])
        == 2
    )


def test_sidecars_beside_the_pictures_come_back(project, coloured, tmp_path):
    take(project, table(tmp_path, ("path", "label"), ("red/wide.png", "a | b")), "--checked")
    assert run(["export", str(project), "--format", "xmp", "--out", "beside"]) == 0
    assert (coloured / "red" / "wide.png.xmp").exists()
    other = tmp_path / "other.nameplate"
    assert run(["project", "new", str(other), str(coloured)]) == 0
    take(other, coloured, "--format", "xmp")
    assert labels_of(other)["red/wide.png"] == (("a | b",), "person", "corrected")


def test_a_project_that_is_open_elsewhere_is_not_changed(project, tmp_path, capsys):
    from nameplate.project.file.autosave import ProjectFile

    file = ProjectFile.open(project)
    try:
        take(project, table(tmp_path, ("path", "label"), ("red/wide.png", "red")), code=2)
    finally:
        file.close()
    assert "open in another" in capsys.readouterr().err
    assert labels_of(project)["red/wide.png"][0] == ()
