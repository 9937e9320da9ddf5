"""A project changes by steps, each of which can be undone and done again."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nameplate.domain.changes import RemoveImages, SetConcepts, SetFact, Settings, Several, Title
from nameplate.domain.concepts import add
from nameplate.project.facts import SETTINGS
from nameplate.project.history import History
from nameplate.project.label_changes import label
from nameplate.project.project import Project
from project_help import PLAIN, STEPS, TEST, opened_project, state_of, try_undo


@given(st.lists(STEPS, max_size=12))
def test_whatever_was_done_can_be_undone_and_done_again(steps):
    try_undo(steps)


def test_undo_and_redo_do_nothing_where_there_is_nothing_to_do():
    project = Project(Settings(PLAIN))
    assert not project.undo().images
    assert not project.redo().concepts
    assert project.revision == 0


def test_a_new_step_makes_the_undone_ones_go():
    opened = opened_project()
    opened.set(minimum=0.5)
    opened.project.undo()
    opened.set(minimum=0.25)
    assert not opened.project.history.undone
    assert opened.project.settings.minimum == 0.25


def test_the_oldest_steps_go_first():
    history = History(most=2)
    numbers = [history.push(TEST, SetConcepts(())).number for _ in range(3)]
    assert [step.number for step in history.done] == numbers[1:]


def test_images_are_added_once():
    project = opened_project().project
    again = project.to_add(map(Path, ["3.jpg", "4.jpg", "4.jpg"]))
    assert again.paths.texts == ["4.jpg"]
    project.add_images(again)
    assert not len(project.to_add([Path("4.jpg")]).ids)


def test_removed_images_come_back_with_their_id_and_label():
    opened = opened_project()
    project = opened.project
    opened.do(label(project, np.array([2]), opened.ids[0], opened.now))
    (number,) = project.images.ids[[2]]
    opened.do(RemoveImages(np.array([number])))
    assert project.images.present == project.images.waiting == 3
    assert project.counts.by_concept() == {}
    opened.add_images("2.jpg", "new.jpg")
    assert project.images.present == 5
    assert project.images.ids[2] == number
    assert project.labels.members(2) == (opened.ids[0],)
    assert project.counts.by_concept() == {opened.ids[0]: 1}


def test_ids_of_images_and_concepts_are_never_used_again():
    opened = opened_project()
    project = opened.project
    project.undo()  # the images
    project.undo()  # the concepts
    assert project.concepts == ()
    opened.add_images("other.jpg")
    assert project.images.ids.tolist() == [1, 2, 3, 4, 5]
    opened.do(SetConcepts(add((), "other", least_key=project.next_concept_id)))
    assert project.concepts[0].key == 3


def test_the_batches_of_a_folder_are_one_step_whatever_is_done_between_them():
    opened = opened_project()
    project = opened.project
    _, number = project.add_images(project.to_add([Path("a.jpg")]))
    opened.suggestions.grow(5)
    opened.set(minimum=0.5)
    _, same = project.add_images(project.to_add([Path("b.jpg")]), number)
    assert same == number
    assert [step.title for step in project.history.done][-2:] == [
        Title("add-images", {"count": 2}),
        TEST,
    ]
    project.undo()
    assert project.settings.minimum == 0
    assert project.images.present == 6
    project.undo()
    assert project.images.present == 4
    project.redo()
    assert project.images.present == 6


def test_a_folder_whose_adding_was_undone_goes_on_as_a_step_of_its_own():
    project = opened_project().project
    _, number = project.add_images(project.to_add([Path("a.jpg")]))
    project.undo()
    _, other = project.add_images(project.to_add([Path("b.jpg")]), number)
    assert other != number
    assert project.images.present == 5


def test_who_keeps_the_project_hears_of_each_change_and_its_step():
    heard = []
    project = Project(Settings(PLAIN), heard.append)
    change = SetFact(SETTINGS, Settings(PLAIN, minimum=0.5))
    project.apply(change, TEST)
    project.undo()
    project.redo()
    assert [one.change for one in heard] == [change, SetFact(SETTINGS, Settings(PLAIN)), change]
    assert [(one.is_new, one.is_undone) for one in heard] == [
        (True, False),
        (False, True),
        (False, False),
    ]
    assert {one.step.number for one in heard} == {1}


def test_a_label_of_a_concept_that_is_not_there_is_refused():
    opened = opened_project()
    project = opened.project
    step = label(project, np.array([1]), opened.ids[0], opened.now)
    with_name, without = project.concepts, project.concepts[1:]
    opened.do(SetConcepts(without))
    before, steps = state_of(project), len(project.history.done)
    with pytest.raises(ValueError, match="no concept"):
        opened.do(Several((SetFact(SETTINGS, Settings(PLAIN, 0.7)), step)))
    assert state_of(project) == before
    assert len(project.history.done) == steps
    opened.do(Several((step, SetConcepts(with_name))))
    assert project.labels.members(1) == (opened.ids[0],)


def test_a_change_of_an_image_that_is_not_there_is_refused():
    opened = opened_project()
    before = state_of(opened.project)
    with pytest.raises(KeyError):
        opened.do(RemoveImages(np.array([99])))
    assert state_of(opened.project) == before
    assert opened.project.history.done[-1].title != TEST
