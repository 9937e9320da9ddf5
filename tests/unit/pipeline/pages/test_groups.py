"""Undecided images that look alike come in groups, and a name for one is one step."""

import numpy as np
import pytest

from nameplate.domain.changes import SetLabels, Title
from nameplate.domain.embeddings import ImageVectors
from nameplate.domain.errors import UsageError
from nameplate.domain.labels import DecidedBy, ReviewState, labels_of
from nameplate.pipeline.pages.groups import alike_groups, name_group, open_rows
from nameplate.project.label_changes import label
from project_help import Opened, around_axes, state_of


def decide(opened: Opened, rows: list[int], concept: int) -> None:
    change = label(opened.project, np.array(rows), concept, opened.now)
    opened.project.apply(change, Title("label", {"name": "x"}))


def test_groups_hold_each_undecided_image_once_the_largest_group_first():
    opened = around_axes(60)
    decide(opened, [0, 1], opened.ids[0])
    rows = open_rows(opened.project)

    groups = alike_groups(opened.project.images.vectors(), rows)

    assert sorted(np.concatenate(groups).tolist()) == list(range(2, 60))
    assert np.all(np.diff([len(group) for group in groups]) <= 0)


def test_of_too_few_images_and_of_equal_ones_groups_are_none_and_one():
    equal = [ImageVectors.of(np.tile(np.float32([1, 0, 0]), (10, 1)))]

    assert alike_groups(equal, np.arange(3)) == []
    assert [group.tolist() for group in alike_groups(equal, np.arange(10))] == [list(range(10))]


def test_naming_a_group_is_one_step_and_undo_takes_name_and_labels_back():
    opened = around_axes(20)
    project, before = opened.project, state_of(opened.project)

    change, title = name_group(project, np.array([5, 3, 9]), "zebra | striped horse", opened.now)
    project.apply(change, title)

    assert [c.name for c in project.concepts][-1] == "zebra"
    assert project.labels.rows_with({project.concepts[-1].key}).tolist() == [3, 5, 9]
    assert (project.labels.decided_by[[3, 5, 9]] == DecidedBy.PERSON).all()
    project.undo()
    assert state_of(project) == before


def test_a_name_that_is_there_is_used_and_decided_images_stay():
    opened = around_axes(20)
    project = opened.project
    first, second = project.concepts[:2]
    decide(opened, [4], second.key)

    change, title = name_group(project, np.array([4, 5]), first.name.upper(), opened.now)
    project.apply(change, title)

    assert project.labels.rows_with({first.key}).tolist() == [5]


def test_a_label_that_came_with_an_image_is_in_no_group_and_stays():
    opened = around_axes(20)
    project = opened.project
    first, second = project.concepts[:2]
    code = np.array([project.labels.sets.code_of([second.key])], np.int32)
    given = labels_of(code, DecidedBy.GIVEN, ReviewState.SUGGESTED)
    opened.do(SetLabels(project.images.ids[[4]], given))

    change, title = name_group(project, np.array([4, 5]), first.name, opened.now)
    project.apply(change, title)

    assert 4 not in open_rows(project)
    assert project.labels.rows_with({first.key}).tolist() == [5]


def test_a_name_that_is_none_is_refused():
    opened = around_axes(20)

    with pytest.raises(UsageError):
        name_group(opened.project, np.array([1]), "  ", opened.now)
