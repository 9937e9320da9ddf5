"""What deserves another look in a project, and names for groups of alike images."""

import numpy as np
import pytest

from nameplate.domain.changes import Title
from nameplate.domain.errors import UsageError
from nameplate.domain.labels import DecidedBy
from nameplate.features.outliers.rules import (
    Material,
    Oddity,
    call_right,
    find_oddities,
    is_called_right,
)
from nameplate.pipeline.reading.batch_encoder import Embedded
from nameplate.pipeline.reading.rescore import record
from nameplate.project.grouping import alike_groups, name_group, open_rows
from nameplate.project.labelling import label, skip
from project_help import Opened, opened_project, state_of

NOW = Title("label", {"name": "x"})


def around_axes(count: int, *, is_scored: bool = True) -> Opened:
    """Return a project of images near the axes of its three concepts, in turns."""
    opened = opened_project()
    opened.add_images(*(f"more{i}.jpg" for i in range(count - 4)))
    if is_scored:
        opened.score()
    noise = np.random.default_rng(0).normal(0, 0.05, (count, 3))
    vectors = (np.eye(3)[np.arange(count) % 3] + noise).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    record(Embedded(np.arange(count), vectors), opened.project, opened.suggestions)
    return opened


def found_in(opened: Opened):
    return find_oddities(Material.of(opened.project, opened.suggestions))


def decide(opened: Opened, rows: list[int], concept: int) -> None:
    change = label(opened.project, np.array(rows), concept, opened.now)
    opened.project.apply(change, NOW)


def suggested(opened: Opened, row: int) -> int:
    return int(opened.suggestions.suggested[row])


def test_a_wrong_decision_is_found_among_right_ones():
    opened = around_axes(40)
    for row in range(30):
        decide(opened, [row], suggested(opened, row))
    decide(opened, [7], suggested(opened, 8))

    found = found_in(opened)

    assert found.rows[Oddity.MISTAKE].tolist() == [7]
    assert found.missing == 0


def test_a_label_that_was_called_right_is_right_until_it_is_another():
    opened = around_axes(10)
    decide(opened, [2], 0)

    opened.project.apply(call_right(opened.project, np.array([2, 5])), NOW)
    assert is_called_right(opened.project, np.arange(10)).nonzero()[0].tolist() == [2, 5]

    decide(opened, [2, 5], 1)
    assert not is_called_right(opened.project, np.arange(10)).any()
    opened.project.undo()
    opened.project.undo()
    assert not is_called_right(opened.project, np.arange(10)).any()


def test_with_too_few_decisions_it_is_said_how_many_are_missing():
    opened = around_axes(40)
    for row in range(8):
        decide(opened, [row], suggested(opened, row + 1))

    found = found_in(opened)

    assert len(found.rows[Oddity.MISTAKE]) == 0
    assert found.missing == 12


def test_skipped_images_are_no_decisions_to_learn_from():
    opened = around_axes(40)
    opened.project.apply(skip(opened.project, np.arange(30), opened.now), NOW)

    assert found_in(opened).missing == 20


def test_only_undecided_images_fit_no_name():
    opened = around_axes(60)
    decide(opened, list(range(20)), suggested(opened, 0))

    assert found_in(opened).rows[Oddity.MISFIT].min() >= 20


@pytest.mark.parametrize("is_scored", [True, False])
def test_a_project_without_scores_or_embeddings_has_nothing_odd(is_scored: bool):
    opened = opened_project()
    if is_scored:
        opened.score()

    found = found_in(opened)

    assert all(len(rows) == 0 for rows in found.rows.values())
    assert found.confused == ()


def test_looking_changes_nothing():
    opened = around_axes(40)
    before = state_of(opened.project)

    found_in(opened)

    assert state_of(opened.project) == before


# ---- groups


def test_groups_hold_each_undecided_image_once_the_largest_group_first():
    opened = around_axes(60)
    decide(opened, [0, 1], suggested(opened, 0))
    rows = open_rows(opened.project)

    groups = alike_groups(opened.project.images.blocks(), rows)

    assert sorted(np.concatenate(groups).tolist()) == list(range(2, 60))
    assert np.all(np.diff([len(group) for group in groups]) <= 0)


def test_of_too_few_images_and_of_equal_ones_groups_are_none_and_one():
    equal = [np.tile(np.float32([1, 0, 0]), (10, 1))]

    assert alike_groups(equal, np.arange(3)) == []
    assert [group.tolist() for group in alike_groups(equal, np.arange(10))] == [list(range(10))]


def test_naming_a_group_is_one_step_and_undo_takes_name_and_labels_back():
    opened = around_axes(20)
    project, before = opened.project, state_of(opened.project)

    named = name_group(project, np.array([5, 3, 9]), "zebra | striped horse", opened.now)
    project.apply(named.change, named.title)

    assert [c.name for c in project.concepts][-1] == "zebra"
    assert project.labels.rows_with({named.concept}).tolist() == [3, 5, 9]
    assert (project.labels.decided_by[[3, 5, 9]] == DecidedBy.PERSON).all()
    project.undo()
    assert state_of(project) == before


def test_a_name_that_is_there_is_used_and_decided_images_stay():
    opened = around_axes(20)
    project = opened.project
    first, second = project.concepts[:2]
    decide(opened, [4], second.key)

    named = name_group(project, np.array([4, 5]), first.name.upper(), opened.now)
    project.apply(named.change, named.title)

    assert named.concept == first.key
    assert project.labels.rows_with({first.key}).tolist() == [5]


def test_a_name_that_is_none_is_refused():
    opened = around_axes(20)

    with pytest.raises(UsageError):
        name_group(opened.project, np.array([1]), "  ", opened.now)
