"""A project is in its file after each step, whatever happens to program, disk or file."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostile_projects import leave_hot_journal
from nameplate.domain.changes import SetConcepts, SetFact, Settings
from nameplate.domain.concepts import add
from nameplate.domain.filtering.conditions import PathHas
from nameplate.domain.filtering.filters import Filter
from nameplate.domain.filtering.views import SavedView, View
from nameplate.domain.messages import Message
from nameplate.project.facts import VIEWS
from nameplate.project.file import store, tables
from nameplate.project.file.autosave import ProjectFile
from nameplate.project.file.integrity import LockedProjectError, ProjectError
from nameplate.project.history import History
from nameplate.project.label_changes import label
from nameplate.project.project import Project
from nameplate.storage.folders import projects_folder
from project_help import (
    PLAIN,
    STEPS,
    TEST,
    Opened,
    kept,
    opened_project,
    reopened,
    state_of,
    try_reopening,
)

on_posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and names of POSIX")
in_use = pytest.mark.skipif(sys.platform == "win32", reason="Windows renames no file that is open")


@given(st.lists(STEPS, max_size=10))
def test_what_was_done_is_there_after_reopening_and_undo_goes_on(tmp_path_factory, steps):
    try_reopening(tmp_path_factory.mktemp("project") / "p.nameplate", steps)


def test_undo_after_reopening_is_kept_too(tmp_path):
    path = tmp_path / "p.nameplate"
    opened, file = kept(path)
    opened.do(label(opened.project, np.array([0]), opened.ids[0], opened.now))
    file.close()
    file = ProjectFile.open(path)
    file.project.undo()
    file.close()
    project = reopened(path)
    assert project.labels.members(0) == ()
    project.redo()
    assert project.labels.members(0) == (opened.ids[0],)


def test_a_label_keeps_its_time_probability_and_model(tmp_path):
    path = tmp_path / "p.nameplate"
    opened = opened_project()
    opened.embed(0, 0)
    opened.score()
    opened, file = kept(path, opened)
    opened.do(label(opened.project, np.array([0, 1]), opened.ids[0], opened.now))
    file.close()
    labels = reopened(path).labels
    assert labels.all["decided_at"][:2].tolist() == [opened.now.at] * 2
    assert [labels.models[i] for i in labels.all["model"][:2]] == ["model@1"] * 2
    assert labels.all["probability"][0] == opened.project.labels.all["probability"][0] > 0.99
    assert np.isnan(labels.all["probability"][1])


KILLED = """
import sys, time
from contextlib import closing
from pathlib import Path
import numpy as np
from nameplate.project.file.autosave import ProjectFile
from nameplate.project.history import History
from nameplate.project.label_changes import label
from project_help import opened_project

opened = opened_project()
opened.add_images(*(f"{i}.png" for i in range(500)))
file = ProjectFile.create(Path(sys.argv[1]), opened.project)
for row in range(500):
    opened.do(label(opened.project, np.array([row]), opened.ids[row % 2], opened.now))
    file.flush()
    print(row, flush=True)
