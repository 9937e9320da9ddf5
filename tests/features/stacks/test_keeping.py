"""The best image of a stack is kept, the others are skipped, in one step."""

import numpy as np
import pytest

from nameplate.domain.label_sets import NO_LABEL
from nameplate.domain.labels import NO_CONCEPT, ReviewState
from nameplate.domain.stacks import StackKind, Stacks
from nameplate.project.labelling import label
from nameplate.project.stacks import keep_best
from project_help import Opened, opened_project

X, Y = 0, 1


@pytest.fixture
def opened() -> Opened:
    """Rows 0 to 2 are a stack that is suggested as x, row 3 stands alone."""
    opened = opened_project()
    for row in range(4):
        opened.embed(row, X)
    opened.score()
    return opened


STACKS = Stacks(np.array([0, 0, 0, -1]), np.array([StackKind.BURST] * 3 + [0], np.uint8))


def rows(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


def decide(opened: Opened, concept: int, *of: int) -> None:
    opened.do(label(opened.project, rows(*of), opened.ids[concept], opened.now))


def test_the_best_keeps_its_label_and_the_others_are_skipped_in_one_step(opened):
    decide(opened, X, 0, 1, 2)
    change = keep_best(opened.project, STACKS, rows(1, 3), opened.now)
    opened.do(change)
    states = opened.project.labels.states
    assert states.tolist() == [ReviewState.SKIPPED, ReviewState.ACCEPTED, ReviewState.SKIPPED, 0]
    opened.project.undo()
    assert opened.label_ids[:3] == [opened.ids[X]] * 3


def test_the_best_gets_the_label_that_others_of_its_stack_were_given(opened):
    decide(opened, Y, 0)
    opened.do(keep_best(opened.project, STACKS, rows(1), opened.now))
    assert opened.label_ids == [NO_CONCEPT, opened.ids[Y], NO_CONCEPT, NO_CONCEPT]


def test_a_best_image_that_nobody_named_stays_to_be_decided(opened):
    opened.do(keep_best(opened.project, STACKS, rows(1), opened.now))
    labels = opened.project.labels
    assert labels.concepts[1] == NO_LABEL
    assert labels.states[1] == ReviewState.UNLABELLED
    assert not keep_best(opened.project, STACKS, rows(3), opened.now).changes
