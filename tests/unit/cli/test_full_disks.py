"""Commands that write projects on a full disk say what is true, and leave nothing behind."""

import sqlite3

import pytest

from nameplate.cli import project_files
from nameplate.cli.main import run
from nameplate.cli.project_files import opened
from nameplate.project.file import autosave, store
from nameplate.storage.folders import projects_folder

NAMES = ["--concept", "red", "--concept", "green"]


def make_full(monkeypatch):
    """Let SQLite find no room for another page of a project that is made."""
    set_up = store.set_up

    def full(db):
        set_up(db)
        db.execute("PRAGMA max_page_count = 3")

    monkeypatch.setattr(store, "set_up", full)


@pytest.fixture
def project(coloured, tmp_path):
    file = tmp_path / "p.nameplate"
    assert run(["project", "new", str(file), str(coloured), *NAMES]) == 0
    return file


@pytest.mark.parametrize("command", ["new", "merge"])
def test_a_project_that_has_no_room_is_said_and_leaves_nothing(
    project, coloured, tmp_path, monkeypatch, capsys, command
):
    before = sorted(tmp_path.iterdir())
    make_full(monkeypatch)
    out = tmp_path / "new.nameplate"
    words = ["new", out, coloured, *NAMES]
    if command == "merge":
        words = ["merge", project, project, "--out", out]
    capsys.readouterr()
    assert run(["project", *map(str, words)]) == 2
    shown = capsys.readouterr()
    assert not shown.out
    assert f"{out}: can't be created (disk full)" in shown.err
    assert sorted(tmp_path.iterdir()) == before


@pytest.fixture
def full_disk(monkeypatch):
    """Let nothing be written into projects that are open."""

    def write(*_):
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    monkeypatch.setattr(store, "write", write)
    monkeypatch.setattr(project_files, "_SECONDS_TO_WRITE", 0.05)
    monkeypatch.setattr(autosave, "RETRY_S", 0.01)


def take(project, tmp_path):
    table = tmp_path / "t.csv"
    table.write_text("path,label\nred/wide.png,red\n")
    return run(["import", str(table), "--into", str(project)])


def test_an_import_that_could_only_be_rescued_is_no_success_and_says_where_it_is(
    project, tmp_path, full_disk, capsys
):
    capsys.readouterr()
    assert take(project, tmp_path) == 2
    shown = capsys.readouterr()
    (rescued,) = projects_folder().glob("p *.nameplate")
    assert "imported" not in shown.out
    assert f"the changed project is in {rescued}" in shown.err
    assert opened(rescued).labels.has_label.any()
    assert not opened(project).labels.has_label.any()


def test_an_import_that_could_not_be_kept_at_all_says_that(
    project, tmp_path, full_disk, monkeypatch, capsys
):
    make_full(monkeypatch)
    assert take(project, tmp_path) == 2
    assert f"{project}: could not be written completely" in capsys.readouterr().err
    assert not list(projects_folder().glob("*.nameplate*"))
