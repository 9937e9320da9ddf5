"""The best of a stack is the largest picture, of these the sharpest, of these the largest file."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from nameplate.scoring.best import Qualities, best_of, sharpness


def best(pixels, sharp, sizes, numbers=None) -> list[int]:
    of = Qualities(np.array(pixels), np.array(sharp, np.float32), np.array(sizes))
    stacks = np.zeros(len(pixels), np.int64) if numbers is None else np.array(numbers, np.int64)
    return np.flatnonzero(best_of(stacks, of)).tolist()


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