"""


@on_posix
@pytest.mark.parametrize("moment", [0.01, 0.05, 0.1])
def test_killed_at_any_moment_no_step_that_was_written_is_lost(tmp_path, moment):
    path = tmp_path / "p.nameplate"
    tests = str(Path(__file__).parents[3])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([tests, *filter(None, sys.path)])}
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, env=environment
    ) as process:
        process.stdout.readline()
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
        said = process.stdout.read().split()
    written = int(said[-1]) if said else 0
    project = reopened(path)
    labelled = np.flatnonzero(project.labels.has_label)
    assert labelled.tolist() == list(range(len(labelled)))
    assert written < len(labelled) <= written + 2
    project.undo()
    assert np.count_nonzero(project.labels.has_label) == len(labelled) - 1


def test_where_the_disk_is_full_work_goes_on_and_all_is_written_later(tmp_path):
    path, heard = tmp_path / "p.nameplate", []
    opened = opened_project()
    file = ProjectFile.create(path, opened.project, heard.append)
    (pages,) = file._db.execute("PRAGMA page_count").fetchone()
    file._db.execute(f"PRAGMA max_page_count = {pages}")
    names = tuple(f"{number}.jpg" for number in range(1000))
    opened.add_images(*names)
    opened.do(label(opened.project, np.array([0]), opened.ids[0], opened.now))
    assert not file.flush(0.5)
    assert heard == [Message("disk-is-full")]
    assert file.unwritten == 2
    file._db.execute("PRAGMA max_page_count = 100000")
    assert file.flush(10)
    assert file.close()
    assert heard == [Message("disk-is-full"), None]
    project = reopened(path)
    assert project.images.present == 1000
    assert project.labels.members(0) == (opened.ids[0],)


@in_use
def test_a_file_that_is_gone_is_said_and_written_when_it_is_back(tmp_path):
    path, away, heard = tmp_path / "p.nameplate", tmp_path / "away", []
    opened = opened_project()
    file = ProjectFile.create(path, opened.project, heard.append)
    path.rename(away)
    opened.set(minimum=0.5)
    assert not file.flush(0.3)
    assert heard == [Message("project-is-gone")]
    away.rename(path)
    assert file.flush(10)
    file.close()
    assert reopened(path).settings.minimum == 0.5


def test_whether_a_project_learns_is_kept(tmp_path):
    path = tmp_path / "p.nameplate"
    opened = opened_project()
    file = ProjectFile.create(path, opened.project)
    opened.set(learns=False)
    assert file.close()
    again = reopened(path)
    assert not again.settings.learns
    again.undo()
    assert again.settings.learns


def test_a_project_is_kept_from_its_first_step(tmp_path):
    path = tmp_path / "new" / "p.nameplate"
    project = Project(Settings())
    file = ProjectFile.begin(path, project)
    assert file.close()
    assert not path.parent.exists()

    file = ProjectFile.begin(path, project)
    project.add_images(project.to_add([Path("1.jpg")]))
    project.apply(SetConcepts(add((), "x")), TEST)
    assert file.close()
    again = reopened(path)
    assert state_of(again) == state_of(project)
    again.undo()
    again.undo()
    assert again.images.present == 0


def test_where_no_file_can_be_made_work_goes_on_and_is_written_later(tmp_path):
    folder, heard = tmp_path / "projects", []
    folder.write_text("a file stands where the folder should be")
    project = Project(Settings())
    file = ProjectFile.begin(folder / "p.nameplate", project, heard.append)
    project.apply(SetConcepts(add((), "x")), TEST)
    assert not file.flush(0.3)
    assert len(heard) == 1
    folder.unlink()
    assert file.flush(10)
    assert file.close()
    assert heard[1:] == [None]
    assert [concept.name for concept in reopened(folder / "p.nameplate").concepts] == ["x"]


def test_one_window_alone_writes_a_project_whatever_it_is_called(tmp_path):
    path, link = tmp_path / "p.nameplate", tmp_path / "link.nameplate"
    _, file = kept(path)
    if hasattr(os, "symlink") and os.name == "posix":
        link.symlink_to(path)
    for name in {path, link} if link.exists() else {path}:
        with pytest.raises(ProjectError, match="project-is-open"):
            ProjectFile.open(name)
    file.close()
    reopened(path)


def test_a_project_goes_on_in_another_file_and_finds_its_pictures_from_there(tmp_path):
    before, after = tmp_path / "a" / "p.nameplate", tmp_path / "b" / "q.nameplate"
    (tmp_path / "b" / "pictures").mkdir(parents=True)
    before.parent.mkdir()
    opened, heard = Opened(Project(Settings(PLAIN)), opened_project().suggestions), []
    opened.add_images(str(tmp_path / "b" / "pictures" / "1.jpg"))
    _, file = kept(before, opened)
    opened.set(minimum=0.25)
    file.move(after, heard.append)
    opened.set(minimum=0.5)
    assert file.close()
    assert heard == [None]
    assert file.path == after
    assert reopened(before).settings.minimum in (0.25, 0.5)
    assert reopened(after).settings.minimum == 0.5
    (tmp_path / "b").rename(tmp_path / "c")
    moved = reopened(tmp_path / "c" / "q.nameplate")
    assert moved.images.paths.texts == [str(tmp_path / "c" / "pictures" / "1.jpg")]
    assert sorted(path.name for path in (tmp_path / "c").iterdir()) == [
        ".q.nameplate.lock",
        "pictures",
        "q.nameplate",
    ]


def test_a_project_that_cannot_go_elsewhere_stays_where_it_was(tmp_path):
    path, taken, heard = tmp_path / "p.nameplate", tmp_path / "taken.nameplate", []
    opened, file = kept(path)
    _, other = kept(taken)
    file.move(taken, heard.append)
    file.flush()
    file.move(tmp_path / "no" / "such" / "q.nameplate", heard.append)
    opened.set(minimum=0.5)
    assert file.close()
    other.close()
    assert heard[0].parameters["reason"] == Message("project-is-open")
    assert len(heard) == 2
    assert all(heard)
    assert reopened(path).settings.minimum == 0.5


def test_a_project_never_takes_the_place_of_another_kind_of_file(tmp_path):
    picture, heard = tmp_path / "1.jpg", []
    picture.write_bytes(b"a picture")
    _, file = kept(tmp_path / "p.nameplate")
    file.move(picture, heard.append)
    assert file.close()
    assert heard[0].parameters["reason"] == Message("no-project")
    assert picture.read_bytes() == b"a picture"


def test_a_copy_of_a_file_that_is_being_worked_on_is_whole(tmp_path):
    path, copy = tmp_path / "p.nameplate", tmp_path / "copy.nameplate"
    opened, file = kept(path)
    opened.set(minimum=0.5)
    file.flush()
    shutil.copy(path, copy)
    assert reopened(copy).settings.minimum == 0.5
    file.close()


def test_a_new_project_replaces_no_file(tmp_path):
    path = tmp_path / "p.nameplate"
    path.write_text("mine")
    with pytest.raises(ProjectError, match="project-is-there"):
        ProjectFile.create(path, Project(Settings(PLAIN)))
    assert path.read_text() == "mine"


@on_posix
def test_a_step_of_any_kind_that_cannot_be_written_is_said_and_those_after_it_wait(tmp_path):
    path, heard = tmp_path / "p.nameplate", []
    opened = opened_project()
    file = ProjectFile.create(path, opened.project, heard.append)
    opened.add_images("\ud800.jpg")  # a lone surrogate, which only Windows knows
    opened.set(minimum=0.5)
    assert not file.flush(0.5)
    assert len(heard) == 1
    assert file.unwritten == 2
    assert not file.close(0)


def moved(file, path):
    """Move a project, and return why it was not moved; None where it was."""
    said = []
    file.move(path, said.append)
    deadline = time.monotonic() + 20
    while not said and time.monotonic() < deadline:
        time.sleep(0.01)
    return said[0]


def test_what_a_crash_left_beside_a_project_that_is_replaced_does_not_come_back(tmp_path):
    other = tmp_path / "other.nameplate"
    assert kept(other)[1].close()
    leave_hot_journal(other)
    opened, file = kept(tmp_path / "p.nameplate")
    opened.do(label(opened.project, np.array([0]), opened.ids[0], opened.now))
    assert moved(file, other) is None
    opened.do(label(opened.project, np.array([1]), opened.ids[1], opened.now))
    assert file.close()
    assert state_of(reopened(other)) == state_of(opened.project)


def test_a_project_that_is_replaced_is_kept_without_a_name(tmp_path):
    other = tmp_path / "other.nameplate"
    before, file = kept(other)
    before.set(minimum=0.75)
    assert file.close()
    _, file = kept(tmp_path / "p.nameplate")
    assert moved(file, other) is None
    file.close()
    (replaced,) = projects_folder().glob("other replaced *.nameplate")
    assert reopened(replaced).settings.minimum == 0.75


@on_posix
def test_a_project_is_moved_into_a_folder_whose_name_is_no_text(tmp_path):
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    folder.mkdir()
    opened, file = kept(tmp_path / "p.nameplate")
    assert moved(file, folder / "p.nameplate") is None
    opened.set(minimum=0.5)
    assert file.close()
    assert reopened(folder / "p.nameplate").settings.minimum == 0.5


@in_use
def test_a_project_that_cannot_be_written_is_moved_to_where_it_can_be(tmp_path):
    path = tmp_path / "p.nameplate"
    opened, file = kept(path)
    file.flush()
    path.rename(tmp_path / "gone")
    opened.set(minimum=0.5)
    assert not file.flush(0.5)
    assert moved(file, tmp_path / "there.nameplate") is None
    assert file.flush(5)
    assert file.close()
    assert reopened(tmp_path / "there.nameplate").settings.minimum == 0.5


def test_a_file_whose_last_step_is_still_being_written_is_not_free_for_others(
    tmp_path, monkeypatch
):
    path = tmp_path / "p.nameplate"
    opened, file = kept(path)
    file.flush()
    goes_on, write = threading.Event(), store.write
    monkeypatch.setattr(store, "write", lambda *args: (goes_on.wait(20), write(*args)))
    opened.set(minimum=0.5)
    file.close(0.2)
    with pytest.raises(LockedProjectError):
        ProjectFile.open(path)
    goes_on.set()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            again = ProjectFile.open(path)
            break
        except LockedProjectError:
            time.sleep(0.01)
    again.close()
    assert again.project.settings.minimum == 0.5


@on_posix
def test_names_of_any_bytes_come_back_as_they_were(tmp_path):
    path = tmp_path / "p.nameplate"
    opened = Opened(Project(Settings(PLAIN)), opened_project().suggestions)
    names = [os.fsdecode(b"caf\xe9/\xff.jpg"), "zwei\nZeilen.jpg", "\N{CAT}/\N{DOG}.jpg"]
    opened.add_images(*(str(tmp_path / name) for name in names))
    _, file = kept(path, opened)
    file.close()
    assert reopened(path).images.paths.texts == [str(tmp_path / name) for name in names]


def test_the_history_is_as_long_in_the_file_as_in_memory(tmp_path, monkeypatch):
    assert History().done.maxlen == tables.MOST_STEPS
    monkeypatch.setattr(tables, "MOST_STEPS", 10)
    path = tmp_path / "p.nameplate"
    opened, file = kept(path)
    for number in range(25):
        opened.set(minimum=number / 100)
    file.close()
    assert list(reopened(path).history.done) == list(opened.project.history.done)[-10:]


def test_the_ids_of_deleted_names_stay_used_after_reopening(tmp_path):
    path = tmp_path / "p.nameplate"
    opened, file = kept(path)
    opened.do(SetConcepts(()))
    file.close()
    project = reopened(path)
    least = project.next_concept_id
    assert least == 3
    project.apply(SetConcepts(add((), "new", least_key=least)), TEST)
    assert project.concepts[0].key == 3


def test_a_view_of_many_conditions_is_kept(tmp_path):
    opened, file = kept(tmp_path / "p.nameplate")
    many = Filter.of(*(PathHas(f"word {number}") for number in range(500)))
    stacked = View(is_stacked=True)
    views = (SavedView("many", View().with_filter(many)), SavedView("stacked", stacked))
    opened.do(SetFact(VIEWS, views))
    assert file.close()
    assert reopened(tmp_path / "p.nameplate").views == views


LABELLED_WITHOUT_DISK = """
import sys, threading, time
from pathlib import Path
import numpy as np
from nameplate.project.file import store
from nameplate.project.file.autosave import ProjectFile
from nameplate.project.label_changes import label
from project_help import TEST, opened_project

