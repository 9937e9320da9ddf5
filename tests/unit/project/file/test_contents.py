"""A project knows its images by the content of their files too."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nameplate.domain.changes import Relink, RemoveImages, Settings
from nameplate.domain.filtering.conditions import HasConcept
from nameplate.domain.filtering.filters import Filter
from nameplate.domain.filtering.states import InState, State
from nameplate.domain.filtering.views import Place, Sort, View
from nameplate.domain.images import contents_of, is_other_content
from nameplate.domain.messages import Message
from nameplate.domain.paths import PathList
from nameplate.project.file.autosave import ProjectFile
from nameplate.project.label_changes import auto_label, change_concepts, label
from nameplate.project.project import Project
from nameplate.system.file_status import content_key
from project_help import opened_project, reopened

KEYS = [f"{number:032x}-{number}" for number in range(1, 4)]


@pytest.fixture
def opened():
    opened = opened_project()
    for row, axis in ((0, 0), (1, 1), (2, 0)):
        opened.embed(row, axis)
    opened.score()
    return opened


def read(opened, row, key):
    opened.project.record_contents(np.array([row]), contents_of([key]))


def key_of(content):
    return f"{content['digest'].tobytes().hex()}-{content['size']}"


def test_a_content_has_the_size_and_the_digest_of_its_key(tmp_path):
    file = tmp_path / "a.jpg"
    file.write_bytes(os.urandom(1000))
    (content,) = contents_of([content_key(file)])
    assert content["size"] == 1000
    assert key_of(content) == content_key(file)


def test_contents_are_no_others_where_one_is_unknown():
    known, other = (
        contents_of([KEYS[0], None, KEYS[0], KEYS[0], "x-1"]),
        contents_of([KEYS[0], KEYS[0], None, KEYS[1], "x-1"]),
    )
    assert is_other_content(known, other).tolist() == [False, False, False, True, False]


def test_contents_that_were_read_are_in_the_file(tmp_path, opened):
    path = tmp_path / "p.nameplate"
    file = ProjectFile.create(path, opened.project)
    read(opened, 0, KEYS[0])
    read(opened, 2, None)
    opened.add_images("late.jpg")
    read(opened, 4, KEYS[1])
    assert file.close()
    contents = reopened(path).images.contents
    assert contents["size"].tolist() == [1, -1, -1, -1, 2]
    assert key_of(contents[4]) == KEYS[1]


def test_reading_is_no_step_that_could_be_undone(opened):
    steps = len(opened.project.history.done)
    read(opened, 0, KEYS[0])
    assert len(opened.project.history.done) == steps


def test_a_file_that_changed_after_a_person_decided_is_told_until_they_decide_again(
    tmp_path, opened
):
    path, project = tmp_path / "p.nameplate", opened.project
    read(opened, 0, KEYS[0])
    opened.do(label(project, np.array([0]), opened.ids[0], opened.now))
    file = ProjectFile.create(path, project)
    assert not project.images.changed
    read(opened, 0, KEYS[1])
    assert list(project.images.changed) == [0]
    assert file.close()

    file = ProjectFile.open(path)
    opened.project = project = file.project
    assert key_of(project.images.contents[0]) == KEYS[0]
    read(opened, 0, KEYS[1])
    assert list(project.images.changed) == [0]
    later = replace(opened.now, at=opened.now.at + 1000)
    opened.do(label(project, np.array([0]), opened.ids[1], later))
    assert not project.images.changed
    assert file.close()
    assert key_of(reopened(path).images.contents[0]) == KEYS[1]


def test_a_file_that_changed_back_is_not_told(opened):
    read(opened, 0, KEYS[0])
    opened.do(label(opened.project, np.array([0]), opened.ids[0], opened.now))
    read(opened, 0, KEYS[1])
    read(opened, 0, KEYS[0])
    assert not opened.project.images.changed


def test_a_file_that_changed_before_a_person_decided_is_just_read_again(opened):
    read(opened, 0, KEYS[0])
    opened.do(auto_label(opened.project, np.array([0]), opened.now))
    read(opened, 0, KEYS[1])
    assert not opened.project.images.changed
    assert key_of(opened.project.images.contents[0]) == KEYS[1]


@pytest.mark.parametrize("sort", [Sort.PROBABILITY, "gone"])  # the order of a feature
def test_the_place_of_the_person_is_kept_and_makes_no_file(sort, tmp_path, opened):
    shown = Filter.of(InState(State.TO_CHECK), HasConcept(opened.ids[1]))
    place = Place(3, View(sort, is_falling=True, filter=shown))
    file = ProjectFile.create(tmp_path / "p.nameplate", opened.project)
    opened.project.move_to(Place(2))
    opened.project.move_to(place)
    assert file.close()
    assert reopened(tmp_path / "p.nameplate").place == place

    empty = Project(Settings())
    file = ProjectFile.begin(tmp_path / "empty.nameplate", empty)
    empty.move_to(Place(0, View(Sort.PROBABILITY)))
    assert file.close()
    assert not (tmp_path / "empty.nameplate").exists()


def test_an_image_that_was_relinked_waits_to_be_read_where_it_is_now(opened):
    project = opened.project
    project.images.set_unreadable(3, Message("has-vanished"))
    ids = project.images.ids[[1, 3]]
    opened.do(Relink(ids, PathList([Path("/new/1.jpg"), Path("/new/3.jpg")])))
    new = [str(Path("/new/1.jpg")), str(Path("/new/3.jpg"))]
    assert project.images.paths.texts == ["0.jpg", new[0], "2.jpg", new[1]]
    assert project.images.waiting_rows().tolist() == [1, 3]
    assert not project.images.reasons
    assert not len(project.to_add([Path("/new/3.jpg")]).ids)
    assert len(project.to_add([Path("3.jpg")]).ids) == 1
    project.undo()
    assert project.images.paths.texts == ["0.jpg", "1.jpg", "2.jpg", "3.jpg"]


def test_undo_and_the_end_of_another_name_are_no_decision_about_a_file_that_changed(opened):
    project = opened.project
    read(opened, 0, KEYS[0])
    opened.do(label(project, np.array([0]), opened.ids[0], opened.now))
    read(opened, 0, KEYS[1])
    opened.do(change_concepts(project, project.concepts[:1]))
    assert list(project.images.changed) == [0]
    project.undo()
    project.undo()
    project.redo()
    assert list(project.images.changed) == [0]


def test_a_file_is_that_of_an_image_that_is_there_before_one_that_was_removed(tmp_path, opened):
    project = opened.project
    opened.do(RemoveImages(project.images.ids[[0]]))
    opened.do(Relink(project.images.ids[[1]], PathList([Path("0.jpg")])))
    assert ProjectFile.create(tmp_path / "p.nameplate", project).close()
    again = reopened(tmp_path / "p.nameplate")
    assert not len(again.to_add([Path("0.jpg")]).ids)
    assert again.row_of("0.jpg") == 1
