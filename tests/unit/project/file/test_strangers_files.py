"""A project from a stranger touches no other file, and what opens can be written."""

import errno
import os
import shutil
import sqlite3
import struct
import sys
import tempfile
from contextlib import closing

import numpy as np
import pytest

from hostile_projects import MAGIC, execute, journal_of, leave_hot_journal, name_super_journal
from nameplate.cli.main import run
from nameplate.project.file import backups, integrity, store
from nameplate.project.file.autosave import ProjectFile
from nameplate.project.file.integrity import DamagedProjectError, LockedProjectError, ProjectError
from nameplate.project.label_changes import label
from project_help import kept, opened_project, reopened, state_of

on_posix = pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of POSIX")


@pytest.fixture
def path(tmp_path):
    """A project with two labels."""
    path = tmp_path / "p.nameplate"
    opened = opened_project()
    opened.do(label(opened.project, np.array([0, 1]), opened.ids[0], opened.now))
    kept(path, opened)[1].close()
    return path


def checked(path):
    """Return whether `project check` says that all is well."""
    return run(["project", "check", str(path)]) == 0


def opens(path):
    """Return whether it opens; then it can be written, and what was written is there later."""
    try:
        file = ProjectFile.open(path)
    except ProjectError:
        return False
    project = file.project
    opened = opened_project()
    project.apply(label(project, np.array([2]), project.concepts[1].key, opened.now), TITLE)
    assert file.close(2.0)
    assert reopened(path).labels.members(2) == (project.concepts[1].key,)
    return True


TITLE = opened_project().project.history.done[0].title


@pytest.mark.parametrize("command", ["info", "check", "open", "merge", "export"])
def test_a_journal_that_names_another_file_is_refused_and_that_file_stays(
    path, tmp_path, command, capsys
):
    canary = tmp_path / "precious.txt"
    canary.write_text("stay")
    leave_hot_journal(path)
    name_super_journal(path, canary)
    before = path.read_bytes(), journal_of(path).read_bytes()
    if command == "open":
        with pytest.raises(DamagedProjectError, match="journal"):
            ProjectFile.open(path)
    else:
        words = {
            "merge": ["project", "merge", path, path, "--out", tmp_path / "m.nameplate"],
            "export": ["export", path, "--format", "csv", "--out", tmp_path / "x.csv"],
        }.get(command, ["project", command, path])
        assert run([*map(str, words)]) == 2
        assert "p.nameplate-journal" in capsys.readouterr().err
    assert canary.read_text() == "stay"
    assert (path.read_bytes(), journal_of(path).read_bytes()) == before


def test_what_a_crash_left_half_written_is_taken_back_by_who_writes(path):
    before = leave_hot_journal(path)
    assert path.read_bytes() != before
    assert opens(path)
    assert not journal_of(path).exists()


def test_who_only_reads_sees_what_a_crash_left_taken_back_and_changes_nothing(path, tmp_path):
    whole = shutil.copyfile(path, tmp_path / "whole.nameplate")
    leave_hot_journal(path)
    half, journal = path.read_bytes(), journal_of(path).read_bytes()
    with closing(store.open_file(path, read_only=True)) as db:
        assert state_of(store.load(db, path)) == state_of(reopened(whole))
    assert checked(path)
    assert (path.read_bytes(), journal_of(path).read_bytes()) == (half, journal)


def test_what_a_crash_left_half_written_needs_no_room_for_who_writes(path, monkeypatch):
    leave_hot_journal(path)
    monkeypatch.setattr(integrity, "refuse_without_room", no_room)
    file = ProjectFile.open(path)
    assert file.project.labels.has_label.sum() == 2
    assert file.close(2.0)


def no_room(folder, _size):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))


def test_a_crash_in_a_file_of_another_schema_leaves_the_file_as_it_is(path):
    execute(path, "CREATE TABLE more (id)")
    leave_hot_journal(path)
    before = path.read_bytes()
    assert not opens(path)
    assert path.read_bytes() == before


def test_the_copy_in_which_a_crash_is_taken_back_lies_with_the_backups(path, tmp_path, monkeypatch):
    leave_hot_journal(path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "too small"))
    assert checked(path)
    assert not [*backups.backup_of(path).parent.glob("nameplate-*")]


def test_a_journal_that_would_make_the_file_huge_is_refused(path):
    leave_hot_journal(path)
    journal = journal_of(path).read_bytes()
    journal_of(path).write_bytes(journal[:16] + struct.pack(">I", 2**31) + journal[20:])
    before = path.read_bytes()
    assert not checked(path)
    assert not opens(path)
    assert path.read_bytes() == before