def refuse(*_):
    raise OSError(5, "Input/output error")

opened, trouble = opened_project(), threading.Event()
file = ProjectFile.create(Path(sys.argv[1]), opened.project, lambda _why: trouble.set())
store.write = refuse
for number in range(4):
    opened.do(label(opened.project, np.array([number]), opened.ids[0], opened.now))
    if number == 1:
        trouble.wait(20)
        file.keep_copy(lambda path: None)
print("decided", flush=True)
time.sleep(60)
"""


@on_posix
@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGTERM])
def test_a_kill_while_nothing_can_be_saved_loses_no_decision(tmp_path, kind):
    path, folders = tmp_path / "p.nameplate", [str(Path(__file__).parents[3]), *sys.path]
    command = [sys.executable, "-c", LABELLED_WITHOUT_DISK, str(path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(folders)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout.readline() == b"decided\n"
        time.sleep(1)
        process.send_signal(kind)
    (copy,) = projects_folder().glob("p *.nameplate")
    project = reopened(copy)
    assert project.labels.has_label[:4].all()
    for _ in range(4):
        project.undo()
    assert not project.labels.has_label.any()


def test_the_copy_goes_once_the_file_can_be_written_again(tmp_path, monkeypatch):
    path, trouble, kept_there = tmp_path / "p.nameplate", threading.Event(), threading.Event()
    opened = opened_project()
    file = ProjectFile.create(path, opened.project, lambda _why: trouble.set())
    with monkeypatch.context() as patch:
        patch.setattr(store, "write", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
        opened.do(label(opened.project, np.array([0]), opened.ids[0], opened.now))
        assert trouble.wait(20)
        file.keep_copy(lambda _path: kept_there.set())
        assert kept_there.wait(20)
    (copy,) = projects_folder().glob("p *.nameplate")
    assert state_of(reopened(copy)) == state_of(opened.project)
    assert file.close()
    assert not copy.exists()
    assert file.rescued is None
    assert state_of(reopened(path)) == state_of(opened.project)
