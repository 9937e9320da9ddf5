"""Which image of a stack is the best: it is kept, the others are skipped, in one step."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from nameplate.domain.labels import NO_CONCEPT, ReviewState
from nameplate.domain.paths import PathList
from nameplate.domain.progress import CancelledError, CancelToken
from nameplate.domain.stacks import StackKind, Stacks
from nameplate.pipeline.stacks.best import (
    best_of,
    find_best,
    keep_best,
    sharpness,
)
from nameplate.project.labelling import label
from project_help import Opened, opened_project

X, Y = 0, 1


def best(pixels, sharp, sizes, numbers=None) -> list[int]:
    numbers = np.zeros(len(pixels), np.int64) if numbers is None else np.array(numbers, np.int64)
    of = np.array(pixels), np.array(sharp, np.float32), np.array(sizes)
    return np.flatnonzero(best_of(numbers, *of)).tolist()


def test_size_comes_before_sharpness_and_that_before_bytes():
    assert best([100, 400, 400], [9, 1, 5], [9, 9, 1]) == [2]
    assert best([400, 400, 400], [5, 4.9, 1], [10, 20, 90]) == [1]  # nearly as sharp
    assert best([4, 4], [1, 1], [7, 7]) == [0]


def test_each_stack_has_its_own_and_none_where_nothing_can_be_read():
    assert best([4, 0, 9, 0, 0], [1] * 5, [1] * 5, [0, 1, 0, 1, 2]) == [2]


def test_a_sharp_picture_is_sharper_than_the_same_blurred():
    rng = np.random.default_rng(0)
    picture = Image.fromarray(rng.integers(0, 256, (20, 30), np.uint8)).resize((300, 200))
    levels = [sharpness(np.asarray(picture.filter(ImageFilter.GaussianBlur(r)))) for r in (0, 1, 2)]
    assert levels[0] > levels[1] > levels[2]
    assert sharpness(np.zeros((2, 9), np.uint8)) == 0


@given(st.lists(st.tuples(*[st.integers(0, 3)] * 4), min_size=1, max_size=12))
def test_of_the_readable_ones_exactly_one_is_the_best(images):
    pixels, sharp, sizes, numbers = zip(*images, strict=True)
    found = best(pixels, sharp, sizes, numbers)
    readable = {number for one, number in zip(pixels, numbers, strict=True) if one}
    assert sorted(numbers[row] for row in found) == sorted(readable)
    assert all(pixels[row] for row in found)


# ---- of files


@pytest.fixture
def paths(tmp_path) -> PathList:
    """Two blurred frames and a sharp one, a picture alone, and two files that are none."""
    blocks = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    sharp = Image.fromarray(blocks).resize((300, 200))
    for number, blur in enumerate((2, 0, 1, 0)):
        sharp.filter(ImageFilter.GaussianBlur(blur)).save(tmp_path / f"{number}.png")
    for number in (4, 5):
        (tmp_path / f"{number}.png").write_bytes(b"no picture")
    return PathList(tmp_path / f"{number}.png" for number in range(6))


OF_FILES = Stacks(np.array([0, 0, 0, -1, 1, 1]), np.array([StackKind.BURST] * 6, np.uint8))


def test_the_sharpest_frame_is_the_best_and_what_cannot_be_read_is_never(paths):
    *progress, found = find_best(OF_FILES, paths, CancelToken())
    assert found.tolist() == [1]
    assert progress[-1].total == 5


def test_a_cancel_ends_it(paths):
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        list(find_best(OF_FILES, paths, cancel))


# ---- what keeping it does


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


@pytest.mark.parametrize("given", [Y, None])
def test_the_best_gets_the_label_that_others_were_given_or_stays_to_be_decided(opened, given):
    if given is not None:
        decide(opened, given, 0)
    opened.do(keep_best(opened.project, STACKS, rows(1), opened.now))
    expected = NO_CONCEPT if given is None else opened.ids[given]
    assert opened.label_ids == [NO_CONCEPT, expected, NO_CONCEPT, NO_CONCEPT]
    assert (opened.project.labels.states[1] == ReviewState.UNLABELLED) == (given is None)
    assert not keep_best(opened.project, STACKS, rows(3), opened.now).changes
