"""A project outlives a newer version of the program, a damaged file, and a drive that is gone."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from nameplate.cli.main import run
from nameplate.domain.changes import SetRejected, Settings
from nameplate.project.file import backups, store
from nameplate.project.file.autosave import ProjectFile
from nameplate.project.file.codec import encode
from nameplate.project.file.migrations import VERSION
from nameplate.project.file.store import (
    OPEN_ELSEWHERE,
    DamagedProjectError,
    LockedProjectError,
    ProjectError,
)
from nameplate.project.file.values import named_images_json
from nameplate.project.labelling import label
from nameplate.project.project import Project
from nameplate.storage.folders import projects_folder
from project_help import opened_project, state_of

OLD = Path(__file__).with_name("files") / "version-1.nameplate"


@pytest.fixture
def old(tmp_path):
    """A project that the first version of the format was written by."""
    return Path(shutil.copyfile(OLD, tmp_path / "old.nameplate"))


def kept(path):
    opened = opened_project()
    file = ProjectFile.create(path, opened.project)
    opened.do(label(opened.project, np.array([0]), opened.ids[0], opened.now))
    return opened, file


def columns(path):
    with closing(sqlite3.connect(path)) as db:
        tables = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        return {t: db.execute(f"PRAGMA table_info({t})").fetchall() for (t,) in tables}


def version_of(path):
    with closing(sqlite3.connect(path)) as db:
        return db.execute("PRAGMA user_version").fetchone()[0]


def test_a_project_of_the_first_version_opens_with_labels_and_undo(old, tmp_path):
    file = ProjectFile.open(old)
    project = file.project
    assert [concept.name for concept in project.concepts] == ["cat", "dog", "other"]
    assert [Path(text).name for text in project.images.paths.texts] == [
        f"{number}.jpg" for number in range(4)
    ]
    assert project.images.is_removed.tolist() == [False, True, False, False]
    assert project.labels.members(2) == (project.concepts[0].key,)
    assert project.settings.minimum == 0.25
    assert len(project.history.done) == 7
    while project.history.done:
        project.undo()
    assert not project.concepts
    assert file.close()
    new = tmp_path / "new.nameplate"
    store.close(store.create(new, Project(Settings())))
    assert version_of(old) == version_of(new) == VERSION
    assert columns(old) == columns(new)


def test_what_images_are_not_is_as_it_was_in_files_that_kept_it_as_one_value(tmp_path):
    path = tmp_path / "p.nameplate"
    opened, file = kept(path)
    cat, dog = opened.ids[:2]
    opened.do(SetRejected({1: frozenset([cat])}))
    opened.do(SetRejected({1: frozenset([cat, dog]), 2: frozenset([dog])}))
    rejected, labels = dict(opened.project.rejected), opened.project.labels
    assert file.close()
    whole = [  # as the two steps were kept, with what takes each back
        encode(SetRejected(before, is_whole=True), labels) for before in ({}, {1: frozenset([cat])})
    ]
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        numbers = db.execute("SELECT number FROM steps ORDER BY number DESC LIMIT 2").fetchall()
        for (number,), change in zip(reversed(numbers), whole, strict=True):
            db.execute("UPDATE steps SET change = ? WHERE number = ?", (change, number))
        db.execute("DROP TABLE rejected")
        value = json.dumps(named_images_json(rejected))
        db.execute("INSERT INTO facts VALUES ('rejected', ?)", (value,))
        db.execute("PRAGMA user_version = 2")

    file = ProjectFile.open(path)
    seen = [dict(file.project.rejected)]
    for move in (file.project.undo, file.project.undo, file.project.redo, file.project.redo):
        move()
        seen.append(dict(file.project.rejected))
    assert seen == [rejected, {1: {cat}}, {}, {1: {cat}}, rejected]
    file.project.undo()
    assert file.close()
    again = ProjectFile.open(path)
    assert again.project.rejected == {1: {cat}}
    assert again.close()


def test_an_older_file_is_copied_before_it_is_changed(old):
    before = old.read_bytes()
    assert ProjectFile.open(old).close()
    assert backups.backup_of(old).read_bytes() == before


def test_who_only_reads_an_older_file_leaves_it_as_it_is(old, capsys):
    before = old.read_bytes()
    for command in ("info", "check"):
        assert run(["project", command, str(old)]) == 0
    assert "3 images, all is well" in capsys.readouterr().out
    assert old.read_bytes() == before


def test_an_older_file_that_cannot_be_copied_is_not_changed(old, monkeypatch):
    monkeypatch.setattr(shutil, "copyfile", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    before = old.read_bytes()
    with pytest.raises(OSError, match="full"):
        ProjectFile.open(old)
    assert old.read_bytes() == before


def test_a_damaged_project_can_be_gone_on_with_from_its_backup(tmp_path):
    path = tmp_path / "p.nameplate"
    opened, file = kept(path)
    before = state_of(opened.project)
    assert file.close()
    with path.open("r+b") as stream:
        stream.seek(4096)
        stream.write(b"\xff" * 8192)
    damaged = path.read_bytes()
    with pytest.raises(DamagedProjectError):
        ProjectFile.open(path)

    again = ProjectFile.copy(backups.backup_of(path), tmp_path / "again.nameplate")
    assert state_of(again.project) == before
    again.project.undo()
    assert again.close()
    assert path.read_bytes() == damaged


def test_a_damaged_file_does_not_replace_its_backup(tmp_path):
    path = tmp_path / "p.nameplate"
    kept(path)[1].close()
    good = backups.backup_of(path).read_bytes()
    path.write_bytes(good[:4096] + b"\xff" * 8192 + good[12288:])
    assert not backups.replace(path, backups.copy(path))
    assert backups.backup_of(path).read_bytes() == good


def test_the_oldest_backups_go(tmp_path, monkeypatch):
    monkeypatch.setattr(backups, "MOST", 2)
    for number in range(4):
        kept(tmp_path / f"{number}.nameplate")[1].close()
    names = {path.name.split()[0] for path in (projects_folder() / "backups").iterdir()}
    assert names == {"2", "3"}


def test_a_copy_of_a_project_that_is_open_elsewhere_leaves_that_alone(tmp_path):
    path = tmp_path / "p.nameplate"
    opened, file = kept(path)
    file.flush()
    with pytest.raises(LockedProjectError) as caught:
        ProjectFile.open(path)
    assert caught.value.reason.code == OPEN_ELSEWHERE
    copy = ProjectFile.copy(path, tmp_path / "folder" / "copy.nameplate")
    assert state_of(copy.project) == state_of(opened.project)
    copy.project.undo()
    assert copy.close()
    assert file.close()
    assert opened.project.labels.members(0)


def test_what_is_no_project_cannot_be_copied(tmp_path):
    (tmp_path / "p.nameplate").write_text("hello")
    with pytest.raises(ProjectError, match="no-project"):
        ProjectFile.copy(tmp_path / "p.nameplate", tmp_path / "copy.nameplate")
    assert not (tmp_path / "copy.nameplate").exists()


def test_a_project_whose_drive_is_gone_at_the_end_is_kept_in_the_data_folder(tmp_path):
    folder = tmp_path / "drive"
    folder.mkdir()
    opened, file = kept(folder / "p.nameplate")
    file.flush()
    folder.rename(tmp_path / "gone")
    opened.do(label(opened.project, np.array([1]), opened.ids[1], opened.now))
    assert file.close(0.2)
    (rescued,) = projects_folder().glob("p *.nameplate")
    with closing(store.open_file(rescued, read_only=True)) as db:
        assert state_of(store.load(db, rescued)) == state_of(opened.project)
