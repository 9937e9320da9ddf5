"""Files that version 1.0.0 wrote: a certified project, a run folder, a saved classifier."""

import csv
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from grey_pictures import draw_colours, draw_greys
from nameplate.cli.main import run
from nameplate.domain.changes import SetFact, Title
from nameplate.domain.filtering.typed import line_of
from nameplate.project.facts import VIEWS
from nameplate.project.file.autosave import ProjectFile
from tiny_model import build_tiny_model

WRITTEN = Path(__file__).parent / "of_1_0_0"
CHANGED = ("views", "next step")
SAME = ("path", "label", "decided_by", "state")
PLACE = "/nameplate-1.0.0"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """The files and their pictures, together in another folder than they were made in."""
    place = shutil.copytree(WRITTEN, tmp_path / "place")
    draw_colours(place / "colours", 10, frozenset({("red", 3), ("blue", 7)}))
    draw_greys(place / "greys")
    manifest = place / "run" / "manifest.json"
    manifest.write_text(
        manifest.read_text(encoding="utf-8").replace(PLACE, place.as_posix()), encoding="utf-8"
    )
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def certified(place):
    file = ProjectFile.open(place / "certified.nameplate")
    yield file
    file.close()


def state_of(project):
    labels = project.labels
    rows = range(len(project.images))
    sources = labels.all[["decided_by", "state", "decided_at"]].tolist()
    return [labels.members(row) for row in rows], sources, project.concepts, project.views


def columns_of(table, columns=SAME):
    with table.open(encoding="utf-8", newline="") as stream:
        return [[row[name] for name in columns] for row in csv.DictReader(stream)]


def facts_in(project):
    with closing(sqlite3.connect(project)) as db:
        facts = db.execute("SELECT name, value FROM facts")
        values = {name: json.dumps(json.loads(value)) for name, value in facts}
        return values, db.execute("SELECT * FROM image_facts").fetchall()


def test_all_steps_are_undone_and_redone(certified):
    project = certified.project
    before, steps = state_of(project), len(project.history.done)
    assert (steps, len(project.history.undone)) == (10, 1)
    while project.history.done:
        project.undo()
    assert not any(project.labels.members(row) for row in range(len(project.images)))
    for _ in range(steps):
        project.redo()
    assert state_of(project) == before
    project.redo()
    assert [view.name for view in project.views] == ["mistakes", "misfits", "undone"]


def test_saved_views_still_ask_for_doubtful_labels(certified):
    lines = [line_of(view.view.filter) for view in certified.project.views]
    assert lines == ["odd:mistake folder:green", "is:undecided odd:misfit"]


def test_facts_stay_as_they_were_whoever_still_knows_them(place):
    path = place / "certified.nameplate"
    before, of_images = facts_in(path)
    assert {"promise", "checks", "tries", "given"} <= {*before}
    file = ProjectFile.open(path)
    view = file.project.views[0]
    file.project.apply(SetFact(VIEWS, (view,)), Title("label", {"name": "test"}))
    assert file.close()
    after, of_images_after = facts_in(path)
    assert json.loads(after["views"]) != json.loads(before["views"])
    assert of_images_after == of_images
    assert {**after, **dict.fromkeys(CHANGED)} == {**before, **dict.fromkeys(CHANGED)}


def test_a_project_is_exported_equally(place):
    assert run(["export", "certified.nameplate", "--no-scores", "--out", "again.csv"]) == 0
    assert columns_of(place / "again.csv") == columns_of(place / "certified.csv")


@pytest.mark.parametrize("lost", ["embeddings/00001.parquet", "labels/00000.parquet"])
def test_a_run_folder_goes_on_where_it_was(lost, place, tmp_path):
    model = build_tiny_model(tmp_path / "tiny")
    (place / "run" / lost).unlink()
    names = ["--concept", "red", "--concept", "black", "--concept", "green"]
    command = ["label", "greys", "--out", "run", "--shard-size", "40", "--model", str(model)]
    assert run([*command, *names, "--no-cache"]) == 0
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = parquet.read_table(place / "run" / "labels").to_pylist()
    found = sorted([Path(row["path"]).as_posix(), row["label"]] for row in rows)
    assert found == sorted(columns_of(place / "run.csv", ("path", "label")))


def test_a_saved_classifier_labels_equally(place):
    command = ["label", "greys", "--classifier", "classifier", "--csv", "again.csv"]
    assert run([*command, "--scores", "all", "--no-cache"]) == 0
    names = ("path", "label")
    assert columns_of(place / "again.csv", names) == columns_of(place / "classifier.csv", names)
    scores = [f"p:{name}" for name in ("red", "black", "green")]
    found, before = (
        np.array(columns_of(place / table, scores), float)
        for table in ("again.csv", "classifier.csv")
    )
    assert np.abs(found - before).max() < 1e-3


def test_a_taught_project_suggests_equally(place, tmp_path):
    model = build_tiny_model(tmp_path / "tiny")
    command = ["export", "taught.nameplate", "--out", "again.csv", "--model", str(model)]
    assert run(command) == 0
    labels = dict(columns_of(place / "again.csv", ("path", "best")))
    expected = dict(columns_of(place / "classifier.csv", ("path", "label")))
    assert labels == expected
