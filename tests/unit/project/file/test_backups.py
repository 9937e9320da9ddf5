"""A project outlives a newer version of the program, a damaged file, and a drive that is gone."""

import os
import shutil
import sqlite3
import sys
import threading
from collections import namedtuple
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from hostile_projects import add_empty_pages, execute
from nameplate.cli.main import run
from nameplate.domain.changes import Settings
from nameplate.project.file import backups, integrity, migrations, store
from nameplate.project.file.autosave import ProjectFile
from nameplate.project.file.integrity import (
    OPEN_ELSEWHERE,
    DamagedProjectError,
    LockedProjectError,
    ProjectError,
    is_whole,
)
from nameplate.project.file.migrations import FIRST
from nameplate.project.label_changes import label
from nameplate.project.project import Project
from nameplate.storage.folders import projects_folder
from project_help import TEST, opened_project, reopened, state_of

DiskUsage = namedtuple("DiskUsage", "total used free")
in_use = pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps others off an open file")
OLD = Path(__file__).parents[3] / "corpus" / "projects" / f"version-{FIRST}.nameplate"


@pytest.fixture
def old(tmp_path, monkeypatch):
    """A project of the first version of the file, opened by a program that writes the next one."""
    monkeypatch.setattr(migrations, "STEPS", {FIRST + 1: ("ALTER TABLE images ADD note TEXT",)})
    for module in (integrity, store):
        monkeypatch.setattr(module, "VERSION", FIRST + 1)
    return Path(shutil.copyfile(OLD, tmp_path / "old.nameplate"))


def kept(path):
    opened = opened_project()
    file = ProjectFile.create(path, opened.project)
    opened.do(label(opened.project, np.array([0]), opened.ids[0], opened.now))
    return opened, file


def join_backups():
    for thread in threading.enumerate():
        if thread.name == "backup":
            thread.join()


def columns(path):
    with closing(sqlite3.connect(path)) as db:
        tables = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        return {t: db.execute(f"PRAGMA table_info({t})").fetchall() for (t,) in tables}


def version_of(path):
    with closing(sqlite3.connect(path)) as db:
        return db.execute("PRAGMA user_version").fetchone()[0]


def test_an_older_project_opens_with_its_steps_and_has_the_tables_of_now(old, tmp_path):
    file = ProjectFile.open(old)
    assert file.project.history.done
    assert file.close()
    new = tmp_path / "new.nameplate"
    store.close(store.create(new, Project(Settings())))
    assert version_of(old) == version_of(new) == FIRST + 1
    assert columns(old) == columns(new)


@pytest.mark.parametrize("version", range(1, FIRST))
def test_a_project_from_before_the_first_release_says_what_opens_it(version, tmp_path, capsys):
    path = tmp_path / "p.nameplate"
    assert kept(path)[1].close()
    execute(path, f"PRAGMA user_version = {version}")
    before = path.read_bytes()
    assert run(["project", "check", str(path)]) == 2
    assert "made by a Nameplate before 1.0" in capsys.readouterr().err
    with pytest.raises(ProjectError, match="project-is-older"):
        ProjectFile.open(path)
    assert path.read_bytes() == before


def test_an_older_file_is_copied_before_it_is_changed(old):
    file = ProjectFile.open(old)
    assert version_of(backups.backup_of(old)) == FIRST
    copy = ProjectFile.copy(backups.backup_of(old), old.with_name("copy.nameplate"))
    assert state_of(copy.project) == state_of(file.project)
    assert file.close()
    assert copy.close()


def test_who_only_reads_an_older_file_leaves_it_as_it_is(old, capsys):
    before = old.read_bytes()
    for command in ("info", "check"):
        assert run(["project", command, str(old)]) == 0
    assert "11 images, all is well" in capsys.readouterr().out
    assert old.read_bytes() == before


def test_an_older_file_that_cannot_be_copied_is_not_changed(old, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: DiskUsage(1000, 999, 1))
    before = old.read_bytes()
    with pytest.raises(ProjectError, match=r"project-not-backed-up.*No space left"):
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


def emptied(path):
    os.truncate(path, 0)


