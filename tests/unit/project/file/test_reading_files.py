"""What is read from a project's file, which anybody may have made."""

import json
import os
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostile_projects import execute
from nameplate.domain.changes import RemoveImages, SetConcepts, Settings
from nameplate.domain.concepts import add
from nameplate.domain.filtering.views import Place
from nameplate.project.file.autosave import ProjectFile
from nameplate.project.file.codec import decode, encode, unpacked
from nameplate.project.file.integrity import DamagedProjectError, ProjectError, is_project
from nameplate.project.file.migrations import VERSION
from nameplate.project.label_changes import label
from nameplate.project.project import Project
from project_help import kept, opened_project, reopened

on_posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and names of POSIX")


def sixty_images():
    project = Project(Settings())
    project.add_images(project.to_add(Path(f"{number}.jpg") for number in range(1, 61)))
    return project


def damage(path, at, content):
    with path.open("r+b") as stream:
        stream.seek(at)
        stream.write(content)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.write_text("text"), "no-project"),
        (lambda path: execute(path, "PRAGMA application_id = 7"), "no-project"),
        (lambda path: execute(path, "PRAGMA user_version = 99"), "project-is-newer"),
        (lambda path: os.truncate(path, 5000), "project-is-damaged"),
        (lambda path: damage(path, 4096, bytes(4096)), "project-is-damaged"),
        (lambda path: path.unlink(), "project-unreadable"),
    ],
    ids=["text", "another program's", "newer", "cut short", "zeroed", "gone"],
)
def test_a_file_that_cannot_be_used_is_refused_and_left_as_it_is(path, spoil, said):
    spoil(path)
    before = path.read_bytes() if path.exists() else b""
    with pytest.raises(ProjectError, match=said):
        ProjectFile.open(path)
    assert (path.read_bytes() if path.exists() else b"") == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE facts SET value = '[' WHERE name = 'settings'",
        "DELETE FROM facts",
        "UPDATE concepts SET value = '{}'",
        "UPDATE images SET folder = 99",
        "UPDATE images SET path = 'text'",
        "UPDATE images SET id = -1 WHERE id = 1",
        "UPDATE facts SET value = '" + "[" * 100000 + "' WHERE name = 'settings'",
        "UPDATE labels SET concepts = '77'",
        "UPDATE labels SET image = 99 WHERE image = 1",
        "UPDATE labels SET decided_by = 'x'",
        "UPDATE labels SET decided_by = 300",
        "UPDATE labels SET decided_by = 9",
        "UPDATE labels SET state = 77",
        "UPDATE labels SET decided_at = 1 << 61",
        "UPDATE labels SET decided_at = -1",
        "UPDATE folders SET path = 'text'",
        "UPDATE facts SET value = replace(value, '0.0', 'NaN') WHERE name = 'settings'",
        "UPDATE facts SET value = json_set(value, '$.learns', 7) WHERE name = 'settings'",
        "CREATE VIEW more AS SELECT 1",
        "CREATE TRIGGER more AFTER INSERT ON labels BEGIN DELETE FROM labels; END",
        "DROP TABLE labels",
    ],
)
def test_a_file_with_other_things_in_it_is_refused(tmp_path, statement):
    path = tmp_path / "p.nameplate"
    opened = opened_project()
    opened.do(label(opened.project, np.array([0]), opened.ids[0], opened.now))
    _, file = kept(path, opened)
    file.close()
    execute(path, statement)
    with pytest.raises(ProjectError, match="project-is-damaged"):
        ProjectFile.open(path)


ONE_BEFORE_THE_LAST = (
    "UPDATE steps SET change = x'00' WHERE number = (SELECT max(number) - 1 FROM steps)"
)


def test_an_undone_step_that_cannot_be_read_takes_those_after_it_along(tmp_path):
    path = tmp_path / "p.nameplate"
    opened, file = kept(path)
    least = opened.project.next_concept_id
    opened.do(SetConcepts(add(opened.project.concepts, "new", least_key=least)))
    opened.do(label(opened.project, np.array([0]), least, opened.now))
    opened.project.undo()
    opened.project.undo()
    file.close()
    execute(path, ONE_BEFORE_THE_LAST)
    project = reopened(path)
    assert not project.history.undone
    project.redo()
    assert project.labels.members(0) == ()


