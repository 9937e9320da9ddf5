"""A sample of a run becomes a project, with the names and rules of the run."""

import shutil
from contextlib import closing
from dataclasses import replace

import pytest

from features.runs.run_help import rows
from nameplate.cli.main import run
from nameplate.domain.changes import SetConcepts, Title
from nameplate.features.runs.shards import embeddings_file, read_manifest, read_shard, write_shard
from nameplate.project.file import store

pytest.importorskip("pyarrow")

NAMES = ("--concept", "red | crimson", "--concept", "green", "--concept", "blue")


@pytest.fixture
def folder(coloured, label, out):
    """What a run made of six pictures, two a shard."""
    assert label(coloured, "--templates", "simple", names=NAMES) == 0
    return out


@pytest.fixture
def new(folder, tmp_path, capsys):
    """Make a project of a sample; return it, or what was said instead."""

    def call(*options, file="p.nameplate", shards=folder):
        path = tmp_path / file
        path.unlink(missing_ok=True)
        code = run(["project", "new", str(path), "--from-shards", str(shards), *options])
        said = capsys.readouterr()
        return loaded(path) if code in (0, 1) else said.err

    return call


def loaded(path):
    with closing(store.open_file(path, read_only=True)) as db:
        return store.load(db, path)


def test_a_sample_has_names_and_rules_of_the_run(new, folder, coloured):
    project = new("--sample", "4")
    assert [c.name for c in project.concepts] == ["red", "green", "blue"]
    assert project.concepts[0].synonyms == ("crimson",)
    assert project.settings.template_set.id == "simple"
    assert not project.settings.learns
    assert not project.history.done
    assert len(project.images) == 4
    assert all(path.is_relative_to(coloured) for path in project.images.paths)


def test_none_is_drawn_twice(new):
    assert len(set(new("--sample", "5").images.paths)) == 5
    assert len(set(new().images.paths)) == 6


def test_labels_of_a_sample_are_those_of_the_run(new, folder, tmp_path, tiny_model, coloured):
    project = new("--auto-label", "--model", str(tiny_model))
    known = {row["path"]: row for row in rows(folder, "labels")}
    first = project.labels.sets.first_concepts()
    names = {c.key: c.name for c in project.concepts}
    for row, path in enumerate(project.images.paths):
        of_run = known[path.relative_to(coloured).as_posix()]
        assert names[first[project.labels.concepts[row]]] == of_run["label"]

    shutil.rmtree(folder)  # the run's folder is not needed any more
    csv = tmp_path / "labels.csv"
    made = ["export", str(tmp_path / "p.nameplate"), "--out", str(csv), "--model", str(tiny_model)]
    assert run(made) == 0
    assert len(csv.read_text().splitlines()) == 7


def test_what_the_run_could_not_read_is_unreadable_with_its_reason(
    coloured, tmp_path, tiny_model, capsys
):
    (coloured / "bad.jpg").write_bytes(b"no picture")
    out = tmp_path / "with bad"
    model = ("--model", str(tiny_model))
    assert run(["label", str(coloured), "--out", str(out), *model, *NAMES]) == 1
    path = tmp_path / "bad.nameplate"
    sample = ["project", "new", str(path), "--from-shards", str(out), "--auto-label", *model]
    capsys.readouterr()
    assert run(sample) == 1
    assert f"{coloured / 'bad.jpg'}: not a picture" in capsys.readouterr().err
    project = loaded(path)
    labels = dict(zip(project.images.paths, project.labels.has_label, strict=True))
    assert len(labels) == 7
    assert [path.name for path, is_labelled in labels.items() if not is_labelled] == ["bad.jpg"]


def test_a_file_that_a_run_lists_twice_is_there_once(new, folder):
    manifest = read_manifest(folder)
    shard = read_shard(folder, manifest, 0)
    write_shard(folder, manifest, 0, replace(shard, paths=[shard.paths[0]] * 2))
    assert len(new().images) == 5


def test_a_run_that_goes_on_is_drawn_from_as_far_as_it_is(new, folder):
    embeddings_file(folder, 1).unlink()
    assert len(new().images) == 4


def test_a_folder_of_an_earlier_version_gives_a_sample_without_names(new, folder):
    (folder / "rules.json").unlink()
    assert new().concepts == ()
    named = new("--concept", "cat", "--concept", "dog")
    assert [c.name for c in named.concepts] == ["cat", "dog"]


def test_a_folder_that_cannot_be_drawn_from_is_refused_with_the_reason(new, folder, tmp_path):
    assert "not a folder made by nameplate label --out" in new(shards=tmp_path)
    (folder / "rules.json").write_text("{")
    assert "rules.json: damaged" in new()
    (folder / "rules.json").unlink()
    (folder / "rules.json").mkdir()
    assert "rules.json: damaged" in new()
    (folder / "rules.json").rmdir()
    content = bytearray(embeddings_file(folder, 0).read_bytes())
    content[8:200] = bytes(192)
    embeddings_file(folder, 0).write_bytes(content)
    assert "00000.parquet: missing, damaged" in new()
    shutil.rmtree(folder / "embeddings")
    assert "none of its pictures is read yet" in new()


def test_names_and_least_probabilities_of_a_project_go_back_to_the_run(
    new, folder, tmp_path, tiny_model
):
    new()
    path, model = tmp_path / "p.nameplate", ("--model", str(tiny_model))
    back = ["label", "--out", str(folder), *model, "--project", str(path)]
    before = {path.name: path.stat().st_mtime_ns for path in (folder / "labels").iterdir()}
    assert run(back) == 0
    assert before == {path.name: path.stat().st_mtime_ns for path in (folder / "labels").iterdir()}

    project = loaded(path)
    red, green, blue = project.concepts
    concepts = (replace(red, name="scarlet", threshold=0.0), replace(green, threshold=0.0), blue)
    project.apply(SetConcepts(concepts), Title("names"))
    project.settings = replace(project.settings, minimum=1.0)
    path.unlink()
    store.close(store.create(path, project))
    assert run(back) == 0
    expected = {"red": "scarlet", "green": "green", "blue": None}
    for row in rows(folder, "labels"):
        assert row["label"] == expected[row["path"].partition("/")[0]]


def test_a_project_and_names_beside_it_contradict_each_other(new, label, tmp_path, capsys):
    new()
    assert label("--project", tmp_path / "p.nameplate") == 2
    assert "--concept: already set by --project" in capsys.readouterr().err