def made_another_database(path):
    emptied(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE other (id)")


def made_an_empty_project(path):
    path.unlink()
    store.close(store.create(path, Project(Settings())))


def put_back_by_an_old_one(path):
    """As a program does that syncs folders: the file of before takes the place of this one."""
    old = path.with_name("old")
    opened = opened_project()
    store.close(store.create(old, opened.project))
    old.replace(path)


def overwritten(path):
    with path.open("r+b") as stream:
        stream.write(b"\xff" * 12288)


@in_use
@pytest.mark.parametrize(
    "spoil",
    [emptied, made_another_database, made_an_empty_project, put_back_by_an_old_one, overwritten],
)
def test_what_another_program_did_to_the_open_file_replaces_no_backup_and_loses_nothing(
    tmp_path, spoil
):
    path = tmp_path / "p.nameplate"
    kept(path)[1].close()
    file = ProjectFile.open(path)
    opened = opened_project()
    project = file.project
    project.apply(label(project, np.array([1]), project.concepts[1].key, opened.now), TEST)
    assert file.flush()
    spoil(path)
    spoiled = path.read_bytes()
    assert file.close(1.0)
    assert file.rescued is not None
    assert is_whole(backups.backup_of(path), 1)
    assert path.read_bytes() == spoiled
    assert state_of(reopened(file.rescued)) == state_of(project)


@in_use
def test_a_step_after_another_program_took_the_place_of_the_file_is_not_lost(tmp_path):
    path, trouble = tmp_path / "p.nameplate", []
    opened = opened_project()
    file = ProjectFile.create(path, opened.project, trouble.append)
    file.flush()
    put_back_by_an_old_one(path)
    opened.do(label(opened.project, np.array([1]), opened.ids[1], opened.now))
    assert file.close(0.2)
    assert trouble[0].code == "project-is-gone"
    assert state_of(reopened(file.rescued)) == state_of(opened.project)


def test_a_decision_while_the_file_is_copied_leaves_the_backup_a_good_one(tmp_path, monkeypatch):
    path, real, checked = tmp_path / "p.nameplate", backups.replace, []
    opened, has_decided = opened_project(), threading.Event()

    def decide_meanwhile(db, where, copy=backups.copy):
        copied = copy(db, where)
        monkeypatch.setattr(backups, "copy", copy)
        opened.do(label(opened.project, np.array([1]), opened.ids[1], opened.now))
        has_decided.set()
        return copied

    monkeypatch.setattr(backups, "copy", decide_meanwhile)
    monkeypatch.setattr(
        backups, "replace", lambda *args: checked.append(real(*args)) or checked[-1]
    )
    file = ProjectFile.create(path, opened.project)
    opened.do(label(opened.project, np.array([0]), opened.ids[0], opened.now))
    assert has_decided.wait(10)
    assert file.close()
    join_backups()
    assert checked == [True, True]
    assert is_whole(backups.backup_of(path), 2)


@pytest.mark.skipif(sys.platform == "win32", reason="files have no holes there")
def test_a_project_with_gigabytes_of_nothing_in_it_has_a_small_backup(tmp_path):
    path = tmp_path / "p.nameplate"
    _, file = kept(path)
    file.close()
    backups.backup_of(path).unlink()
    add_empty_pages(path, 6 << 30)
    file = ProjectFile.open(path)
    file.project.undo()
    assert file.close()
    join_backups()
    assert 0 < backups.backup_of(path).stat().st_size < 100_000
    assert path.stat().st_size >= 6 << 30


def test_a_backup_takes_at_most_half_of_the_room_that_is_left(tmp_path, monkeypatch, caplog):
    path = tmp_path / "p.nameplate"
    _, file = kept(path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: DiskUsage(10**9, 10**9 - 10_000, 10_000))
    assert file.close()
    assert not backups.backup_of(path).exists()
    assert "no backup of the project" in caplog.text


@pytest.mark.skipif(sys.platform == "win32", reason="files have no holes there")
def test_a_damaged_project_that_is_replaced_is_kept_without_filling_the_disk(tmp_path):
    path = tmp_path / "p.nameplate"
    kept(path)[1].close()
    execute(path, "CREATE TABLE more (id)")
    os.truncate(path, 1 << 28)
    store.keep_replaced(path)
    (kept_file,) = projects_folder().glob("p replaced *")
    assert kept_file.stat().st_size == 1 << 28
    assert kept_file.stat().st_blocks * 512 < 10_000_000


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
    assert state_of(reopened(rescued)) == state_of(opened.project)