def test_many_small_steps_that_unpack_to_much_take_little_memory(tmp_path):
    resource = pytest.importorskip("resource", reason="asks for the most memory as POSIX does")
    path = tmp_path / "p.nameplate"
    opened, file = kept(path)
    for minimum in np.linspace(0.1, 0.9, 60):
        opened.set(minimum=float(minimum))
    file.close()
    head = json.dumps({"kind": "settings", "settings": {}, "x": "y" * 15_000_000}).encode()
    bomb = zlib.compress(len(head).to_bytes(4, "little") + head, level=9)
    execute(path, ("UPDATE steps SET change = ?", (bomb,)))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert not reopened(path).history.done
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE facts SET value = '{2**31}' WHERE name = 'next concept'",
        f"UPDATE facts SET value = '{2**63}' WHERE name = 'next step'",
        f"UPDATE images SET id = {2**63 - 1} WHERE id = 4",
        f"UPDATE concepts SET value = replace(value, '\"key\": 2', '\"key\": {2**31}')",
        "UPDATE folders SET path = x'2f610062'",
    ],
)
def test_ids_that_leave_no_room_and_paths_that_are_none_are_refused(path, statement):
    execute(path, statement)
    with pytest.raises(DamagedProjectError):
        ProjectFile.open(path)


@pytest.mark.parametrize(
    "view",
    [
        {"sort": "ADDED", "falling": False, "filter": f"concept:{2**40}"},
        {"sort": "ADDED", "falling": False, "filter": "nonsense:1"},
        {"sort": "ADDED", "falling": False, "filter": " ".join(map(str, range(300)))},
        {"sort": "ADDED", "falling": 1, "filter": ""},
        {"sort": "SIDEWAYS", "falling": False, "filter": ""},
        {"sort": "ADDED", "falling": False, "filter": "", "stacked": 1},
        {"sort": "ADDED", "show": "ALL", "concept": 2**40},
        {},
    ],
)
def test_a_view_that_cannot_be_shows_all_at_the_same_picture(path, view):
    place = json.dumps({"image": 1, **view})
    execute(path, ("INSERT OR REPLACE INTO facts VALUES ('place', ?)", (place,)))
    assert reopened(path).place == Place(1)


@on_posix
def test_a_pipe_is_no_project_and_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "p.nameplate")
    with pytest.raises(ProjectError, match="no-project"):
        ProjectFile.open(tmp_path / "p.nameplate")


def test_a_small_file_that_unpacks_to_a_large_one_is_no_history(path):
    execute(path, ("UPDATE steps SET change = ?", (zlib.compress(bytes(100_000_000)),)))
    assert not reopened(path).history.done


def test_a_file_of_a_newer_nameplate_is_not_even_taken_out_of_another_journal(path):
    execute(path, f"PRAGMA user_version = {VERSION + 1}", "PRAGMA journal_mode = WAL")
    before = path.read_bytes()
    with pytest.raises(ProjectError, match="project-is-newer"):
        ProjectFile.open(path)
    assert path.read_bytes() == before


def test_steps_that_cannot_be_read_are_forgotten_and_the_rest_opens(tmp_path):
    path = tmp_path / "p.nameplate"
    opened, file = kept(path)
    for minimum in (0.25, 0.5, 0.75):
        opened.set(minimum=minimum)
    file.close()
    execute(path, ONE_BEFORE_THE_LAST)
    project = reopened(path)
    assert project.settings.minimum == 0.75
    assert len(project.history.done) == 1
    project.undo()
    assert project.settings.minimum == 0.5


def test_a_project_is_told_by_the_head_of_its_file(path):
    assert is_project(path)
    path.write_bytes(b"SQLite format 3\0" + bytes(100))
    assert not is_project(path)


@given(st.lists(st.integers(1, 60), unique=True).map(sorted))
def test_ids_of_images_come_back_from_a_change_as_they_were(ids):
    project = sixty_images()
    change = RemoveImages(np.array(ids, dtype=np.int64))
    plain = unpacked(encode(change, project.labels), 60, 10_000)
    assert decode(plain, project).ids.tolist() == ids


@pytest.mark.parametrize(
    "runs",
    [
        [[1, 10**12]],
        [[1, 10**9], [1, -(10**9)]],
        [[-3, 2]],
        [[2, 1], [1, 1]],
        [[61, 1]],
        [["x", 1]],
    ],
)
def test_ids_that_no_image_has_are_no_change(runs):
    project = sixty_images()
    head = json.dumps({"kind": "remove", "runs": runs}).encode()
    with pytest.raises(ValueError, match=r"images|ids|change|'x'"):
        decode(len(head).to_bytes(4, "little") + head, project)
