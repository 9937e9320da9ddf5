"""`nameplate project merge`."""

import json
import shutil

import numpy as np
import pytest

from nameplate.cli.main import run
from nameplate.domain.changes import SetConcepts, SetLabels, Settings, Title
from nameplate.domain.concepts import add_all
from nameplate.domain.labels import DecidedBy, ReviewState, labels_of
from nameplate.project.file import store
from nameplate.project.project import Project

TEST = Title("label", {"name": "test"})


def made(file, folder, names, labels):
    """Write a project of the pictures in a folder, with the decisions `labels` by file name."""
    project = Project(Settings())
    project.apply(SetConcepts(add_all((), names)[0]), TEST)
    project.add_images(project.to_add(sorted(folder.rglob("*.*"))))
    for at, (name, concept) in enumerate(labels.items(), 1):
        row = next(
            r for r, path in enumerate(project.images.paths) if path.as_posix().endswith(name)
        )
        code = project.labels.sets.code_of([names.index(concept)])
        label = labels_of(
            np.array([code], np.int32), DecidedBy.PERSON, ReviewState.CORRECTED, decided_at=at
        )
        project.apply(SetLabels(project.images.ids[[row]], label), TEST)
    store.close(store.create(file, project))
    return file


@pytest.fixture
def two(coloured, tmp_path):
    """Two projects of the same six pictures in folders of their own, and the pictures' names."""
    copy = tmp_path / "elsewhere"
    shutil.copytree(coloured, copy)
    names = [f"{p.parent.name}/{p.name}" for p in sorted(coloured.rglob("*.*"))]
    one = dict(zip(names[:4], ["blue", "blue", "green", "red"], strict=True))
    other = dict(zip(names[:5], ["blue", "green", "green", "red", "pink"], strict=True))
    mine = made(tmp_path / "ann.nameplate", coloured, ["red", "green", "blue"], one)
    theirs = made(tmp_path / "bob.nameplate", copy, ["blue", "green", "red", "pink"], other)
    return mine, theirs, names


def test_merge_writes_a_third_project_and_changes_neither_of_the_two(two, tmp_path, capsys):
    mine, theirs, _ = two
    before = mine.read_bytes(), theirs.read_bytes()
    out = tmp_path / "both.nameplate"
    assert run(["project", "merge", str(mine), str(theirs), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "1 decision taken over, 1 name added" in said
    assert "1 decided differently: 1 as in A, 0 as in B, 0 undecided" in said
    assert (mine.read_bytes(), theirs.read_bytes()) == before
    assert run(["project", "info", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["labels"] == {
        "red": 1, "green": 1, "blue": 2, "pink": 1,
    }  # fmt: skip
    assert run(["project", "check", str(out)]) == 0


def test_merge_asks_whose_decision_stays(two, tmp_path, capsys):
    mine, theirs, _ = two
    found = {}
    for rule in ("mine", "theirs", "newest", "none"):
        out = tmp_path / f"{rule}.nameplate"
        command = ["project", "merge", str(mine), str(theirs), "--out", str(out)]
        assert run([*command, "--conflicts", rule]) == 0
        capsys.readouterr()
        run(["project", "info", str(out), "--json"])
        found[rule] = json.loads(capsys.readouterr().out)["labels"]["blue"]
    assert found == {"mine": 2, "theirs": 1, "newest": 2, "none": 1}  # both at the same moment


def test_a_merge_never_replaces_a_file(two, capsys):
    mine, theirs, _ = two
    before = theirs.read_bytes()
    assert run(["project", "merge", str(mine), str(theirs), "--out", str(theirs)]) == 2
    assert "already exists" in capsys.readouterr().err
    assert theirs.read_bytes() == before


def test_what_is_no_project_is_refused(two, coloured, capsys):
    mine, _, _ = two
    picture = next(coloured.rglob("*.*"))
    out = ["--out", str(coloured.parent / "c.nameplate")]
    assert run(["project", "merge", str(mine), str(picture), *out]) == 2
    assert "not a Nameplate project" in capsys.readouterr().err
