"""What deserves another look in a project."""

import numpy as np
import pytest

from nameplate.domain.changes import Title
from nameplate.domain.images import contents_of
from nameplate.features.outliers.rules import (
    Material,
    Oddity,
    call_right,
    find_oddities,
    is_called_right,
)
from nameplate.project.labelling import label, skip
from project_help import (
    Opened,
    around_axes,
    opened_project,
    state_of,
    take,
    try_reopening,
    try_undo,
)

NOW = Title("label", {"name": "x"})


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


def test_what_was_called_right_is_undone_done_again_and_kept(tmp_path):
    def take_one(opened, step):
        if step[0] == "call right":
            opened.do(call_right(opened.project, np.array(step[1])))
        else:
            take(opened, step)

    steps = [("label", [0, 1], 0), ("call right", [0, 2]), ("label", [0], 1), ("call right", [0])]
    try_undo(steps, take_one)
    try_reopening(tmp_path / "p.nameplate", [*steps, ("undo", [])], take_one)


def test_duplicates_are_odd_where_two_have_other_labels_through_what_they_share():
    opened = around_axes(10)
    keys = contents_of([f"{number:032x}-{number}" for number in (1, 1, 2, 3, 4, 5, 6)])
    opened.project.record_contents(np.arange(7), keys)
    for rows, concept in (([0], 0), ([2], 1), ([3, 4, 5], 0)):
        decide(opened, rows, concept)
    near = np.array([[1, 2], [3, 4], [5, 6]])  # 0 and 1 are equal files
    material = Material.of(opened.project, opened.suggestions, near)
    assert find_oddities(material).rows[Oddity.DUPLICATE].tolist() == [0, 1, 2]


def test_an_undecided_copy_of_a_labelled_file_is_odd_where_it_is_suggested_otherwise():
    opened = around_axes(8)
    numbers = [1, 1, 2, 2, 3, 3, 4, 4]
    keys = contents_of([f"{number:032x}-{number}" for number in numbers])
    opened.project.record_contents(np.arange(8), keys)
    decide(opened, [0], suggested(opened, 1))
    decide(opened, [2], next(c for c in range(3) if c != suggested(opened, 3)))
    decide(opened, [4], next(c for c in range(3) if c != suggested(opened, 5)))
    opened.project.apply(skip(opened.project, np.array([5]), opened.now), NOW)
    none = np.empty((0, 2), np.int64)
    material = Material.of(opened.project, opened.suggestions, none)
    assert find_oddities(material).rows[Oddity.DUPLICATE].tolist() == [2, 3]


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