@on_posix
@pytest.mark.parametrize("ending", ["-journal", "-wal", "-shm"])
@pytest.mark.parametrize("kind", ["link", "hard link", "pipe", "folder", "link to nothing"])
def test_journals_that_are_no_files_of_their_own_are_refused(path, tmp_path, ending, kind):
    canary, beside = tmp_path / "precious.txt", path.with_name(f"p.nameplate{ending}")
    canary.write_bytes(MAGIC + bytes(2000))
    match kind:
        case "link":
            beside.symlink_to(canary)
        case "hard link":
            beside.hardlink_to(canary)
        case "pipe":
            os.mkfifo(beside)
        case "folder":
            beside.mkdir()
        case _:
            beside.symlink_to(tmp_path / "new.txt")
    assert not checked(path)
    assert not opens(path)
    assert canary.read_bytes() == MAGIC + bytes(2000)
    assert not (tmp_path / "new.txt").exists()


def test_a_log_of_another_program_beside_the_file_is_refused(path, capsys):
    path.with_name("p.nameplate-wal").write_bytes(bytes(4000))
    assert not checked(path)
    assert "p.nameplate-wal" in capsys.readouterr().err
    assert not opens(path)


def test_a_project_that_another_program_keeps_with_a_log_opens_once_that_is_gone(path):
    execute(path, "PRAGMA journal_mode = WAL")
    assert checked(path)
    assert list(path.parent.glob("p.nameplate*")) == [path]
    assert opens(path)


@pytest.mark.parametrize(
    "statements",
    [
        (
            "CREATE TABLE old AS SELECT * FROM labels",
            "DROP TABLE labels",
            "CREATE VIRTUAL TABLE labels USING fts5(image, concepts, decided_by, state)",
            "DROP TABLE old",
        ),
        ("DROP TABLE labels", "CREATE VIRTUAL TABLE labels USING fts5(image, concepts)"),
        ("ALTER TABLE labels ADD COLUMN more GENERATED ALWAYS AS (image + 1) VIRTUAL",),
        ("ALTER TABLE labels ADD COLUMN more",),
        ("ALTER TABLE labels RENAME COLUMN model TO by_model",),
        ("CREATE TABLE more (id INTEGER)",),
        ("CREATE INDEX more ON labels (abs(state))",),
        ("CREATE UNIQUE INDEX more ON labels (image, state)",),
        ("CREATE VIEW more AS SELECT 1",),
        ("CREATE TRIGGER more BEFORE INSERT ON labels BEGIN SELECT RAISE(ABORT, 'no'); END",),
        ("PRAGMA user_version = 1",),
        (
            "ANALYZE",
            "PRAGMA writable_schema = ON",
            "UPDATE sqlite_schema SET sql = replace(sql, 'stat)', 'stat CHECK (0))')",
        ),
        (
            "PRAGMA writable_schema = ON",
            "UPDATE sqlite_schema SET sql = replace(sql, 'model TEXT', 'model TEXT CHECK (0)')",
        ),
        (  # an index that lies about its table
            "PRAGMA writable_schema = ON",
            "UPDATE sqlite_schema SET sql = replace(sql, 'NOT NULL UNIQUE', 'NOT NULL')",
            "DELETE FROM sqlite_schema WHERE name LIKE 'sqlite_autoindex_folders%'",
        ),
        ("UPDATE labels SET image = 99 WHERE image = 1",),  # which is not there
    ],
)
def test_a_file_of_another_schema_or_with_lost_references_is_refused(path, statements):
    execute(path, *statements)
    before = path.read_bytes()
    assert not checked(path)
    assert not opens(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("stat", ["4 1", "0 0", "-9 x", "unordered sz=0 noskipscan", "1e99"])
def test_statistics_of_sqlite_do_no_harm_whatever_they_say(path, stat):
    execute(path, "ANALYZE", f"UPDATE sqlite_stat1 SET stat = '{stat}'")
    assert checked(path)
    assert opens(path)


def test_a_file_that_may_only_be_read_by_its_head_is_refused(path):
    with path.open("r+b") as stream:
        stream.seek(18)
        stream.write(b"\x03")
    assert not checked(path)
    assert not opens(path)


def test_a_project_that_another_program_writes_just_now_is_open_elsewhere_not_damaged(
    path, monkeypatch
):
    monkeypatch.setattr("nameplate.project.file.database._WAIT", 0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        with pytest.raises(LockedProjectError, match="project-is-open"):
            ProjectFile.open(path)
        assert checked(path)


def test_a_loop_of_links_is_no_project(tmp_path, capsys):
    loop = tmp_path / "loop.nameplate"
    loop.symlink_to(loop)
    (tmp_path / "labels.csv").write_text("path,label\n1.jpg,x\n")
    assert run(["import", str(tmp_path / "labels.csv"), "--into", str(loop)]) == 2
    assert "loop.nameplate: can't be read" in capsys.readouterr().err
